//! From one snapshot to the files of the next: which documents change, the commit, and the merges after it.
//! Everything new stays in memory; `writer` publishes it. Beginning from nothing is `rebuild`'s part.

use std::collections::{HashMap, HashSet};

use bharatmart_core::ports::{Fault, SearchDoc};
use bharatmart_core::{ProductId, Tenant};
use tantivy::directory::OwnedBytes;
use tantivy::indexer::{IndexWriter, IndexWriterOptions, NoMergePolicy};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, Index, Searcher, TERMINATED, TantivyDocument, Term};

use super::directory::Overlay;
use super::snapshot::{self, Snapshot};
use super::{PORT, broken, merging, orders, schema};

const META: &str = "meta.json";

/// What Tantivy asks for at least; enough for some ten thousand documents.
const MEMORY: usize = 15_000_000;
/// For more at once, so that they come out as few segments.
const MEMORY_FOR_MANY: usize = 200_000_000;
const MANY: usize = 10_000;

pub(super) struct Edits {
    pub docs: Vec<SearchDoc>,
    pub gone: Vec<(Tenant, ProductId)>,
}

impl Edits {
    /// Keys of all that they speak of.
    pub(super) fn keys(&self) -> Vec<String> {
        let docs = self.docs.iter().map(|doc| schema::key_text(&doc.tenant, doc.id));
        docs.chain(self.gone.iter().map(|(tenant, id)| schema::key_text(tenant, *id))).collect()
    }
}

pub(super) struct Written {
    pub documents: u64,
    /// Files of the snapshot it was made from that the next one still has.
    pub kept: HashSet<String>,
    pub new: Vec<NewFile>,
}

pub(super) struct NewFile {
    pub path: String,
    pub content: OwnedBytes,
}

/// What is to be done under one key; `None` takes the document out.
type Change = (Term, Option<TantivyDocument>);

/// `None` when `base` has it all already.
pub(super) fn write(base: Option<&Snapshot>, edits: Edits) -> Result<Option<Written>, Fault> {
    let changes = changes(base.map(|base| &base.searcher), edits).map_err(broken)?;
    if base.is_some() && changes.is_empty() {
        return Ok(None);
    }
    let files = base.map(|base| base.files.afresh()).unwrap_or_default();
    let index = snapshot::index(files.clone())?;
    commit(&index, changes).map_err(broken)?;
    written(&index, &files, base).map(Some)
}

/// What the index consists of now, and which of it `base` had already.
pub(super) fn written(index: &Index, files: &Overlay, base: Option<&Snapshot>) -> Result<Written, Fault> {
    let metas = index.load_metas().map_err(broken)?;
    let mut written = Written { documents: 0, kept: HashSet::new(), new: Vec::new() };
    written.documents = metas.segments.iter().map(|segment| u64::from(segment.num_docs())).sum();
    let before = |path: &str| base.is_some_and(|base| base.manifest.files.iter().any(|file| file.path == path));
    // In a fixed order, so that files of one segment lie together.
    let mut paths: Vec<_> = metas.list_segment_files().into_iter().collect();
    paths.push(META.into());
    paths.sort();
    for path in paths {
        let name = path.to_string_lossy().into_owned();
        match files.fresh(&path) {
            Some(file) => {
                let content = file.read_bytes().map_err(|e| Fault::broken(PORT, e))?;
                written.new.push(NewFile { path: name, content });
            }
            None if before(&name) => drop(written.kept.insert(name)),
            // Tantivy lists files that a segment may have.
            None => {}
        }
    }
    for segment in snapshot::searcher(index)?.segment_readers() {
        let path = orders::file_name(segment.segment_id());
        if before(&path) {
            written.kept.insert(path);
        } else if let Some(content) = orders::of(segment)? {
            written.new.push(NewFile { path, content: OwnedBytes::new(content) });
        }
    }
    Ok(written)
}

fn changes(base: Option<&Searcher>, Edits { docs, gone }: Edits) -> tantivy::Result<Vec<Change>> {
    let mut latest: HashMap<Term, SearchDoc> = HashMap::with_capacity(docs.len());
    for doc in docs {
        let key = schema::key(&doc.tenant, doc.id);
        if latest.get(&key).is_none_or(|known| known.version <= doc.version) {
            latest.insert(key, doc);
        }
    }
    let mut changes = Vec::with_capacity(latest.len() + gone.len());
    for (tenant, id) in gone {
        let key = schema::key(&tenant, id);
        latest.remove(&key);
        if known(base, &key)?.is_some() {
            changes.push((key, None));
        }
    }
    // Ids sort by age, and lists show what is of one age: their rows then lie together.
    let mut latest: Vec<_> = latest.into_iter().collect();
    latest.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
    for (key, doc) in latest {
        let digest = schema::digest(&doc);
        let known = known(base, &key)?;
        if known.is_none_or(|(version, content)| version < doc.version || version == doc.version && content != digest) {
            let document = schema::document(&doc, digest);
            changes.push((key, Some(document)));
        }
    }
    Ok(changes)
}

/// Version and digest of the document under this key.
pub(super) fn known(base: Option<&Searcher>, key: &Term) -> tantivy::Result<Option<(u64, u64)>> {
    for segment in base.map_or(&[][..], Searcher::segment_readers) {
        let index = segment.inverted_index(key.field())?;
        let Some(mut postings) = index.read_postings(key, IndexRecordOption::Basic)? else { continue };
        while postings.doc() != TERMINATED {
            let doc = postings.doc();
            if !segment.is_deleted(doc) {
                let columns = segment.fast_fields();
                let figure = |name| Ok::<_, tantivy::TantivyError>(columns.u64(name)?.first(doc).unwrap_or_default());
                return Ok(Some((figure(schema::column::VERSION)?, figure(schema::column::DIGEST)?)));
            }
            postings.advance();
        }
    }
    Ok(None)
}

fn commit(index: &Index, changes: Vec<Change>) -> tantivy::Result<()> {
    let mut writer = writer(index, changes.len())?;
    for (key, document) in changes {
        writer.delete_term(key);
        if let Some(document) = document {
            writer.add_document(document)?;
        }
    }
    writer.commit()?;
    while let Some(segments) = merging::next(&index.searchable_segment_metas()?) {
        writer.merge(&segments).wait()?;
    }
    writer.wait_merging_threads()
}

/// For so many changes.
pub(super) fn writer(index: &Index, changes: usize) -> tantivy::Result<IndexWriter> {
    let memory = if changes < MANY { MEMORY } else { MEMORY_FOR_MANY };
    let options = IndexWriterOptions::builder()
        .num_worker_threads(1)
        .num_merge_threads(1)
        .memory_budget_per_thread(memory)
        .build();
    let writer: IndexWriter = index.writer_with_options(options)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    Ok(writer)
}
