//! Paying an order: an attempt is written down before the provider is asked, so that whatever becomes of the asking, what
//! became of the money is found out and booked once.

use std::time::Duration;

use super::{Seal, TRIES, Till, busy, unsealed};
use crate::changes::Changes;
use crate::ids::{OrderId, PaymentId, UserId};
use crate::orders::Order;
use crate::orders::pay::{NotPayable, open_attempt};
use crate::orders::settle::settle;
use crate::payments::{Open, Payment, PaymentMethod};
use crate::ports::{Charge, Charged, CommitError, Fault, PaymentProvider};

/// A charge the provider has not heard of by then never reaches it.
const NEVER: Duration = Duration::from_secs(60);
/// A provider that declined is asked once more after this whether it stays so.
pub const DOUBT: Duration = Duration::from_secs(30 * 60);

#[derive(Clone, Debug)]
pub struct Paying {
    pub order: OrderId,
    pub user: UserId,
    pub method: PaymentMethod,
    /// A UPI address or a card's token.
    pub instrument: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum PayRefused {
    /// There is none, or it is another's.
    #[error("there is no such order")]
    NoOrder,
    #[error("it cannot be paid: {0:?}")]
    NotPayable(NotPayable),
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl From<Fault> for PayRefused {
    fn from(fault: Fault) -> Self {
        PayRefused::Commit(fault.into())
    }
}

/// What is known of an attempt after somebody told.
#[derive(Clone, Debug)]
pub struct Settled {
    pub order: Order,
    pub payment: Payment,
}

impl Till<'_> {
    /// Opens an attempt and asks the provider for the money. What the provider did not say, a later question finds.
    pub async fn pay(
        &self,
        paying: &Paying,
        provider: &dyn PaymentProvider,
        seal: Seal<'_, Settled>,
    ) -> Result<Settled, PayRefused> {
        let opened = self.open(paying).await?;
        let id = opened.payment.id;
        match self.charge(provider, &opened.payment, paying.instrument.as_deref()).await {
            Some(charged) => match self.settle_from(Some(opened), id, &charged, seal).await? {
                Some(settled) => Ok(settled),
                None => Err(Fault::broken("store", "an attempt is gone").into()),
            },
            None => {
                if let Some(answer) = seal(&opened) {
                    let mut changes = Changes::new(self.hand.tenant);
                    changes.answer = Some(answer);
                    self.store.commit(changes).await?;
                }
                Ok(opened)
            }
        }
    }

    async fn open(&self, paying: &Paying) -> Result<Settled, PayRefused> {
        for _ in 0..TRIES {
            let order = self.order_of(paying.order, paying.user).await?.ok_or(PayRefused::NoOrder)?;
            let instrument = paying.instrument.as_deref().map(masked);
            let (order, payment, changes) =
                open_attempt(&order, paying.method, instrument, &self.hand).map_err(PayRefused::NotPayable)?;
            if self.keep(changes).await? {
                return Ok(Settled { order, payment });
            }
        }
        Err(busy().into())
    }

    /// Books what became of an attempt, whoever tells it. `None`: there is no such attempt.
    pub async fn settle(
        &self,
        id: PaymentId,
        charged: &Charged,
        seal: Seal<'_, Settled>,
    ) -> Result<Option<Settled>, CommitError> {
        self.settle_from(None, id, charged, seal).await
    }

    /// From what the caller has just committed, which is read only when somebody else was at it since.
    async fn settle_from(
        &self,
        mut known: Option<Settled>,
        id: PaymentId,
        charged: &Charged,
        seal: Seal<'_, Settled>,
    ) -> Result<Option<Settled>, CommitError> {
        for _ in 0..TRIES {
            let known = match known.take() {
                Some(known) => Some(known),
                None => self.attempt(id).await?,
            };
            let Some(Settled { order, payment }) = known else { return Ok(None) };
            let hold = self.hold(&order).await?;
            let (settled, mut changes) = match settle(&order, &payment, charged, hold.as_ref(), &self.hand) {
                Some((order, payment, changes)) => (Settled { order, payment }, changes),
                None => (Settled { order, payment }, Changes::new(self.hand.tenant)),
            };
            changes.answer = seal(&settled);
            if changes.items() == 0 || self.keep(changes).await? {
                return Ok(Some(settled));
            }
        }
        Err(busy())
    }

    async fn attempt(&self, id: PaymentId) -> Result<Option<Settled>, Fault> {
        let Some(payment) = self.payment(id).await? else { return Ok(None) };
        let order = self.order(payment.order_id).await?;
        Ok(order.map(|order| Settled { order, payment }))
    }

    /// Asks the provider what became of an attempt that nobody has heard the end of. `false`: nobody knows yet.
    pub async fn check(&self, id: PaymentId, provider: &dyn PaymentProvider) -> Result<bool, CommitError> {
        let Some(payment) = self.payment(id).await? else { return Ok(true) };
        let old = |age: Duration| payment.created_at.after(age) <= self.hand.now();
        let told = match payment.open {
            Some(Open::Charge) => match provider.look(self.hand.tenant, id).await? {
                None if old(NEVER) => Charged::Declined { code: "not_received".to_owned() },
                None | Some(Charged::Pending) => return Ok(false),
                Some(told) => told,
            },
            Some(Open::Doubt) if old(DOUBT) => match provider.look(self.hand.tenant, id).await? {
                Some(told @ Charged::Captured { .. }) => told,
                // It has come to no end at the provider either.
                Some(Charged::Pending) => return Ok(false),
                _ => return self.keep(payment.past_doubt(&self.hand)).await,
            },
            // It was declined, and is no longer under way: that it is looked at once more is for later.
            Some(Open::Doubt | Open::Refund) | None => return Ok(true),
        };
        self.settle(id, &told, &unsealed).await.map(|_| true)
    }

    /// Asked again once when the answer was lost: under the attempt's own name, so that it is charged once.
    async fn charge(
        &self,
        provider: &dyn PaymentProvider,
        payment: &Payment,
        instrument: Option<&str>,
    ) -> Option<Charged> {
        if payment.amount == crate::money::Paise::ZERO {
            return Some(Charged::Captured { reference: "nothing_due".to_owned() });
        }
        let charge = Charge {
            tenant: self.hand.tenant.clone(),
            payment: payment.id,
            order: payment.order_id,
            amount: payment.amount,
            method: payment.method,
            instrument: instrument.map(str::to_owned),
        };
        let mut told = provider.charge(&charge).await;
        if told.is_err() {
            told = provider.charge(&charge).await;
        }
        told.ok().filter(|told| *told != Charged::Pending)
    }
}

/// As much as may be kept of what it is paid with: `ra…@upi`, `tok_…4242`.
fn masked(instrument: &str) -> String {
    match instrument.split_once('@') {
        Some((name, bank)) => format!("{}…@{bank}", name.chars().take(2).collect::<String>()),
        None => {
            let hidden = instrument.chars().count().saturating_sub(4);
            format!("…{}", instrument.chars().skip(hidden).collect::<String>())
        }
    }
}
