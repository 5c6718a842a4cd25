//! The one writer. It keeps nothing of its own: each apply starts from the published snapshot, writes what is new in
//! memory, uploads that as a pack, and puts a new manifest in the place of the very one it started from.
//! Killed anywhere before that last step, it has changed nothing.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::ports::{Blobs, Etag, Fault, Fence, PutRefused, Rebuild, SearchDoc, SearchIndex, SnapshotInfo};
use bharatmart_core::{ProductId, Tenant, Timestamp};
use tokio::sync::Mutex;

use super::edit::{self, Edits, NewFile, Written};
use super::manifest::{self, CURRENT, Found, Log, Manifest, PackedFile, Retired};
use super::packs::Packs;
use super::rebuild::Rebuilding;
use super::schema::SHAPE;
use super::snapshot::{Opened, Snapshot};
use super::{PORT, blocking};

/// How long a pack outlives its last snapshot: a reader that had just read that manifest may be fetching it.
const GRACE: Duration = Duration::from_secs(60);

/// Files are packed up to this size; a larger one has a pack of its own.
const PACK_SIZE: usize = 64 << 20;

#[derive(Clone)]
pub struct TantivyIndex {
    pub(super) packs: Packs,
    pub(super) held: Arc<Mutex<Held>>,
}

#[derive(Default)]
pub(super) struct Held {
    /// The last snapshot that was opened here, so that the next takes over its packs.
    snapshot: Option<Arc<Snapshot>>,
    /// Whether this writer has looked for packs that a killed one had uploaded and never published.
    swept: bool,
}

/// What is published now, and what it takes to replace it.
#[derive(Clone)]
pub(super) struct Base {
    pub snapshot: Option<Arc<Snapshot>>,
    fence: Fence,
    pub etag: Option<Etag>,
}

/// What is to be published.
pub(super) struct Next {
    /// The snapshot to begin with: the one in force, or one that was built anew.
    pub from: Option<Arc<Snapshot>>,
    pub edits: Edits,
    pub log: Option<Log>,
    pub fence: Fence,
    pub now: Timestamp,
}

impl TantivyIndex {
    /// Fetches the snapshot in force, so that the first apply need not; when it cannot be had, or must be rebuilt,
    /// that is for the first apply to tell. `work_dir` keeps packs between applies; it may be empty, old or damaged.
    pub async fn open(blobs: Arc<dyn Blobs>, work_dir: &Path) -> Result<Self, Fault> {
        let index = TantivyIndex { packs: Packs::open(blobs, work_dir)?, held: Arc::default() };
        if let Err(fault) = index.base(&mut *index.held.lock().await, false).await {
            tracing::warn!(%fault, "the search snapshot could not be had");
        }
        Ok(index)
    }

    async fn change(&self, fence: Fence, edits: Edits, now: Timestamp) -> Result<SnapshotInfo, Fault> {
        let mut held = self.held.lock().await;
        let base = self.base(&mut held, false).await?;
        let from = base.snapshot.clone();
        let log = from.as_ref().and_then(|from| from.manifest.log.clone()).and_then(|log| log.with(edits.keys()));
        self.put(&mut held, &base, Next { from, edits, log, fence, now }).await
    }

    /// Puts `next` in the place of `base`, and of nothing else.
    pub(super) async fn put(&self, held: &mut Held, base: &Base, next: Next) -> Result<SnapshotInfo, Fault> {
        let Next { from, edits, log, fence, now } = next;
        if base.fence > fence {
            let greater = base.fence.0;
            return Err(Fault::broken(PORT, format!("fence {} is over: {greater} has published", fence.0)));
        }
        let before = from.clone();
        let written = blocking(move || edit::write(before.as_deref(), edits)).await?;
        let goes_on =
            from.as_ref().map(|from| &from.manifest.name) == base.snapshot.as_ref().map(|base| &base.manifest.name);
        let written = match (written, &from) {
            (Some(written), _) => written,
            (None, Some(from)) if goes_on => return Ok(from.manifest.info()),
            (None, Some(from)) => from.as_it_is(),
            (None, None) => return Err(Fault::broken(PORT, "nothing written")),
        };
        let mut manifest = manifest(fence, written.documents, now);
        manifest.log = log;
        self.pack(&mut manifest, from.as_deref(), written).await?;
        let mut unused = retire(&mut manifest, base.snapshot.as_deref(), now);
        // Listed before publishing: whoever uploaded one of these starts from a manifest that is then no longer there.
        // But for a rebuild, which keeps a log: its packs are in no manifest yet.
        let sweep = (!held.swept || !goes_on) && manifest.log.is_none();
        if sweep {
            unused.extend(self.packs.uploaded().await?.into_iter().filter(|pack| !manifest.uses(pack)));
        }
        if let Err(fault) = self.publish(&manifest, base.etag.as_ref()).await {
            // What is in force may not be what was held for it.
            held.snapshot = None;
            return Err(fault);
        }
        held.swept |= sweep;
        self.tidy(&manifest, unused).await;
        Ok(manifest.info())
    }

