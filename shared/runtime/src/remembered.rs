//! What each process remembers of a shop for some seconds. One caller reads it anew while the others are shown what is
//! known, or wait for it where nothing is, and then all of them have what came of it. While the store is away the last
//! that was known holds, however old.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bharatmart_adapters::budget;
use bharatmart_core::ports::Fault;
use bharatmart_core::{Tenant, Timestamp};

/// Where something is known, nobody waits longer for what is new.
const PATIENCE: Duration = Duration::from_secs(1);
/// What is older than this nobody is shown while the store answers.
const TOO_OLD: Duration = Duration::from_secs(60);
/// Anyone can ask for a shop that is not there: with more of them than this, all are read anew.
const MOST_SHOPS: usize = 10_000;

pub(crate) struct Remembered<T> {
    policy: Policy,
    shops: Mutex<HashMap<Tenant, Arc<Shop<T>>>>,
}

#[derive(Clone, Copy)]
pub(crate) struct Policy {
    /// So long after a look nobody looks again.
    pub fresh: Duration,
    /// Whether a request can go on without: then none waits long, and what failed is not tried again at once.
    pub dispensable: bool,
}

/// What was read, and for a request of which moment.
pub(crate) struct Known<T> {
    pub read_at: Timestamp,
    pub value: Arc<T>,
}

struct Shop<T> {
    state: Mutex<State<T>>,
    /// Held by the one who looks.
    turn: tokio::sync::Mutex<()>,
}

struct State<T> {
    known: Option<Known<T>>,
    /// When somebody looked last, what stood in the way if he saw nothing, and how often that was done.
    looked_at: Option<Timestamp>,
    trouble: Option<String>,
    looks: u64,
}

impl<T> Remembered<T> {
    pub fn new(policy: Policy) -> Self {
        Remembered { policy, shops: Mutex::default() }
    }

    pub async fn of(
        &self,
        tenant: &Tenant,
        now: Timestamp,
        read: impl Future<Output = Result<T, Fault>>,
    ) -> Result<Known<T>, Fault> {
        let shop = self.shop(tenant);
        let before = lock(&shop.state).clone();
        if before.is_settled(self.policy, now) {
            return before.answer();
        }
        let _turn = match (shop.turn.try_lock(), before.shown_meanwhile(now)) {
            (Ok(turn), _) => turn,
            (Err(_), Some(known)) => return Ok(known),
            (Err(_), None) => shop.turn.lock().await,
        };
        let meanwhile = lock(&shop.state).clone();
        if meanwhile.looks > before.looks {
            return meanwhile.answer();
        }
        let hurry = self.policy.dispensable || before.known.is_some();
        let patience = if hurry { PATIENCE.min(budget::remaining()) } else { budget::remaining() };
        let read = tokio::time::timeout(patience, budget::within(patience, read)).await;
        let read = read.unwrap_or_else(|_| Err(Fault::away("store", "it took too long")));
        let mut state = lock(&shop.state);
        match read {
            Ok(value) => Ok(state.saw(now, value)),
            Err(fault) => {
                state.looked(now, Some(fault.to_string()));
                let Some(known) = state.known.clone() else { return Err(fault) };
                tracing::warn!(%tenant, error = %fault, "what was last known of a shop still holds");
                Ok(known)
            }
        }
    }

    /// As it is now, whatever is known.
    pub async fn anew(
        &self,
        tenant: &Tenant,
        now: Timestamp,
        read: impl Future<Output = Result<T, Fault>>,
    ) -> Result<Known<T>, Fault> {
        let shop = self.shop(tenant);
        let value = read.await?;
        Ok(lock(&shop.state).saw(now, value))
    }

    /// What somebody is reading just now is forgotten with it: it may be from before.
    pub fn forget(&self, tenant: &Tenant) {
        lock(&self.shops).remove(tenant);
    }

    fn shop(&self, tenant: &Tenant) -> Arc<Shop<T>> {
        let mut shops = lock(&self.shops);
        if let Some(shop) = shops.get(tenant) {
            return shop.clone();
        }
        if shops.len() >= MOST_SHOPS {
            shops.clear();
        }
        let state = State { known: None, looked_at: None, trouble: None, looks: 0 };
        let shop = Arc::new(Shop { state: Mutex::new(state), turn: tokio::sync::Mutex::default() });
        shops.insert(tenant.clone(), shop.clone());
        shop
    }
}

impl<T> State<T> {
    fn is_settled(&self, policy: Policy, now: Timestamp) -> bool {
        let recent = self.looked_at.is_some_and(|at| now < at.after(policy.fresh));
        recent && (policy.dispensable || self.known.is_some())
    }

    fn shown_meanwhile(&self, now: Timestamp) -> Option<Known<T>> {
        let too_old = |known: &Known<T>| now >= known.read_at.after(TOO_OLD) && self.trouble.is_none();
        self.known.clone().filter(|known| !too_old(known))
    }

    fn answer(self) -> Result<Known<T>, Fault> {
        self.known.ok_or_else(|| Fault::away("store", self.trouble.as_deref().unwrap_or("nothing is known yet")))
    }

