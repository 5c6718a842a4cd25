//! A real blob store that a test can take away, or interrupt at the very step that publishes.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use bharatmart_core::ports::{Blob, Blobs, Etag, Fault, PutRefused};
use futures_util::future::BoxFuture;

pub struct Hindered {
    blobs: Arc<dyn Blobs>,
    away: AtomicBool,
    /// How many times something was asked for.
    asked: AtomicUsize,
    interruption: Mutex<Option<Interruption>>,
}

/// What happens at the next publishing, once.
pub enum Interruption {
    /// The writer dies before it has published.
    Before,
    /// It has published, but never hears of it.
    After,
    /// Something else happens first.
    Meanwhile(BoxFuture<'static, ()>),
}

impl Hindered {
    pub fn new(blobs: Arc<dyn Blobs>) -> Self {
        Hindered { blobs, away: false.into(), asked: 0.into(), interruption: Mutex::default() }
    }

    pub fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub fn interrupt(&self, interruption: Interruption) {
        *self.interruption.lock().expect("no panic") = Some(interruption);
    }

    fn reach(&self) -> Result<&dyn Blobs, Fault> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match self.away.load(Ordering::SeqCst) {
            true => Err(lost()),
            false => Ok(&*self.blobs),
        }
    }
}

fn lost() -> Fault {
    Fault::away("blobs", "the connection was lost")
}

#[async_trait]
impl Blobs for Hindered {
    async fn get(&self, key: &str) -> Result<Option<Blob>, Fault> {
        self.reach()?.get(key).await
    }

    async fn get_newer(&self, key: &str, seen: &Etag) -> Result<Option<Blob>, Fault> {
        self.reach()?.get_newer(key, seen).await
    }

    async fn put(&self, key: &str, bytes: Vec<u8>, content_type: &str) -> Result<Etag, Fault> {
        self.reach()?.put(key, bytes, content_type).await
    }

    async fn put_if(&self, key: &str, bytes: Vec<u8>, seen: Option<&Etag>) -> Result<Etag, PutRefused> {
        let interruption = self.interruption.lock().expect("no panic").take();
        match interruption {
            Some(Interruption::Before) => return Err(lost().into()),
            Some(Interruption::After) => {
                self.reach()?.put_if(key, bytes, seen).await?;
                return Err(lost().into());
            }
            Some(Interruption::Meanwhile(first)) => first.await,
            None => {}
        }
        self.reach()?.put_if(key, bytes, seen).await
    }

    async fn delete(&self, key: &str) -> Result<(), Fault> {
        self.reach()?.delete(key).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, Fault> {
        self.reach()?.list(prefix).await
    }

    async fn probe(&self) -> Result<(), Fault> {
        self.reach()?.probe().await
    }
}
