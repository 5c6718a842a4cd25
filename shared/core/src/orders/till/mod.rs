//! The till: what is done about orders and payments, over the ports. Each step reads what it is about, asks core's rules,
//! and commits under the versions it read; when somebody else was first it reads again. What is told by whoever asks
//! (an answer to keep for an idempotency key) goes into the same commit.

mod basket;
mod cancel;
mod drive_on;
mod expire;
mod move_on;
mod pay;
mod place;
mod reconcile;
mod refund;
mod release;
mod tell;

use crate::changes::{Changes, Refusal};
use crate::hand::Hand;
use crate::ids::{OrderId, PaymentId, UserId};
use crate::inventory::Reservation;
use crate::payments::Payment;
use crate::ports::{Answered, CommitError, Fault};

pub use crate::ports::TillStore;
use crate::record::{Record, RecordKey, Row};

use super::{NotAllowed, Order};

pub use drive_on::{drive_on, look_after};
pub use expire::Expired;
pub use pay::{DOUBT, PayRefused, Paying, Settled};
pub use place::{House, PlaceRefused, Placing};
pub use reconcile::Difference;
pub use refund::RefundRefused;
pub use release::{due, release};
pub use tell::tell;

/// Who stands at it, and with which store.
#[derive(Clone, Copy)]
pub struct Till<'a> {
    pub hand: Hand<'a>,
    pub store: &'a dyn TillStore,
}

/// What answer a commit leaves behind for its key; `None` where nobody waits for one, or no key came along.
pub type Seal<'a, T> = &'a (dyn Fn(&T) -> Option<Answered> + Send + Sync);

/// For whom no answer is kept.
pub fn unsealed<T>(_: &T) -> Option<Answered> {
    None
}

/// So often a step is made anew before its caller is told to come again.
const TRIES: usize = 12;

#[derive(Debug, thiserror::Error)]
pub enum MoveRefused {
    /// There is none, or it is another's.
    #[error("there is no such order")]
    NoOrder,
    #[error("it may not go there from {}", .0.from.name())]
    NotAllowed(NotAllowed),
    /// What was presented is no code of this order, or none any more.
    #[error("it is not the code of the order")]
    WrongCode,
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl From<NotAllowed> for MoveRefused {
    fn from(refused: NotAllowed) -> Self {
        MoveRefused::NotAllowed(refused)
    }
}

impl From<Fault> for MoveRefused {
    fn from(fault: Fault) -> Self {
        MoveRefused::Commit(fault.into())
    }
}

impl<'a> Till<'a> {
    pub(super) async fn find<R: Record>(&self, key: &RecordKey) -> Result<Option<R>, Fault> {
        let found = self.store.record(self.hand.tenant, R::KIND, key).await?;
        found.map(Row::record).transpose()
    }

    pub async fn order(&self, id: OrderId) -> Result<Option<Order>, Fault> {
        self.find(&RecordKey::alone(id)).await
    }

    /// What is another's is as good as not there.
    pub async fn order_of(&self, id: OrderId, user: UserId) -> Result<Option<Order>, Fault> {
        Ok(self.order(id).await?.filter(|order| order.user_id == user))
    }

    pub async fn payment(&self, id: PaymentId) -> Result<Option<Payment>, Fault> {
        self.find(&RecordKey::alone(id)).await
    }

    /// An order's attempts, in the order they were made.
    pub async fn payments_of(&self, order: &Order) -> Result<Vec<Payment>, Fault> {
        let mut payments = Vec::with_capacity(order.payments.len());
        for id in &order.payments {
            payments.extend(self.payment(*id).await?);
        }
        Ok(payments)
    }

    /// The hold on its stock, as long as there is one.
    async fn hold(&self, order: &Order) -> Result<Option<Reservation>, Fault> {
        match order.reservation {
            Some(id) => self.find(&RecordKey::alone(id)).await,
            None => Ok(None),
        }
    }

    /// Whether it was committed; if not, others were first, and the step is to be made anew. A counter at its limit says
    /// so too: others used a coupon up, or gave its use back already.
    async fn keep(&self, changes: Changes) -> Result<bool, CommitError> {
        match self.store.commit(changes).await {
            Ok(()) => Ok(true),
            Err(CommitError::Refused(
                Refusal::VersionChanged(_)
                | Refusal::Exists(_)
                | Refusal::InsufficientStock(_)
                | Refusal::LimitReached(_),
            )) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Order {
    /// The payment that is made at the door.
    fn cash(&self) -> Option<PaymentId> {
        (self.method == crate::payments::PaymentMethod::Cod).then(|| self.payments.first().copied()).flatten()
    }
}

fn busy() -> CommitError {
    Fault::busy("store", "others changed it as often as it was read").into()
}
