//! What a snapshot consists of, as it stands in the blob store. One small blob says which snapshot is in force;
//! replacing it, and only it, publishes another.

use std::collections::BTreeSet;

use bharatmart_core::Timestamp;
use bharatmart_core::ports::{Blob, Blobs, Etag, Fault, Fence, SnapshotInfo};
use serde::{Deserialize, Serialize};

use super::PORT;
use super::schema::SHAPE;

pub(super) const CURRENT: &str = "search/current.json";

/// The files of the index lie in packs: what one apply made new, in one blob, so that publishing and fetching take
/// two round trips and not one a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub shape: u32,
    pub fence: Fence,
    pub name: String,
    pub documents: u64,
    pub published_at: Timestamp,
    pub packs: Vec<Pack>,
    pub files: Vec<PackedFile>,
    /// Packs no longer used, kept a while for readers that have just read an older manifest.
    pub retired: Vec<Retired>,
    /// While a rebuild goes on: what it must read once more before it is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<Log>,
}

/// Keys of what was applied since a rebuild began.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Log {
    /// Which rebuild.
    pub of: String,
    pub keys: BTreeSet<String>,
}

/// A log of more is dropped, and the rebuild must begin anew, if it still lives.
const LONGEST_LOG: usize = 10_000;

impl Log {
    pub(super) fn with(mut self, keys: impl IntoIterator<Item = String>) -> Option<Self> {
        self.keys.extend(keys);
        (self.keys.len() <= LONGEST_LOG).then_some(self)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pack {
    /// The hash of its bytes.
    pub name: String,
    pub size: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PackedFile {
    pub path: String,
    pub pack: String,
    pub from: usize,
    pub size: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Retired {
    pub name: String,
    pub at: Timestamp,
}

/// The part that every shape of manifest has.
#[derive(Deserialize)]
struct Head {
    shape: u32,
    fence: Fence,
}

/// A manifest as it was found.
pub(super) enum Found {
    /// One that this program reads.
    Ours(Manifest, Etag),
    /// Of another shape, or unreadable: a rebuild may replace it, under a fence not below this.
    Foreign { fence: Fence, etag: Etag, cause: String },
}

impl Manifest {
    pub(super) fn info(&self) -> SnapshotInfo {
        SnapshotInfo {
            name: self.name.clone(),
            fence: self.fence,
            documents: self.documents,
            published_at: self.published_at,
        }
    }

    pub(super) fn uses(&self, pack: &str) -> bool {
        self.packs.iter().any(|used| used.name == pack) || self.retired.iter().any(|retired| retired.name == pack)
    }

    fn parse(blob: Blob) -> Found {
        let head = serde_json::from_slice::<Head>(&blob.bytes);
        let fence = head.as_ref().map_or(Fence(0), |head| head.fence);
        let cause = match head {
            Ok(head) if head.shape != SHAPE => format!("the snapshot is of shape {}, not {SHAPE}", head.shape),
            Ok(_) => match serde_json::from_slice(&blob.bytes) {
                Ok(manifest) => return Found::Ours(manifest, blob.etag),
                Err(e) => e.to_string(),
            },
            Err(e) => e.to_string(),
        };
        Found::Foreign { fence, etag: blob.etag, cause }
    }
}

pub(super) async fn read(blobs: &dyn Blobs) -> Result<Option<Found>, Fault> {
    Ok(blobs.get(CURRENT).await?.map(Manifest::parse))
}

/// `None` while `seen` is still in force.
pub(super) async fn read_newer(blobs: &dyn Blobs, seen: &Etag) -> Result<Option<Found>, Fault> {
    Ok(blobs.get_newer(CURRENT, seen).await?.map(Manifest::parse))
}

impl Found {
    /// For a reader there is nothing to be had from another shape until it is rebuilt.
    pub(super) fn ours(self) -> Result<(Manifest, Etag), Fault> {
        match self {
            Found::Ours(manifest, etag) => Ok((manifest, etag)),
            Found::Foreign { cause, .. } => Err(Fault::away(PORT, format!("{cause}; it must be rebuilt"))),
        }
    }
}
