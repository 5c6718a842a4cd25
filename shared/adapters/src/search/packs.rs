//! Packs by name: fetched once into a folder, checked against their hash, and mapped into memory.
//! Several processes may share the folder; a file in it is whole, or is fetched again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bharatmart_core::ports::{Blobs, Fault};
use sha2::{Digest, Sha256};
use tantivy::directory::{Directory, FileSlice, MmapDirectory};

use super::manifest::{Manifest, Pack};
use super::{PORT, blocking};

const PREFIX: &str = "search/packs/";

/// A half-written file this old belongs to a process that has died.
const ABANDONED: Duration = Duration::from_secs(3600);

#[derive(Clone)]
pub(super) struct Packs {
    pub blobs: Arc<dyn Blobs>,
    folder: PathBuf,
    mapped: MmapDirectory,
}

pub(super) enum Fetched {
    Here(FileSlice),
    /// Not in the blob store: tidied away since the manifest was read, or lost.
    Gone,
}

impl Packs {
    pub(super) fn open(blobs: Arc<dyn Blobs>, folder: &Path) -> Result<Self, Fault> {
        fs::create_dir_all(folder).map_err(|e| unusable(folder, &e))?;
        let mapped = MmapDirectory::open(folder).map_err(|e| Fault::broken(PORT, e))?;
        Ok(Packs { blobs, folder: folder.to_owned(), mapped })
    }

    pub(super) fn pack(bytes: &[u8]) -> Pack {
        Pack { name: hash(bytes), size: bytes.len() as u64 }
    }

    pub(super) async fn fetch(&self, pack: &Pack) -> Result<Fetched, Fault> {
        let (packs, wanted) = (self.clone(), pack.clone());
        if let Some(slice) = blocking(move || packs.kept(&wanted)).await? {
            return Ok(Fetched::Here(slice));
        }
        let Some(blob) = self.blobs.get(&blob_key(&pack.name)).await? else { return Ok(Fetched::Gone) };
        let (packs, wanted) = (self.clone(), pack.clone());
        let kept = blocking(move || {
            if Packs::pack(&blob.bytes) != wanted {
                return Err(Fault::broken(PORT, format!("pack {} is not what its name says", wanted.name)));
            }
            packs.keep(&wanted, &blob.bytes)?;
            packs.kept(&wanted)
        });
        // Another process may tidy away at once what its snapshot does not have.
        Ok(kept.await?.map_or(Fetched::Gone, Fetched::Here))
    }

    pub(super) async fn upload(&self, pack: &Pack, bytes: Vec<u8>) -> Result<(), Fault> {
        self.blobs.put(&blob_key(&pack.name), bytes, "application/octet-stream").await.map(drop)
    }

    /// Names of all packs in the blob store.
    pub(super) async fn uploaded(&self) -> Result<Vec<String>, Fault> {
        let keys = self.blobs.list(PREFIX).await?;
        Ok(keys.iter().filter_map(|key| key.strip_prefix(PREFIX)).map(str::to_owned).collect())
    }

    pub(super) async fn delete(&self, name: &str) -> Result<(), Fault> {
        self.blobs.delete(&blob_key(name)).await
    }

    /// A folder of its own for one who builds an index there; what another left there long ago is removed.
    pub(super) fn workshop(&self) -> Result<Workshop, Fault> {
        let workshop = || -> io::Result<Workshop> {
            for entry in fs::read_dir(&self.folder)? {
                let entry = entry?;
                let abandoned =
                    || Ok::<_, io::Error>(entry.metadata()?.modified()?.elapsed().is_ok_and(|age| age > ABANDONED));
                if entry.file_type()?.is_dir() && abandoned()? {
                    fs::remove_dir_all(entry.path())?;
                }
            }
            let path = self.folder.join(format!("rebuild-{:016x}", rand::random::<u64>()));
            fs::create_dir(&path)?;
            Ok(Workshop { path })
        };
        workshop().map_err(|e| unusable(&self.folder, &e))
    }

    /// What the folder has under this name, if it is whole.
    fn kept(&self, pack: &Pack) -> Result<Option<FileSlice>, Fault> {
        let Ok(slice) = self.mapped.open_read(Path::new(&pack.name)) else { return Ok(None) };
        let bytes = slice.read_bytes().map_err(|e| unusable(&self.folder, &e))?;
        let whole = bytes.len() as u64 == pack.size && hash(&bytes) == pack.name;
        Ok(whole.then_some(slice))
    }

    /// Takes its place at once, so that another process sees all of it or nothing.
    pub(super) fn keep(&self, pack: &Pack, bytes: &[u8]) -> Result<(), Fault> {
        let part = self.folder.join(format!("{}.{:016x}.part", pack.name, rand::random::<u64>()));
        fs::write(&part, bytes)
            .and_then(|()| fs::rename(&part, self.folder.join(&pack.name)))
            .map_err(|e| unusable(&self.folder, &e))
    }

    /// Takes out of the folder what this snapshot has no use for. What is mapped stays mapped.
    pub(super) fn tidy(&self, manifest: &Manifest) -> Result<(), Fault> {
        let tidy = || -> io::Result<()> {
            for entry in fs::read_dir(&self.folder)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    // A rebuild's own; it sees to it itself.
                    continue;
                }
                let name = entry.file_name();
                let name = name.to_string_lossy();
                let unused = match name.ends_with(".part") {
                    true => entry.metadata()?.modified()?.elapsed().is_ok_and(|age| age > ABANDONED),
                    false => !manifest.uses(&name),
                };
                if unused {
                    fs::remove_file(entry.path())?;
                }
            }
            Ok(())
        };
        match tidy() {
            // Another process was quicker.
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            tidied => tidied.map_err(|e| unusable(&self.folder, &e)),
        }
    }
}

/// Removed when nobody holds it any more.
pub(super) struct Workshop {
    pub path: PathBuf,
}

impl Drop for Workshop {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(%error, folder = %self.path.display(), "what a rebuild of the index left stays for now");
        }
    }
}

fn blob_key(name: &str) -> String {
    format!("{PREFIX}{name}")
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn unusable(folder: &Path, cause: &io::Error) -> Fault {
    Fault::away(PORT, format!("the folder {} cannot be used: {cause}", folder.display()))
}