    fn saw(&mut self, now: Timestamp, value: T) -> Known<T> {
        self.looked(now, None);
        let seen = Known { read_at: now, value: Arc::new(value) };
        // Whoever began later may have been faster.
        if self.known.as_ref().is_none_or(|known| known.read_at <= now) {
            self.known = Some(seen.clone());
        }
        seen
    }

    fn looked(&mut self, now: Timestamp, trouble: Option<String>) {
        self.looked_at = self.looked_at.max(Some(now));
        self.trouble = trouble;
        self.looks += 1;
    }
}

impl<T> Clone for Known<T> {
    fn clone(&self) -> Self {
        Known { read_at: self.read_at, value: self.value.clone() }
    }
}

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        let State { known, looked_at, trouble, looks } = self;
        State { known: known.clone(), looked_at: *looked_at, trouble: trouble.clone(), looks: *looks }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    use futures_util::future::join_all;
    use tokio::sync::Notify;

    use super::*;

    const FRESH: Duration = Duration::from_secs(10);

    /// A store that tells how often it was asked, or that it is away.
    #[derive(Default)]
    struct Store {
        asked: AtomicU32,
        away: AtomicBool,
    }

    impl Store {
        async fn read(&self) -> Result<u32, Fault> {
            let nth = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
            tokio::task::yield_now().await;
            if self.away.load(Ordering::SeqCst) { Err(Fault::away("store", "for the test")) } else { Ok(nth) }
        }

        fn asked(&self) -> u32 {
            self.asked.load(Ordering::SeqCst)
        }
    }

    fn remembered(dispensable: bool) -> Remembered<u32> {
        Remembered::new(Policy { fresh: FRESH, dispensable })
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_790_000_000_000 + seconds * 1_000)
    }

    async fn ask(of: &Remembered<u32>, store: &Store, seconds: i64) -> Option<u32> {
        of.of(&Tenant::main(), at(seconds), store.read()).await.ok().map(|known| *known.value)
    }

    async fn fifty(of: &Remembered<u32>, store: &Store, seconds: i64) -> Vec<Option<u32>> {
        join_all((0..50).map(|_| ask(of, store, seconds))).await
    }

    #[tokio::test]
    async fn of_many_at_once_one_reads_from_the_first_time_on() {
        for dispensable in [true, false] {
            let (of, store) = (remembered(dispensable), Store::default());
            assert_eq!(fifty(&of, &store, 0).await, [Some(1); 50]);
            assert_eq!(fifty(&of, &store, 9).await, [Some(1); 50]);
            let later = fifty(&of, &store, 10).await;
            assert_eq!((later[0], &later[1..]), (Some(2), &[Some(1); 49][..]), "the others do not wait");
            assert_eq!(fifty(&of, &store, 70).await, [Some(3); 50], "what is too old nobody is shown");
        }
    }

    #[tokio::test]
    async fn all_who_waited_hear_that_the_store_is_away_and_the_next_one_asks_again() {
        let (of, store) = (remembered(false), Store::default());
        store.away.store(true, Ordering::SeqCst);
        assert_eq!(fifty(&of, &store, 0).await, [None; 50]);
        assert_eq!(store.asked(), 1);
        store.away.store(false, Ordering::SeqCst);
        assert_eq!(ask(&of, &store, 0).await, Some(2));
    }

    #[tokio::test]
    async fn what_one_can_do_without_is_not_asked_for_again_at_once() {
        let (of, store) = (remembered(true), Store::default());
        store.away.store(true, Ordering::SeqCst);
        assert_eq!((ask(&of, &store, 0).await, ask(&of, &store, 9).await, store.asked()), (None, None, 1));
        store.away.store(false, Ordering::SeqCst);
        assert_eq!(ask(&of, &store, 10).await, Some(2));
    }

    #[tokio::test]
    async fn while_the_store_is_away_the_last_known_holds_and_it_is_not_asked_each_time() {
        for dispensable in [true, false] {
            let (of, store) = (remembered(dispensable), Store::default());
            assert_eq!(ask(&of, &store, 0).await, Some(1));
            store.away.store(true, Ordering::SeqCst);
            assert_eq!(fifty(&of, &store, 3_600).await, [Some(1); 50]);
            assert_eq!((ask(&of, &store, 3_609).await, store.asked()), (Some(1), 2));
            store.away.store(false, Ordering::SeqCst);
            assert_eq!(ask(&of, &store, 3_610).await, Some(3));
        }
    }

    #[tokio::test]
    async fn what_was_being_read_when_it_was_forgotten_is_forgotten_too() {
        let (of, store, go_on, main) = (remembered(false), Store::default(), Notify::new(), Tenant::main());
        let slow = async {
            let before = of.of(&main, at(0), async {
                go_on.notified().await;
                store.read().await
            });
            *before.await.unwrap().value
        };
        let change = async {
            of.forget(&main);
            go_on.notify_one();
        };
        let (seen, ()) = tokio::join!(slow, change);
        assert_eq!((seen, ask(&of, &store, 0).await), (1, Some(2)));
    }
}
