//! Comparing what the provider says of a payment, what the payment says, what the books say, and what its order says. What
//! can be settled is settled; the rest is told, for a person to look into.

use super::{TRIES, Till, busy, unsealed};
use crate::ids::{OrderId, PaymentId};
use crate::money::Paise;
use crate::orders::Order;
use crate::payments::{Balance, LEDGER_ENTRY, LedgerEntry, Payment, PaymentMethod, PaymentStatus};
use crate::ports::{Charged, CommitError, Fault, PaymentProvider};
use crate::record::{Listing, Row};

/// What was not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Difference {
    /// The provider knew an end that nobody had heard of; it is booked by now.
    Unheard,
    /// The shop has booked money that the provider knows nothing of.
    NotAtProvider,
    /// The books have another sum than a payment.
    Ledger,
    /// The order has another sum than its books, or thinks itself paid by nothing.
    Order,
    /// The payment is for no order that knows of it.
    NoOrder,
}

impl Difference {
    pub const fn name(self) -> &'static str {
        match self {
            Difference::Unheard => "unheard",
            Difference::NotAtProvider => "not_at_provider",
            Difference::Ledger => "ledger",
            Difference::Order => "order",
            Difference::NoOrder => "no_order",
        }
    }
}

impl Till<'_> {
    /// `provider` is `None` where this deployment takes no money before delivery. An order is looked at with its last
    /// payment.
    pub async fn reconcile(
        &self,
        id: PaymentId,
        provider: Option<&dyn PaymentProvider>,
    ) -> Result<Vec<Difference>, CommitError> {
        let Some(payment) = self.payment(id).await? else { return Ok(Vec::new()) };
        let mut differences = Vec::new();
        let asks = payment.method != PaymentMethod::Cod && payment.amount > Paise::ZERO;
        if let Some(provider) = provider.filter(|_| asks) {
            differences.extend(self.against_provider(&payment, provider).await?);
        }
        differences.extend(self.against_books(payment.order_id, id).await?);
        Ok(differences)
    }

    async fn against_provider(
        &self,
        payment: &Payment,
        provider: &dyn PaymentProvider,
    ) -> Result<Option<Difference>, CommitError> {
        let told = provider.look(self.hand.tenant, payment.id).await?;
        match told {
            Some(Charged::Captured { .. }) if payment.is_captured() => Ok(None),
            Some(told @ Charged::Captured { .. }) => self.heard_now(payment.id, &told).await,
            Some(told @ Charged::Declined { .. }) if payment.status == PaymentStatus::Pending => {
                self.heard_now(payment.id, &told).await
            }
            _ if payment.is_captured() => Ok(Some(Difference::NotAtProvider)),
            // It failed on both sides, or nobody knows yet and the sweeper goes on asking.
            _ => Ok(None),
        }
    }

    async fn heard_now(&self, id: PaymentId, told: &Charged) -> Result<Option<Difference>, CommitError> {
        self.settle(id, told, &unsealed).await?;
        Ok(Some(Difference::Unheard))
    }

    /// What an order keeps changes with its books, in one commit: they were read as they are together when the order is
    /// the same before and after.
    async fn against_books(&self, id: OrderId, last: PaymentId) -> Result<Vec<Difference>, CommitError> {
        for _ in 0..TRIES {
            let Some(order) = self.order(id).await?.filter(|order| order.payments.contains(&last)) else {
                return Ok(vec![Difference::NoOrder]);
            };
            if order.payments.last() != Some(&last) {
                return Ok(Vec::new());
            }
            let (payments, books) = (self.payments_of(&order).await?, self.books(id).await?);
            if self.order(id).await?.is_some_and(|now| now.version == order.version) {
                return Ok(compare(&order, &payments, &books));
            }
        }
        Err(busy())
    }

    /// Every entry of an order.
    async fn books(&self, id: OrderId) -> Result<Vec<LedgerEntry>, Fault> {
        const PAGE: usize = 100;
        let (within, mut books) = (id.to_string(), Vec::<LedgerEntry>::new());
        loop {
            let before = books.last().map(|entry| entry.id.clone());
            let listing = Listing::Within(&within);
            let page = self.store.records(self.hand.tenant, &LEDGER_ENTRY, listing, before.as_deref(), PAGE).await?;
            let read = page.len();
            for fields in page {
                books.push(Row::record(fields)?);
            }
            if read < PAGE {
                return Ok(books);
            }
        }
    }
}

fn compare(order: &Order, payments: &[Payment], books: &[LedgerEntry]) -> Vec<Difference> {
    let mut differences = Vec::new();
    let booked = |payment: &Payment| {
        let kept = Balance::of(books.iter().filter(|entry| entry.payment_id == payment.id));
        let captured = if payment.is_captured() { payment.amount } else { Paise::ZERO };
        (kept.captured, kept.refunded) == (captured, payment.refunded())
    };
    let known = |entry: &LedgerEntry| payments.iter().any(|payment| payment.id == entry.payment_id);
    if !payments.iter().all(booked) || !books.iter().all(known) {
        differences.push(Difference::Ledger);
    }
    let Balance { captured, refunded } = Balance::of(books);
    let kept = payments.iter().find(|payment| payment.is_captured() && !payment.surplus).map(|payment| payment.id);
    if (order.captured, order.refunded, order.paid_by) != (captured, refunded, kept) {
        differences.push(Difference::Order);
    }
    differences
}
