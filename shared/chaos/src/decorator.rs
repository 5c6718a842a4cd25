//! What stands around a port. Every call goes the same way: the injector is asked what shall befall it, then it is made
//! (or not, or twice), and then it is answered (or not). A decorator holds nothing besides.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::ports::Fault;

use crate::act::{Act, FaultKind};
use crate::injector::Injector;
use crate::operation::Operation;

/// What a fault needs of whoever runs the shop. In a simulation time is its own.
#[async_trait]
pub trait Surroundings: Send + Sync {
    /// How long the caller goes on waiting.
    fn left(&self) -> Duration;

    async fn sleep(&self, wait: Duration);

    /// A fault is being injected: for the log and the counters.
    fn told(&self, operation: &'static Operation, fault: FaultKind);
}

/// Decorates ports: one method for each, in the port's own file.
#[derive(Clone)]
pub struct Chaos {
    injector: Arc<dyn Injector>,
    surroundings: Arc<dyn Surroundings>,
}

/// A port with faults.
pub(crate) struct Faulty<Port: ?Sized> {
    pub inner: Arc<Port>,
    pub chaos: Chaos,
}

/// A call that is made, or just was.
pub(crate) struct Underway<'a> {
    chaos: &'a Chaos,
    operation: &'static Operation,
    pub act: Act,
}

impl Chaos {
    pub fn new(injector: Arc<dyn Injector>, surroundings: Arc<dyn Surroundings>) -> Self {
        Chaos { injector, surroundings }
    }

    pub(crate) fn faulty<Port: ?Sized>(&self, inner: Arc<Port>) -> Faulty<Port> {
        Faulty { inner, chaos: self.clone() }
    }

    /// The one place where calls and faults meet. A fault that the operation cannot have is none.
    pub(crate) fn act(&self, operation: &'static Operation) -> Act {
        let act = self.injector.act(operation);
        match act.kind() {
            Some(kind) if operation.faults.contains(&kind) => {
                self.surroundings.told(operation, kind);
                act
            }
            _ => Act::Pass,
        }
    }

    pub(crate) async fn begin(&self, operation: &'static Operation) -> Result<Underway<'_>, Fault> {
        let act = self.act(operation);
        match act {
            Act::ErrorBefore => return Err(away(operation)),
            Act::Busy => return Err(Fault::busy(operation.port, "injected: too many calls")),
            Act::TimeoutBefore => return Err(self.silence(operation).await),
            Act::Latency(wait) => self.wait(operation, wait).await?,
            _ => {}
        }
        Ok(Underway { chaos: self, operation, act })
    }

    pub(crate) async fn wait(&self, operation: &'static Operation, wait: Duration) -> Result<(), Fault> {
        if wait >= self.surroundings.left() {
            return Err(self.silence(operation).await);
        }
        self.surroundings.sleep(wait).await;
        Ok(())
    }

    /// Until the caller has gone.
    async fn silence(&self, operation: &'static Operation) -> Fault {
        self.surroundings.sleep(self.surroundings.left()).await;
        Fault::away(operation.port, "injected: no answer in time")
    }
}

impl Underway<'_> {
    /// The call was made. Answers whether it is at its end: one that comes double is made once more.
    pub async fn ends(&mut self) -> Result<bool, Fault> {
        match self.act {
            Act::ErrorAfter => Err(away(self.operation)),
            Act::TimeoutAfter => Err(self.chaos.silence(self.operation).await),
            Act::Duplicate => {
                self.act = Act::Pass;
                Ok(false)
            }
            _ => Ok(true),
        }
    }
}

fn away(operation: &Operation) -> Fault {
    Fault::away(operation.port, "injected: an error")
}

/// Makes a call that was begun, once or twice, and gives its answer.
macro_rules! through {
    ($underway:ident, $call:expr) => {
        loop {
            let answer = $call.await;
            if $underway.ends().await? {
                break answer;
            }
        }
    };
}
pub(crate) use through;

/// Writes a port's decorator from a table of its methods, and the list of its operations. What one call takes beyond
/// that stands under `by hand`, with its operations before it.
macro_rules! faulty {
    (
        $list:ident = $port:literal: $of:ident for $inner:ty;
        $($kind:ident $name:ident($($arg:ident: $type:ty),* $(,)?) -> $answer:ty;)*
        $([$($own:expr),*] by hand: $($hand:tt)*)?
    ) => {
        pub(crate) const $list: &[Operation] = &[
            $(Operation::$kind($port, stringify!($of), stringify!($name)),)*
            $($($own,)*)?
        ];

        #[async_trait]
        impl $of for Faulty<$inner> {
            $(
                async fn $name(&self, $($arg: $type),*) -> $answer {
                    const CALL: &Operation = &Operation::$kind($port, stringify!($of), stringify!($name));
                    let mut underway = self.chaos.begin(CALL).await?;
                    through!(underway, $of::$name(self.inner.as_ref(), $(Clone::clone(&$arg)),*))
                }
            )*
            $($($hand)*)?
        }
    };
}
pub(crate) use faulty;
