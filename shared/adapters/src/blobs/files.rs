//! Blobs as files in one folder, for one machine: any number of processes may share the folder.
//! A blob is one file; `/` in its key is `+` in the file's name, so that `a` and `a/b` can both be. A content is
//! named by its SHA-256, which is read only once as long as the file is the same one.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use bharatmart_core::ports::{Blob, Blobs, Etag, Fault, PutRefused};
use sha2::{Digest, Sha256};

use super::{PORT, check};

#[derive(Clone)]
pub struct FileBlobs(Arc<Folder>);

struct Folder {
    /// The blobs.
    blobs: PathBuf,
    /// Files that are being written; they move to `blobs` when they are whole.
    unfinished: PathBuf,
    /// Locked while a blob is replaced. The system unlocks it when its holder ends, however it ends.
    lock: PathBuf,
    known: Mutex<HashMap<PathBuf, (Stamp, Etag)>>,
}

/// Tells one file from the next under its name without reading it. A put gives its file a time in nanoseconds that no
/// earlier file of that name had, so a reused inode is no mistake.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl FileBlobs {
    /// Makes the folder when it is not there.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, Fault> {
        let folder = folder.into();
        let blobs = Folder {
            blobs: folder.join("blobs"),
            unfinished: folder.join("unfinished"),
            lock: folder.join("lock"),
            known: Mutex::default(),
        };
        let made = fs::create_dir_all(&blobs.blobs).and_then(|()| fs::create_dir_all(&blobs.unfinished));
        made.map_err(|error| Fault::broken(PORT, format!("{}: {error}", folder.display())))?;
        Ok(FileBlobs(Arc::new(blobs)))
    }

    /// Away from the threads that answer requests.
    async fn run<T, F>(&self, work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&Folder) -> io::Result<T> + Send + 'static,
    {
        let folder = Arc::clone(&self.0);
        match tokio::task::spawn_blocking(move || work(&folder)).await {
            Ok(done) => done.map_err(|error| Fault::broken(PORT, error)),
            Err(error) => Err(Fault::broken(PORT, error)),
        }
    }
}

#[async_trait]
impl Blobs for FileBlobs {
    async fn get(&self, key: &str) -> Result<Option<Blob>, Fault> {
        let path = self.0.path(key)?;
        self.run(move |folder| folder.read(&path, None)).await
    }

    async fn get_newer(&self, key: &str, seen: &Etag) -> Result<Option<Blob>, Fault> {
        let (path, seen) = (self.0.path(key)?, seen.clone());
        self.run(move |folder| folder.read(&path, Some(&seen))).await
    }

    async fn put(&self, key: &str, bytes: Vec<u8>, _: &str) -> Result<Etag, Fault> {
        let path = self.0.path(key)?;
        self.run(move |folder| {
            let new = folder.write(&bytes)?;
            let _lock = folder.lock()?;
            folder.place(new, path)
        })
        .await
    }

    async fn put_if(&self, key: &str, bytes: Vec<u8>, seen: Option<&Etag>) -> Result<Etag, PutRefused> {
        let (path, seen) = (self.0.path(key)?, seen.cloned());
        let placed = self.run(move |folder| {
            let new = folder.write(&bytes)?;
            let _lock = folder.lock()?;
            if folder.etag(&path)? != seen {
                fs::remove_file(&new.path)?;
                return Ok(None);
            }
            folder.place(new, path).map(Some)
        });
        placed.await?.ok_or(PutRefused::Changed)
    }

    async fn delete(&self, key: &str) -> Result<(), Fault> {
        let path = self.0.path(key)?;
        self.run(move |folder| {
            let _lock = folder.lock()?;
            folder.known().remove(&path);
            if_there(fs::remove_file(&path)).map(|_| ())
        })
        .await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, Fault> {
        let prefix = prefix.to_owned();
        self.run(move |folder| {
            let mut keys = Vec::new();
            for entry in fs::read_dir(&folder.blobs)? {
                let key = entry?.file_name().to_string_lossy().replace('+', "/");
                if key.starts_with(&prefix) {
                    keys.push(key);
                }
            }
            keys.sort_unstable();
            Ok(keys)
        })
        .await
    }

    async fn probe(&self) -> Result<(), Fault> {
        self.run(|folder| fs::read_dir(&folder.blobs).map(|_| ())).await
    }
}

/// A whole file that has no name among the blobs yet.
struct New {
    path: PathBuf,
    stamp: Stamp,
    etag: Etag,
}

impl Folder {
    fn path(&self, key: &str) -> Result<PathBuf, Fault> {
        check(key)?;
        Ok(self.blobs.join(key.replace('/', "+")))
    }

    fn known(&self) -> MutexGuard<'_, HashMap<PathBuf, (Stamp, Etag)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known_etag(&self, path: &Path, stamp: Stamp) -> Option<Etag> {
        self.known().get(path).filter(|(known, _)| *known == stamp).map(|(_, etag)| etag.clone())
    }

    fn lock(&self) -> io::Result<File> {
        let file = File::options().create(true).truncate(false).write(true).open(&self.lock)?;
        file.lock()?;
        Ok(file)
    }

    /// `None` when there is no such blob, or its content is the one that was seen.
    fn read(&self, path: &Path, seen: Option<&Etag>) -> io::Result<Option<Blob>> {
        let Some(mut file) = if_there(File::open(path))? else { return Ok(None) };
        let stamp = stamp(&file)?;
        let known = self.known_etag(path, stamp);
        if known.is_some() && known.as_ref() == seen {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(stamp.length as usize);
        file.read_to_end(&mut bytes)?;
        let etag = known.unwrap_or_else(|| {
            let etag = named(&bytes);
            self.known().insert(path.to_owned(), (stamp, etag.clone()));
            etag
        });
        Ok((seen != Some(&etag)).then_some(Blob { bytes, etag }))
    }

    fn etag(&self, path: &Path) -> io::Result<Option<Etag>> {
        let Some(file) = if_there(File::open(path))? else { return Ok(None) };
        if let Some(etag) = self.known_etag(path, stamp(&file)?) {
            return Ok(Some(etag));
        }
        Ok(self.read(path, None)?.map(|blob| blob.etag))
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "a file's own time: it only has to differ from that of the file before"
    )]
    fn write(&self, bytes: &[u8]) -> io::Result<New> {
        let path = self.unfinished.join(format!("{:032x}", rand::random::<u128>()));
        let mut file = File::create_new(&path)?;
        file.write_all(bytes)?;
        file.set_modified(SystemTime::now())?;
        file.sync_all()?;
        Ok(New { stamp: stamp(&file)?, etag: named(bytes), path })
    }

    fn place(&self, new: New, path: PathBuf) -> io::Result<Etag> {
        fs::rename(&new.path, &path)?;
        self.known().insert(path, (new.stamp, new.etag.clone()));
        Ok(new.etag)
    }
}

fn stamp(file: &File) -> io::Result<Stamp> {
    let told = file.metadata()?;
    Ok(Stamp { inode: told.ino(), length: told.len(), modified: (told.mtime(), told.mtime_nsec()) })
}

fn named(bytes: &[u8]) -> Etag {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    Etag(hex)
}

fn if_there<T>(done: io::Result<T>) -> io::Result<Option<T>> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
