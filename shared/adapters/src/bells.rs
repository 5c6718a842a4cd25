//! The wait of a receiver: until a bell rings because something was sent, or a known moment comes. What is to be
//! received, and when it is due, each queue knows itself.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bharatmart_core::ports::{Fault, Received};
use tokio::sync::Notify;
use tokio::time::Instant;

/// How long to trust the bell alone. Another process may have sent, or a bell may be lost with its connection.
const LONGEST: Duration = Duration::from_secs(1);
/// A moment known to the millisecond is not asked for before it has come.
const SHORTEST: Duration = Duration::from_millis(2);

/// A bell a queue, by name.
#[derive(Default)]
pub(crate) struct Bells(Mutex<HashMap<String, Arc<Notify>>>);

/// What one look at a queue came to.
pub(crate) struct Look {
    pub(crate) received: Vec<Received>,
    /// When nothing was there: how long until something known of may be, unless the bell rings first.
    pub(crate) next_in: Option<Duration>,
}

impl Bells {
    pub(crate) fn ring(&self, queue: &str) {
        let bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bell) = bells.get(queue) {
            bell.notify_waiters();
        }
    }

    fn bell(&self, queue: &str) -> Arc<Notify> {
        let mut bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(bells.entry(queue.to_owned()).or_default())
    }

    /// Looks, and as long as nothing is there and `wait` lasts, waits and looks again.
    pub(crate) async fn receive<F, A>(&self, queue: &str, wait: Duration, mut look: A) -> Result<Vec<Received>, Fault>
    where
        A: FnMut() -> F,
        F: Future<Output = Result<Look, Fault>>,
    {
        let end = Instant::now() + wait;
        let bell = self.bell(queue);
        loop {
            // Listening begins before looking, or what is sent in between would not be heard.
            let rung = bell.notified();
            tokio::pin!(rung);
            rung.as_mut().enable();
            let look = look().await?;
            let left = end.saturating_duration_since(Instant::now());
            if !look.received.is_empty() || left.is_zero() {
                return Ok(look.received);
            }
            let pause = look.next_in.unwrap_or(LONGEST).clamp(SHORTEST, LONGEST).min(left);
            tokio::select! {
                () = &mut rung => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}
