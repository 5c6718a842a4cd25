//! A shop that is handed its ports, as a simulation does: decorated, with whoever drives it deciding what befalls a call.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_adapters::budget;
use bharatmart_adapters::memory::{MemoryCache, MemoryQueueing, MemoryStore};
use bharatmart_adapters::system::System;
use bharatmart_chaos::{Act, Chaos, FaultKind, Injector, Operation, Surroundings};
use bharatmart_core::ports::Clock;
use bharatmart_runtime::config::Config;
use bharatmart_runtime::{App, OpenPorts, Standing};

/// What befalls the next call, and what has befallen those before.
#[derive(Default)]
struct World {
    next: Mutex<Option<Act>>,
    told: Mutex<BTreeMap<(&'static str, &'static str, FaultKind), u32>>,
}

impl Injector for World {
    fn act(&self, operation: &'static Operation) -> Act {
        let mut next = self.next.lock().unwrap();
        let strikes = next.and_then(Act::kind).is_some_and(|kind| operation.faults.contains(&kind));
        if strikes { next.take().unwrap_or(Act::Pass) } else { Act::Pass }
    }
}

#[async_trait]
impl Surroundings for World {
    fn left(&self) -> Duration {
        budget::remaining()
    }

    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }

    fn told(&self, operation: &'static Operation, fault: FaultKind) {
        *self.told.lock().unwrap().entry((operation.port, operation.name, fault)).or_default() += 1;
    }
}

fn shop(world: &Arc<World>) -> App {
    let chaos = Chaos::new(world.clone(), world.clone());
    let clock: Arc<dyn Clock> = chaos.clock(Arc::new(System));
    let ports = OpenPorts {
        store: Some(chaos.store(Arc::new(MemoryStore::new()))),
        queue: Some(chaos.queue(Arc::new(MemoryQueueing::new(clock.clone())))),
        cache: Some(chaos.cache(Arc::new(MemoryCache::new(clock.clone())))),
        ..OpenPorts::new(clock, Arc::new(System), Arc::new(System))
    };
    App::from_ports(Arc::new(Config::read(Vec::new()).unwrap()), ports)
}

/// Whether the store answers, and then the queue.
async fn well(app: &App) -> (bool, bool) {
    let ports = app.ports();
    (ports.store.unwrap().probe().await.is_ok(), ports.queue.unwrap().probe().await.is_ok())
}

#[tokio::test]
async fn it_uses_them_and_meets_the_faults_of_whoever_brought_them() {
    let world = Arc::new(World::default());
    let app = shop(&world);
    assert_eq!(well(&app).await, (true, true));
    *world.next.lock().unwrap() = Some(Act::ErrorBefore);
    assert_eq!(well(&app).await, (false, true));
    *world.next.lock().unwrap() = Some(Act::Latency(Duration::from_millis(5)));
    assert_eq!(well(&app).await, (true, true));
    let told = world.told.lock().unwrap().clone();
    let once = [("store", "probe", FaultKind::Latency), ("store", "probe", FaultKind::ErrorBefore)];
    assert_eq!(told, once.map(|fault| (fault, 1)).into());
}

#[tokio::test]
async fn it_has_no_faults_of_the_settings_and_nothing_outside() {
    let app = shop(&Arc::default());
    app.inject_faults();
    assert_eq!(app.chaos(), Standing::Off);
    assert!(app.dependencies().is_empty());
}
