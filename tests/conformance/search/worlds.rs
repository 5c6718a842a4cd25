//! A place of its own for each test of the index: blobs, and folders for readers and writers.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bharatmart_adapters::search::{TantivyIndex, TantivySearch};
use bharatmart_adapters::system::System;
use bharatmart_core::ports::{Blobs, Clock, Fence, Search, SearchDoc, SearchIndex, SnapshotInfo};
use bharatmart_tests::data;
use tempfile::TempDir;

use super::hindered::Hindered;
use crate::blobs;
use crate::blobs::worlds::BlobsWorld;

pub struct SearchWorld {
    /// What readers and writers see; a test may hinder it.
    pub blobs: Arc<Hindered>,
    folders: TempDir,
    _place: BlobsWorld,
}

pub async fn files() -> SearchWorld {
    SearchWorld::over(blobs::worlds::files().await)
}

pub async fn s3() -> SearchWorld {
    SearchWorld::over(blobs::worlds::s3().await)
}

impl SearchWorld {
    fn over(place: BlobsWorld) -> Self {
        let folders = tempfile::tempdir().expect("a temporary folder");
        SearchWorld { blobs: Arc::new(Hindered::new(place.blobs.clone())), folders, _place: place }
    }

    /// A writer of that name; the same name is the same folder, as after a restart.
    pub async fn index(&self, name: &str) -> Arc<dyn SearchIndex> {
        let index = TantivyIndex::open(self.blobs.clone(), &self.folder(name)).await;
        Arc::new(index.expect("a folder for the writer"))
    }

    /// A reader that looks for a new snapshot before each answer.
    pub async fn reader(&self, name: &str) -> Arc<dyn Search> {
        self.reader_that_looks(name, Duration::ZERO, Arc::new(System)).await
    }

    pub async fn reader_that_looks(&self, name: &str, every: Duration, clock: Arc<dyn Clock>) -> Arc<dyn Search> {
        let search = TantivySearch::open(self.blobs.clone(), &self.folder(name), every, clock).await;
        Arc::new(search.expect("a folder for the reader"))
    }

    pub fn folder(&self, name: &str) -> PathBuf {
        self.folders.path().join(name)
    }

    pub async fn apply(&self, docs: &[SearchDoc]) -> SnapshotInfo {
        let index = self.index("writer").await;
        index.apply(Fence(1), docs.to_vec(), vec![], data::at(0)).await.expect("applied")
    }

    pub async fn take_out(&self, doc: &SearchDoc) -> SnapshotInfo {
        let gone = vec![(doc.tenant.clone(), doc.id)];
        self.index("writer").await.apply(Fence(1), vec![], gone, data::at(0)).await.expect("applied")
    }

    /// How many packs of index files the blob store holds.
    pub async fn packs(&self) -> usize {
        self.blobs.list("search/packs/").await.expect("a list").len()
    }
}
