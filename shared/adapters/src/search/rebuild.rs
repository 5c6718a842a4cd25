//! A snapshot built from nothing, in a folder of its own, while the one in force goes on serving and being kept up.
//! Meanwhile the manifest logs what is applied, so that it can be read once more before the new snapshot takes over.
//! When it does, that is one replacement like any other: all of it or nothing.

use async_trait::async_trait;
use bharatmart_core::ports::{Etag, Fault, Fence, Rebuild, SearchDoc, SnapshotInfo};
use bharatmart_core::{ProductId, Tenant, Timestamp};
use tantivy::indexer::IndexWriter;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, Index, Searcher, TERMINATED, Term};

use super::directory::Overlay;
use super::edit::{self, Edits, known};
use super::manifest::Log;
use super::packs::Workshop;
use super::schema::{self, FIELDS};
use super::snapshot::{self, Opened, Snapshot};
use super::writer::{Base, Next, TantivyIndex, manifest};
use super::{PORT, blocking, broken};

/// So many at once, as far as the writer's memory is concerned.
const MANY: usize = usize::MAX;

pub(super) struct Rebuilding {
    index: TantivyIndex,
    began: Began,
    work: Work,
    /// What was in force when `changed` was answered.
    base: Option<Base>,
}

/// How it is known what was applied since.
enum Began {
    /// There is a log of this name.
    Logging(String),
    /// Nothing could be applied, since what is published cannot be read, or nothing is.
    From(Option<Etag>),
}

enum Work {
    Adding(Box<Adding>),
    /// Uploaded, and in force nowhere.
    Built(std::sync::Arc<Snapshot>),
    /// A step failed midway, or it has been published.
    Over,
}

struct Adding {
    writer: IndexWriter,
    index: Index,
    files: Overlay,
    /// Last, so that it is removed after the others have let go of it.
    _workshop: Workshop,
}

impl Rebuilding {
    pub(super) async fn begin(index: TantivyIndex) -> Result<Self, Fault> {
        let began = {
            let mut held = index.held.lock().await;
            let base = index.base(&mut held, true).await?;
            match &base.snapshot {
                None => Began::From(base.etag.clone()),
                Some(snapshot) => {
                    let of = format!("{:016x}", rand::random::<u64>());
                    let mut manifest = snapshot.manifest.clone();
                    manifest.log = Some(Log { of: of.clone(), keys: Default::default() });
                    index.publish(&manifest, base.etag.as_ref()).await?;
                    Began::Logging(of)
                }
            }
        };
        let packs = index.packs.clone();
        let adding = blocking(move || {
            let workshop = packs.workshop()?;
            let files = Overlay::in_folder(&workshop.path).map_err(broken)?;
            let index = snapshot::index(files.clone())?;
            let writer = edit::writer(&index, MANY).map_err(broken)?;
            Ok(Adding { writer, index, files, _workshop: workshop })
        });
        let work = Work::Adding(Box::new(adding.await?));
        Ok(Rebuilding { index, began, work, base: None })
    }

    /// Commits what was added as one segment, and uploads it.
    async fn built(&mut self) -> Result<std::sync::Arc<Snapshot>, Fault> {
        let adding = match std::mem::replace(&mut self.work, Work::Over) {
            Work::Adding(adding) => adding,
            Work::Built(snapshot) => {
                self.work = Work::Built(snapshot.clone());
                return Ok(snapshot);
            }
            Work::Over => return Err(over()),
        };
        let (written, adding) = blocking(move || {
            let Adding { mut writer, index, files, _workshop } = *adding;
            writer.commit().map_err(broken)?;
            let segments = index.searchable_segment_ids().map_err(broken)?;
            if segments.len() > 1 {
                writer.merge(&segments).wait().map_err(broken)?;
            }
            writer.wait_merging_threads().map_err(broken)?;
            let written = edit::written(&index, &files, None)?;
            Ok((written, (index, files, _workshop)))
        })
        .await?;
        let mut manifest = manifest(Fence(0), written.documents, Timestamp::from_millis(0));
        self.index.pack(&mut manifest, None, written).await?;
        drop(adding);
        let etag = Etag(String::new());
        match Snapshot::open(&self.index.packs, manifest, etag, None).await? {
            Opened::Whole(snapshot) => {
                self.work = Work::Built(snapshot.clone());
                Ok(snapshot)
            }
            Opened::Outdated => Err(Fault::busy(PORT, "what was built is no longer there; build it anew")),
        }
    }
}

