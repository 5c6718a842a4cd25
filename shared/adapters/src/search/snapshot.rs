//! One published snapshot, opened: all of its packs at hand, and a searcher over them. It never changes.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use bharatmart_core::ports::{Etag, Fault};
use tantivy::directory::FileSlice;
use tantivy::{Index, ReloadPolicy, Searcher, SegmentReader};

use super::directory::Overlay;
use super::edit::Written;
use super::manifest::Manifest;
use super::memory::Memory;
use super::packs::{Fetched, Packs};
use super::shelf::Shelf;
use super::{PORT, blocking, broken, schema};

pub(super) struct Snapshot {
    pub manifest: Manifest,
    pub etag: Etag,
    pub searcher: Searcher,
    /// Its segments, in the order of the searcher's.
    pub shelves: Vec<Shelf>,
    pub files: Overlay,
    memory: Memory,
    packs: HashMap<String, FileSlice>,
}

pub(super) enum Opened {
    Whole(Arc<Snapshot>),
    /// A pack is gone, as happens when the next snapshots were published meanwhile.
    Outdated,
}

impl Snapshot {
    /// Packs that `before` already holds are not fetched again, and what was worked out of its segments is kept.
    pub(super) async fn open(
        packs: &Packs,
        manifest: Manifest,
        etag: Etag,
        before: Option<&Snapshot>,
    ) -> Result<Opened, Fault> {
        let memory = before.map_or_else(|| Memory::new(manifest.documents), |before| before.memory.clone());
        let mut here = HashMap::with_capacity(manifest.packs.len());
        let mut wanted = Vec::new();
        for pack in &manifest.packs {
            match before.and_then(|before| before.packs.get(&pack.name)) {
                Some(slice) => drop(here.insert(pack.name.clone(), slice.clone())),
                None => wanted.push(async move { (pack, packs.fetch(pack).await) }),
            }
        }
        for (pack, fetched) in futures_util::future::join_all(wanted).await {
            match fetched? {
                Fetched::Here(slice) => drop(here.insert(pack.name.clone(), slice)),
                Fetched::Gone => return Ok(Opened::Outdated),
            }
        }
        let known: Vec<_> = before.iter().flat_map(|before| &before.shelves).map(Shelf::known).collect();
        let opened = blocking(move || {
            let files = Overlay::over(files(&manifest, &here)?);
            let searcher = searcher(&index(files.clone())?)?;
            let shelf = |segment: &SegmentReader| Shelf::open(segment.clone(), &files, memory.clone(), &known);
            let shelves = searcher.segment_readers().iter().map(shelf).collect::<Result<_, _>>()?;
            Ok(Snapshot { manifest, etag, searcher, shelves, files, memory, packs: here })
        });
        opened.await.map(|snapshot| Opened::Whole(Arc::new(snapshot)))
    }
}

impl Snapshot {
    /// With all its files, and no others.
    pub(super) fn as_it_is(&self) -> Written {
        let kept = self.manifest.files.iter().map(|file| file.path.clone()).collect();
        Written { documents: self.manifest.documents, kept, new: Vec::new() }
    }
}

fn files(manifest: &Manifest, packs: &HashMap<String, FileSlice>) -> Result<HashMap<PathBuf, FileSlice>, Fault> {
    let slice = |file: &super::manifest::PackedFile| {
        let pack = packs.get(&file.pack)?;
        let to = file.from.checked_add(file.size).filter(|to| *to <= pack.num_bytes().get_bytes() as usize)?;
        Some((PathBuf::from(&file.path), pack.slice(file.from..to)))
    };
    let all = manifest.files.iter().map(|file| slice(file).ok_or(file));
    all.collect::<Result<_, _>>().map_err(|file| Fault::broken(PORT, format!("{} is not in its pack", file.path)))
}

/// An index over these files; an empty one when there are none.
pub(super) fn index(files: Overlay) -> Result<Index, Fault> {
    schema::builder().open_or_create(files).map_err(broken)
}

pub(super) fn searcher(index: &Index) -> Result<Searcher, Fault> {
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(broken)?;
    Ok(reader.searcher())
}
