//! Where the tests play: a fault for one operation, and a time that passes only when somebody sleeps.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_chaos::{Act, Chaos, FaultKind, Injector, Operation, Surroundings};
use bharatmart_core::{Tenant, Timestamp};

pub const LEFT: Duration = Duration::from_secs(3);

pub fn tenant() -> Tenant {
    Tenant::main()
}

pub fn now() -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000)
}

/// One fault, for each call of one operation (`store.commit`), or of every one (`*`).
struct Always {
    at: &'static str,
    act: Act,
}

impl Injector for Always {
    fn act(&self, operation: &'static Operation) -> Act {
        let name = format!("{}.{}", operation.port, operation.name);
        if self.at == "*" || self.at == name { self.act } else { Act::Pass }
    }
}

#[derive(Default)]
pub struct Stage {
    slept: Mutex<Duration>,
    told: Mutex<Vec<(&'static Operation, FaultKind)>>,
}

impl Stage {
    pub fn slept(&self) -> Duration {
        *self.slept.lock().unwrap()
    }

    pub fn told(&self) -> Vec<(&'static Operation, FaultKind)> {
        self.told.lock().unwrap().clone()
    }
}

#[async_trait]
impl Surroundings for Stage {
    fn left(&self) -> Duration {
        LEFT.saturating_sub(self.slept())
    }

    async fn sleep(&self, wait: Duration) {
        *self.slept.lock().unwrap() += wait;
    }

    fn told(&self, operation: &'static Operation, fault: FaultKind) {
        self.told.lock().unwrap().push((operation, fault));
    }
}

pub fn always(at: &'static str, act: Act) -> (Chaos, Arc<Stage>) {
    let stage = Arc::new(Stage::default());
    (Chaos::new(Arc::new(Always { at, act }), stage.clone()), stage)
}