fn over() -> Fault {
    Fault::broken(PORT, "the rebuild is over")
}

#[async_trait]
impl Rebuild for Rebuilding {
    async fn add(&mut self, docs: Vec<SearchDoc>) -> Result<(), Fault> {
        let adding = match std::mem::replace(&mut self.work, Work::Over) {
            Work::Adding(adding) => adding,
            built => {
                self.work = built;
                return Err(over());
            }
        };
        let adding = blocking(move || {
            for doc in docs {
                let digest = schema::digest(&doc);
                adding.writer.add_document(schema::document(&doc, digest)).map_err(broken)?;
            }
            Ok(adding)
        });
        self.work = Work::Adding(adding.await?);
        Ok(())
    }

    async fn changed(&mut self) -> Result<Vec<(Tenant, ProductId)>, Fault> {
        let built = self.built().await?;
        let base = {
            let mut held = self.index.held.lock().await;
            self.index.base(&mut held, true).await?
        };
        let mut changed = match (&self.began, &base.snapshot) {
            (Began::From(etag), _) if *etag == base.etag => Vec::new(),
            (Began::Logging(of), Some(snapshot)) => match &snapshot.manifest.log {
                Some(log) if log.of == *of => log.keys.iter().filter_map(|key| read_key(key)).collect(),
                _ => return Err(Fault::busy(PORT, "too much was applied meanwhile, or another rebuild began")),
            },
            _ => return Err(Fault::busy(PORT, "something was published meanwhile")),
        };
        if let Some(snapshot) = base.snapshot.clone() {
            changed.extend(blocking(move || missing(&snapshot.searcher, &built.searcher).map_err(broken)).await?);
        }
        changed.sort();
        changed.dedup();
        self.base = Some(base);
        Ok(changed)
    }

    async fn publish(
        &mut self,
        fence: Fence,
        docs: Vec<SearchDoc>,
        gone: Vec<(Tenant, ProductId)>,
        now: Timestamp,
    ) -> Result<SnapshotInfo, Fault> {
        let from = self.built().await?;
        let base = self.base.take().ok_or_else(|| Fault::broken(PORT, "nobody asked what has changed meanwhile"))?;
        let next = Next { from: Some(from), edits: Edits { docs, gone }, log: None, fence, now };
        let published = self.index.put(&mut *self.index.held.lock().await, &base, next).await?;
        self.work = Work::Over;
        Ok(published)
    }
}

fn read_key(key: &str) -> Option<(Tenant, ProductId)> {
    let (tenant, id) = key.split_once('/')?;
    Some((Tenant::parse(tenant).ok()?, id.parse().ok()?))
}

/// What is in force and was not added: a list that lags behind may have left it out.
fn missing(in_force: &Searcher, built: &Searcher) -> tantivy::Result<Vec<(Tenant, ProductId)>> {
    let mut missing = Vec::new();
    for segment in in_force.segment_readers() {
        let index = segment.inverted_index(FIELDS.key)?;
        let mut keys = index.terms().stream()?;
        while keys.advance() {
            let Ok(key) = std::str::from_utf8(keys.key()) else { continue };
            if known(Some(built), &Term::from_field_text(FIELDS.key, key))?.is_some() {
                continue;
            }
            let mut postings = index.read_postings_from_terminfo(keys.value(), IndexRecordOption::Basic)?;
            let mut alive = false;
            while postings.doc() != TERMINATED && !alive {
                alive = !segment.is_deleted(postings.doc());
                postings.advance();
            }
            missing.extend(Some(key).filter(|_| alive).and_then(read_key));
        }
    }
    Ok(missing)
}
