//! What befalls the calls of a seed. Where nothing does, a call waits for its turn all the same: between any two calls
//! of one actor the others may do anything.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_chaos::{Act, Chaos, FaultKind, Injector, Operation, Surroundings};

use crate::dice::Dice;
use crate::tally::{CRASH_AFTER, CRASH_BEFORE, Tally};
use crate::world::World;

/// So that the others may go on.
pub const TURN: Act = Act::Latency(Duration::ZERO);

pub struct Weather {
    world: Arc<World>,
    dice: Dice,
    on: AtomicBool,
    /// Of a thousand calls, so many meet a fault.
    share: u64,
    /// The faults of this seed: with few kinds each does more than it would among many.
    kinds: Vec<FaultKind>,
    /// Of a hundred faults, so many are crashes.
    crashes: u64,
    tally: Mutex<Tally>,
}

impl Weather {
    pub fn new(world: Arc<World>) -> Arc<Self> {
        let dice = Dice::new(world.seed, "faults");
        let share = *dice.pick(&[0, 5, 10, 20, 30, 40, 50, 70, 100, 150]).unwrap_or(&20);
        let among = *dice.pick(&[25, 60, 100]).unwrap_or(&100);
        let kinds = FaultKind::ALL.iter().copied().filter(|_| dice.chance(among)).collect();
        let crashes = *dice.pick(&[0, 15, 40]).unwrap_or(&15);
        Arc::new(Weather { world, dice, on: AtomicBool::new(true), share, kinds, crashes, tally: Mutex::default() })
    }

    /// In which nothing befalls anybody.
    pub fn fair(world: Arc<World>) -> Arc<Self> {
        let (dice, kinds, tally) = (Dice::new(world.seed, "faults"), Vec::new(), Mutex::default());
        Arc::new(Weather { world, dice, on: AtomicBool::new(false), share: 0, kinds, crashes: 0, tally })
    }

    pub fn end(&self) {
        self.on.store(false, Ordering::Relaxed);
        self.world.tell(|| "faults stop".to_owned());
    }

    /// Whether anything goes wrong at all in this seed.
    pub fn is_fair(&self) -> bool {
        self.share == 0
    }

    pub fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    pub fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Before the call, or after it took effect.
    fn crash(&self, operation: &'static Operation) -> Option<Act> {
        if !operation.faults.contains(&FaultKind::TimeoutAfter) || !self.dice.chance(self.crashes) {
            return None;
        }
        let (name, act) = match self.dice.chance(50) {
            true => (CRASH_BEFORE, TURN),
            false => (CRASH_AFTER, Act::TimeoutAfter),
        };
        if !self.world.doom() {
            return None;
        }
        self.tally().fault(operation, name);
        self.world.tell(|| format!("! {}.{} {name}", operation.port, operation.name));
        Some(act)
    }

    fn fault(&self, operation: &'static Operation) -> Option<Act> {
        let possible: Vec<_> = operation.faults.iter().filter(|kind| self.kinds.contains(kind)).collect();
        let kind = **self.dice.pick(&possible)?;
        let act = match kind {
            FaultKind::Latency => Act::Latency(Duration::from_millis(self.dice.between(1, 6_000))),
            FaultKind::ErrorBefore => Act::ErrorBefore,
            FaultKind::ErrorAfter => Act::ErrorAfter,
            FaultKind::Busy => Act::Busy,
            FaultKind::Duplicate => Act::Duplicate,
            FaultKind::TimeoutBefore => Act::TimeoutBefore,
            FaultKind::TimeoutAfter => Act::TimeoutAfter,
            FaultKind::Lose => Act::Lose,
            FaultKind::Late => Act::Late(Duration::from_millis(self.dice.between(1, 120_000))),
            FaultKind::Reorder => Act::Reorder,
            FaultKind::Skew => Act::Skew(self.dice.between(0, 180_000) as i64 - 90_000),
        };
        self.tally().fault(operation, kind.name());
        self.world.tell(|| format!("! {}.{} {act:?}", operation.port, operation.name));
        Some(act)
    }
}

impl Injector for Weather {
    fn act(&self, operation: &'static Operation) -> Act {
        let none = if operation.faults.contains(&FaultKind::Latency) { TURN } else { Act::Pass };
        if !self.is_on() {
            return none;
        }
        self.tally().call(operation);
        if self.dice.below(1_000) >= self.share {
            return none;
        }
        self.crash(operation).or_else(|| self.fault(operation)).unwrap_or(none)
    }
}

/// Time is the world's.
pub struct Here(pub Arc<World>);

#[async_trait]
impl Surroundings for Here {
    fn left(&self) -> Duration {
        self.0.left()
    }

    async fn sleep(&self, wait: Duration) {
        self.0.sleep(wait).await;
    }

    fn told(&self, _: &'static Operation, _: FaultKind) {}
}

pub fn chaos(world: &Arc<World>, injector: Arc<dyn Injector>) -> Chaos {
    Chaos::new(injector, Arc::new(Here(world.clone())))
}
