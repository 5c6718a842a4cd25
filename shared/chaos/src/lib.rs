//! Faults on purpose: a decorator for each port, and a plan that says which call meets which fault. The decorators that
//! a simulation uses are the ones the shop runs with. It knows no engine, waits by no clock of its own and reads no
//! setting; who runs the shop hands all of that in.

mod act;
mod aim;
mod decorator;
mod injector;
mod operation;
mod plan;
mod ports;

pub use act::{Act, FaultKind};
pub use aim::{Mark, Marks, hash};
pub use decorator::{Chaos, Surroundings};
pub use injector::{Injector, PlanInjector};
pub use operation::Operation;
pub use plan::{BrokenPlan, MOST_FAULTS, Plan};
pub use ports::operations;
