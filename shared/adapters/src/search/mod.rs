//! Search on Tantivy, as embedded engine and as one shared by many readers: the writer publishes whole snapshots through
//! the blob port, readers fetch what is new of one and swap to it. The blob store alone holds the truth; folders of
//! readers and writers are caches that may be lost, old or damaged at any time.

mod answer;
mod collecting;
mod columns;
mod counts;
mod devanagari;
mod directory;
mod edit;
mod figures;
mod filters;
mod glance;
mod head;
mod highlights;
mod manifest;
mod matching;
mod memory;
mod merging;
mod nearness;
mod orders;
mod packs;
mod page;
mod reader;
mod rebuild;
mod rows;
mod schema;
mod sets;
mod shelf;
mod snapshot;
mod sounds;
mod suggest;
mod sums;
mod synonyms;
mod words;
mod writer;

use bharatmart_core::ports::Fault;

pub use reader::TantivySearch;
pub use writer::TantivyIndex;

const PORT: &str = "search";

fn broken(error: tantivy::TantivyError) -> Fault {
    Fault::broken(PORT, error)
}

/// For work on files, and for questions to an index too large to be answered in a moment.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Fault::broken(PORT, e))?
}
