//! Where passwords are hashed: on a few threads of their own, since each takes tens of milliseconds of a core that the
//! shop's other requests wait for. When too many wait, the next is told to come again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bharatmart_core::identity::{PasswordCheck, password};
use bharatmart_core::ports::Fault;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Waiting for one place. At some thirty hashes a second that is about a second.
const WAITING_EACH: usize = 32;

pub(crate) struct Passwords {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    most_waiting: usize,
}

impl Passwords {
    /// A core is left to the others where there are several.
    pub fn on_this_machine() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::new((cores - 1).max(1), WAITING_EACH)
    }

    fn new(places: usize, waiting_each: usize) -> Self {
        let most_waiting = places * waiting_each;
        Passwords { places: Arc::new(Semaphore::new(places)), waiting: AtomicUsize::new(0), most_waiting }
    }

    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        self.place().await?.run(work).await
    }

    /// Waits for room, or is told to come again.
    pub async fn place(&self) -> Result<Place, Fault> {
        match self.places.clone().try_acquire_owned() {
            Ok(place) => Ok(Place(place)),
            Err(_) => {
                let _waiting = Waiting::of(self)?;
                let place = self.places.clone().acquire_owned().await;
                Ok(Place(place.map_err(|error| Fault::broken(PORT, error))?))
            }
        }
    }
}

/// Room for one password. It keeps others waiting until it is used or dropped.
pub struct Place(OwnedSemaphorePermit);

impl Place {
    /// Takes as long without a hash as with one.
    pub async fn check(self, password: &str, hash: Option<&str>) -> Result<PasswordCheck, Fault> {
        let (password, hash) = (password.to_owned(), hash.map(str::to_owned));
        self.run(move || password::check(&password, hash.as_deref())).await
    }

    async fn run<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        let place = self.0;
        // The place goes with the work: a caller who has gone does not make room before the thread is free.
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        });
        done.await.map_err(|error| Fault::broken(PORT, error))
    }
}

const PORT: &str = "passwords";

/// Counts who waits, also when they stop waiting.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn of(passwords: &'a Passwords) -> Result<Self, Fault> {
        let waiting = Waiting(&passwords.waiting);
        if passwords.waiting.fetch_add(1, Ordering::Relaxed) >= passwords.most_waiting {
            return Err(Fault::busy(PORT, format_args!("{} wait already", passwords.most_waiting)));
        }
        Ok(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn one_works_some_wait_and_the_next_is_told_to_come_again() {
        let passwords = Arc::new(Passwords::new(1, 2));
        let (go, gate) = mpsc::channel::<()>();
        let gate = Arc::new(std::sync::Mutex::new(gate));
        let spawn = |_| {
            let (passwords, gate) = (passwords.clone(), gate.clone());
            tokio::spawn(async move { passwords.run(move || gate.lock().unwrap().recv().is_ok()).await })
        };
        let three: Vec<_> = (0..3).map(spawn).collect();
        while passwords.waiting.load(Ordering::Relaxed) < 2 {
            tokio::task::yield_now().await;
        }
        let fourth = passwords.run(|| ()).await;
        assert!(matches!(fourth, Err(Fault::Busy { .. })), "{fourth:?}");
        assert!(matches!(passwords.place().await, Err(Fault::Busy { .. })), "before anything was counted");
        for _ in &three {
            go.send(()).unwrap();
        }
        for done in three {
            assert!(done.await.unwrap().unwrap());
        }
        assert!(passwords.run(|| ()).await.is_ok(), "there is room again");
    }

    #[tokio::test]
    async fn who_stops_waiting_is_not_counted() {
        let passwords = Arc::new(Passwords::new(1, 1));
        let (go, gate) = mpsc::channel::<()>();
        let first = tokio::spawn({
            let passwords = passwords.clone();
            async move { passwords.run(move || gate.recv().is_ok()).await }
        });
        while passwords.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let second = tokio::spawn({
            let passwords = passwords.clone();
            async move { passwords.run(|| ()).await }
        });
        while passwords.waiting.load(Ordering::Relaxed) < 1 {
            tokio::task::yield_now().await;
        }
        second.abort();
        assert!(second.await.unwrap_err().is_cancelled());
        assert_eq!(passwords.waiting.load(Ordering::Relaxed), 0);
        go.send(()).unwrap();
        assert!(first.await.unwrap().unwrap());
    }
}
