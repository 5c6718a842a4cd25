//! The files of an index as Tantivy sees them: those of a published snapshot, which never change, and over them, in
//! memory or in a folder of their own, those a writer makes anew. What it makes becomes part of the next snapshot, or is forgotten with it.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    Directory, DirectoryLock, FileHandle, FileSlice, Lock, MmapDirectory, RamDirectory, WatchCallback, WatchHandle,
    WritePtr,
};

#[derive(Clone, Debug)]
pub(super) struct Overlay {
    published: Arc<HashMap<PathBuf, FileSlice>>,
    fresh: Box<dyn Directory>,
}

impl Default for Overlay {
    fn default() -> Self {
        Overlay::over(HashMap::new())
    }
}

impl Overlay {
    pub(super) fn over(published: HashMap<PathBuf, FileSlice>) -> Self {
        Overlay { published: Arc::new(published), fresh: Box::new(RamDirectory::create()) }
    }

    /// Nothing published; what is made anew lies in a folder, since it may be more than memory holds.
    pub(super) fn in_folder(folder: &Path) -> tantivy::Result<Self> {
        Ok(Overlay { published: Arc::default(), fresh: Box::new(MmapDirectory::open(folder)?) })
    }

    /// The same published files, nothing made anew.
    pub(super) fn afresh(&self) -> Self {
        Overlay { published: self.published.clone(), fresh: Box::new(RamDirectory::create()) }
    }

    pub(super) fn fresh(&self, path: &Path) -> Option<FileSlice> {
        self.fresh.open_read(path).ok()
    }

    /// A file that Tantivy knows nothing of, if it was published.
    pub(super) fn file(&self, path: &str) -> Option<FileSlice> {
        self.published.get(Path::new(path)).cloned()
    }
}

impl Directory for Overlay {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        Ok(Arc::new(self.open_read(path)?))
    }

    fn open_read(&self, path: &Path) -> Result<FileSlice, OpenReadError> {
        match self.fresh.open_read(path) {
            Err(OpenReadError::FileDoesNotExist(path)) => {
                self.published.get(&path).cloned().ok_or(OpenReadError::FileDoesNotExist(path))
            }
            found => found,
        }
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        match self.fresh.delete(path) {
            Err(DeleteError::FileDoesNotExist(path)) if self.published.contains_key(&path) => Ok(()),
            deleted => deleted,
        }
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        Ok(self.published.contains_key(path) || self.fresh.exists(path)?)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        if self.published.contains_key(path) {
            return Err(OpenWriteError::FileAlreadyExists(path.to_owned()));
        }
        self.fresh.open_write(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let read = self.open_read(path)?.read_bytes();
        read.map(|bytes| bytes.as_slice().to_vec()).map_err(|e| OpenReadError::wrap_io_error(e, path.to_owned()))
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.fresh.atomic_write(path, data)
    }

    /// Nothing here outlives the process; publishing makes it durable.
    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    /// Each overlay belongs to one reader or one writer. Tantivy's own locks would wait in steps of 100 ms.
    fn acquire_lock(&self, _: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}
