//! Messages as blobs, for development, tests and an emulator: one a message under `mail/`, JSON that a person can read.
//! An event's id begins with its time, so the names sort by time, and a repetition is the same blob. A name ends with
//! a mark of whom the message is to, so that one customer's are found without reading everybody's.

use std::sync::Arc;

use async_trait::async_trait;
use bharatmart_core::Timestamp;
use bharatmart_core::ports::{Blobs, Channel, Clock, Fault, Letter, Messages};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::PORT;

const FOLDER: &str = "mail/";
/// Read at once.
const AT_ONCE: usize = 16;

pub struct BlobMessages {
    blobs: Arc<dyn Blobs>,
    clock: Arc<dyn Clock>,
}

/// A message as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub id: String,
    pub channel: Channel,
    pub to: String,
    pub subject: String,
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    pub at: Timestamp,
}

impl BlobMessages {
    pub fn new(blobs: Arc<dyn Blobs>, clock: Arc<dyn Clock>) -> Self {
        BlobMessages { blobs, clock }
    }
}

#[async_trait]
impl Messages for BlobMessages {
    async fn send(&self, message: &Letter) -> Result<(), Fault> {
        let Letter { id, channel, to, subject, text, html } = message.clone();
        let kept = Kept { id, channel, to, subject, text, html, at: self.clock.now() };
        let json = serde_json::to_vec_pretty(&kept).map_err(|error| Fault::broken(PORT, error))?;
        self.blobs.put(&name(&message.id, &message.to), json, "application/json").await.map(drop)
    }

    fn sends(&self, _: Channel) -> bool {
        true
    }
}

fn name(id: &str, to: &str) -> String {
    format!("{FOLDER}{id}{}", ending(to))
}

fn ending(to: &str) -> String {
    let mark: String = Sha256::digest(to).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("-{mark}.json")
}

/// Which messages are looked for.
#[derive(Clone, Copy, Debug)]
pub enum Looked<'a> {
    All,
    To(&'a str),
    Id(&'a str),
}

/// The newest of them, newest first.
pub async fn kept(blobs: &dyn Blobs, looked: Looked<'_>, most: usize) -> Result<Vec<Kept>, Fault> {
    let mut keys = match looked {
        Looked::Id(id) => blobs.list(&format!("{FOLDER}{id}-")).await?,
        Looked::All | Looked::To(_) => blobs.list(FOLDER).await?,
    };
    if let Looked::To(to) = looked {
        let ending = ending(to);
        keys.retain(|key| key.ends_with(&ending));
    }
    keys.sort_unstable_by(|a, b| b.cmp(a));
    keys.truncate(most);
    // One that went in between is passed over.
    let read = stream::iter(keys).map(|key| async move { read(blobs, &key).await }).buffered(AT_ONCE);
    read.try_filter_map(async |kept| Ok(kept)).try_collect().await
}

async fn read(blobs: &dyn Blobs, key: &str) -> Result<Option<Kept>, Fault> {
    let Some(blob) = blobs.get(key).await? else { return Ok(None) };
    serde_json::from_slice(&blob.bytes).map(Some).map_err(|error| Fault::broken(PORT, format!("{key}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blobs::FileBlobs;
    use crate::system::System;

    fn message(id: &str, to: &str) -> Letter {
        let (subject, text) = ("नमस्ते".to_owned(), "One line.\nAnother.".to_owned());
        Letter { id: id.to_owned(), channel: Channel::Email, to: to.to_owned(), subject, text, html: None }
    }

    #[tokio::test]
    async fn messages_are_kept_newest_first_and_a_repetition_is_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let blobs: Arc<dyn Blobs> = Arc::new(FileBlobs::open(folder.path()).unwrap());
        let messages = BlobMessages::new(blobs.clone(), Arc::new(System));
        for (id, to) in [("evt_1", "asha@example.in"), ("evt_2", "+919876543210"), ("evt_1", "asha@example.in")] {
            messages.send(&message(id, to)).await.unwrap();
        }
        let found = kept(blobs.as_ref(), Looked::All, 10).await.unwrap();
        let to: Vec<_> = found.iter().map(|kept| (kept.id.as_str(), kept.to.as_str())).collect();
        assert_eq!(to, [("evt_2", "+919876543210"), ("evt_1", "asha@example.in")]);
        assert_eq!((found[0].subject.as_str(), found[0].text.as_str()), ("नमस्ते", "One line.\nAnother."));
        assert_eq!(kept(blobs.as_ref(), Looked::All, 1).await.unwrap().len(), 1);
        let hers = kept(blobs.as_ref(), Looked::To("asha@example.in"), 10).await.unwrap();
        assert_eq!(hers, found[1..]);
        assert_eq!(kept(blobs.as_ref(), Looked::Id("evt_2"), 10).await.unwrap(), found[..1]);
    }
}
