//! How a store is asked: how often, and in how many steps one after another. Calls that are made at once are one step,
//! however many they are; each is held up until whoever makes them has made them all.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_chaos::{Act, Chaos, FaultKind, Injector, Operation, Surroundings};
use bharatmart_core::ports::Store;

#[derive(Default)]
pub struct Steps {
    held_up: AtomicUsize,
    taken: Mutex<Taken>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    pub steps: usize,
    /// By the operation's name.
    pub calls: BTreeMap<&'static str, usize>,
}

impl Steps {
    /// The store as it is, and what counts its calls; to be asked by one task.
    pub fn of(store: Arc<dyn Store>) -> (Arc<Steps>, Arc<dyn Store>) {
        let steps = Arc::new(Steps::default());
        let store = Chaos::new(steps.clone(), steps.clone()).store(store);
        (steps, store)
    }

    /// Since it was asked last.
    pub fn take(&self) -> Taken {
        std::mem::take(&mut *self.taken.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, note: impl FnOnce(&mut Taken)) {
        note(&mut self.taken.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Injector for Steps {
    fn act(&self, operation: &'static Operation) -> Act {
        self.note(|taken| *taken.calls.entry(operation.name).or_default() += 1);
        Act::Latency(Duration::ZERO)
    }
}

#[async_trait]
impl Surroundings for Steps {
    fn left(&self) -> Duration {
        Duration::MAX
    }

    async fn sleep(&self, _: Duration) {
        if self.held_up.fetch_add(1, Ordering::SeqCst) == 0 {
            self.note(|taken| taken.steps += 1);
        }
        tokio::task::yield_now().await;
        self.held_up.fetch_sub(1, Ordering::SeqCst);
    }

    fn told(&self, _: &'static Operation, _: FaultKind) {}
}