    /// `anew` for one who needs nothing of what is published but to replace it.
    pub(super) async fn base(&self, held: &mut Held, anew: bool) -> Result<Base, Fault> {
        // A pack goes missing while this looks only if another writer publishes all the time.
        for _ in 0..3 {
            let blobs = &*self.packs.blobs;
            let found = match &held.snapshot {
                Some(snapshot) => match manifest::read_newer(blobs, &snapshot.etag).await? {
                    None => return Ok(Base::of(snapshot.clone())),
                    newer => newer,
                },
                None => manifest::read(blobs).await?,
            };
            let (manifest, etag) = match found {
                None => return Ok(Base { snapshot: None, fence: Fence(0), etag: None }),
                Some(Found::Foreign { fence, etag, .. }) if anew => {
                    return Ok(Base { snapshot: None, fence, etag: Some(etag) });
                }
                Some(found) => found.ours()?,
            };
            let (fence, seen) = (manifest.fence, etag.clone());
            match Snapshot::open(&self.packs, manifest, etag, held.snapshot.as_deref()).await {
                Ok(Opened::Whole(snapshot)) => return Ok(Base::of(held.snapshot.insert(snapshot).clone())),
                Ok(Opened::Outdated) if !anew => held.snapshot = None,
                // A damaged snapshot is what a rebuild is for.
                Ok(Opened::Outdated) | Err(Fault::Broken { .. }) if anew => {
                    return Ok(Base { snapshot: None, fence, etag: Some(seen) });
                }
                Ok(Opened::Outdated) => {}
                Err(fault) => return Err(fault),
            }
        }
        Err(Fault::broken(PORT, "a pack of the published snapshot is missing; it must be rebuilt"))
    }

    /// Uploads what is new, and lists the old and the new of it in the manifest.
    pub(super) async fn pack(
        &self,
        manifest: &mut Manifest,
        from: Option<&Snapshot>,
        written: Written,
    ) -> Result<(), Fault> {
        if let Some(from) = from {
            let kept = |file: &&PackedFile| written.kept.contains(&file.path);
            manifest.files = from.manifest.files.iter().filter(kept).cloned().collect();
            let used = |pack: &str| manifest.files.iter().any(|file| file.pack == pack);
            manifest.packs = from.manifest.packs.iter().filter(|pack| used(&pack.name)).cloned().collect();
        }
        let mut files = written.new.into_iter().peekable();
        while files.peek().is_some() {
            let (mut bytes, mut packed) = (Vec::new(), Vec::new());
            while let Some(NewFile { path, content }) =
                files.next_if(|file| bytes.is_empty() || bytes.len() + file.content.len() <= PACK_SIZE)
            {
                packed.push(PackedFile { path, pack: String::new(), from: bytes.len(), size: content.len() });
                bytes.extend_from_slice(&content);
            }
            let pack = Packs::pack(&bytes);
            packed.iter_mut().for_each(|file| file.pack.clone_from(&pack.name));
            let (packs, named, bytes) = (self.packs.clone(), pack.clone(), bytes);
            let bytes = blocking(move || packs.keep(&named, &bytes).map(|()| bytes)).await?;
            self.packs.upload(&pack, bytes).await?;
            manifest.files.extend(packed);
            manifest.packs.push(pack);
        }
        Ok(())
    }

    pub(super) async fn publish(&self, manifest: &Manifest, seen: Option<&Etag>) -> Result<Etag, Fault> {
        let json = serde_json::to_vec(manifest).map_err(|e| Fault::broken(PORT, e))?;
        match self.packs.blobs.put_if(CURRENT, json, seen).await {
            Ok(etag) => Ok(etag),
            Err(PutRefused::Changed) => Err(Fault::busy(PORT, "another writer has published meanwhile")),
            Err(PutRefused::Fault(fault)) => Err(fault),
        }
    }

    /// The snapshot is published already: what cannot be tidied now is found by the next writer's sweep.
    async fn tidy(&self, manifest: &Manifest, unused: Vec<String>) {
        let deleted = futures_util::future::join_all(unused.iter().map(|pack| self.packs.delete(pack))).await;
        let (packs, published) = (self.packs.clone(), manifest.clone());
        let local = blocking(move || packs.tidy(&published)).await;
        for fault in deleted.into_iter().chain([local]).filter_map(Result::err) {
            tracing::warn!(%fault, "old packs of the search index stay for now");
        }
    }
}

/// Of a new snapshot, before it lists its files.
pub(super) fn manifest(fence: Fence, documents: u64, now: Timestamp) -> Manifest {
    Manifest {
        shape: SHAPE,
        fence,
        name: format!("{}-{:016x}", fence.0, rand::random::<u64>()),
        documents,
        published_at: now,
        packs: Vec::new(),
        files: Vec::new(),
        retired: Vec::new(),
        log: None,
    }
}

impl Base {
    fn of(snapshot: Arc<Snapshot>) -> Self {
        Base { fence: snapshot.manifest.fence, etag: Some(snapshot.etag.clone()), snapshot: Some(snapshot) }
    }
}

/// Notes which packs are used no longer, and returns those that have waited long enough.
fn retire(manifest: &mut Manifest, base: Option<&Snapshot>, now: Timestamp) -> Vec<String> {
    let Some(base) = base else { return Vec::new() };
    let (waiting, over): (Vec<_>, Vec<_>) =
        base.manifest.retired.iter().cloned().partition(|retired| retired.at.after(GRACE) > now);
    manifest.retired = waiting;
    let unused = base.manifest.packs.iter().filter(|pack| !manifest.packs.contains(pack));
    let retired: Vec<_> = unused.map(|pack| Retired { name: pack.name.clone(), at: now }).collect();
    manifest.retired.extend(retired);
    over.into_iter().map(|retired| retired.name).collect()
}

#[async_trait]
impl SearchIndex for TantivyIndex {
    async fn apply(
        &self,
        fence: Fence,
        docs: Vec<SearchDoc>,
        gone: Vec<(Tenant, ProductId)>,
        now: Timestamp,
    ) -> Result<SnapshotInfo, Fault> {
        self.change(fence, Edits { docs, gone }, now).await
    }

    async fn rebuild(&self) -> Result<Box<dyn Rebuild>, Fault> {
        Ok(Box::new(Rebuilding::begin(self.clone()).await?))
    }
}
