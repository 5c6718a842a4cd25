//! Giving money back: somebody asks, the provider does it, it is booked. Between the two nothing is forgotten: what was
//! asked stands on the payment, and is named to the provider by its number.

use super::{Seal, TRIES, Till, busy};
use crate::changes::Expect;
use crate::identity::Action;
use crate::ids::PaymentId;
use crate::money::Paise;
use crate::orders::refund::{NotRefundable, ask_refund, refund_done};
use crate::payments::{Payment, Refund};
use crate::ports::{CommitError, Fault, PaymentProvider};

#[derive(Debug, thiserror::Error)]
pub enum RefundRefused {
    #[error("there is no such payment")]
    NoPayment,
    #[error("at most {} can go back", .0.refundable)]
    NotRefundable(NotRefundable),
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl From<Fault> for RefundRefused {
    fn from(fault: Fault) -> Self {
        RefundRefused::Commit(fault.into())
    }
}

impl Till<'_> {
    /// All that is left of it, or so much.
    pub async fn ask_refund(
        &self,
        id: PaymentId,
        amount: Option<Paise>,
        reason: &str,
        seal: Seal<'_, Payment>,
    ) -> Result<Payment, RefundRefused> {
        for _ in 0..TRIES {
            let payment = self.payment(id).await?.ok_or(RefundRefused::NoPayment)?;
            let (after, changes) =
                ask_refund(&payment, amount, reason, &self.hand).map_err(RefundRefused::NotRefundable)?;
            let audit = self.hand.audit(Action::RefundAsked, id).changed(Some(&payment), Some(&after));
            let mut changes = changes.put(&audit, Expect::New);
            changes.answer = seal(&after);
            if self.keep(changes).await? {
                return Ok(after);
            }
        }
        Err(busy().into())
    }

    /// Gives back what was asked and not done yet, one after another.
    pub async fn give_back(&self, id: PaymentId, provider: &dyn PaymentProvider) -> Result<(), CommitError> {
        while let Some((payment, refund)) = self.owed(id).await? {
            provider.refund(self.hand.tenant, id, &payment.refund_key(refund.nth), refund.amount).await?;
            self.refunded(id, refund.nth).await?;
        }
        Ok(())
    }

    async fn owed(&self, id: PaymentId) -> Result<Option<(Payment, Refund)>, Fault> {
        let Some(payment) = self.payment(id).await? else { return Ok(None) };
        let owed = payment.refunds.iter().find(|refund| !refund.done).cloned();
        Ok(owed.map(|refund| (payment, refund)))
    }

    async fn refunded(&self, id: PaymentId, nth: u32) -> Result<(), CommitError> {
        for _ in 0..TRIES {
            let Some(payment) = self.payment(id).await? else { return Ok(()) };
            let Some(order) = self.order(payment.order_id).await? else { return Ok(()) };
            let Some((.., changes)) = refund_done(&order, &payment, nth, &self.hand) else { return Ok(()) };
            if self.keep(changes).await? {
                return Ok(());
            }
        }
        Err(busy())
    }
}
