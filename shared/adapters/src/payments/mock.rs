//! The mock payment provider: what it is paid with tells how a charge ends. What it did it remembers in a store, so that
//! every function sees the same provider; what it tells later goes out by webhook.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::identity::Keys;
use bharatmart_core::payments::{MockCharge, MockOutcome, MockRefund, Said, WebhookDue};
use bharatmart_core::ports::{
    Charge, Charged, Clock, CommitError, Commits, Fault, Heard, Ids, PaymentProvider, Records,
};
use bharatmart_core::record::{Record, Row};
use bharatmart_core::{Changes, Event, EventKind, Expect, Paise, PaymentId, RecordKey, Refusal, Tenant, Timestamp};
use serde::{Deserialize, Serialize};

use super::{PORT, signature};

/// What the mock provider needs of a store.
pub trait Memory: Records + Commits {}
impl<T: Records + Commits + ?Sized> Memory for T {}

pub struct MockProvider {
    memory: Arc<dyn Memory>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    failing_per_million: u32,
}

const SLOW: Duration = Duration::from_secs(5);

impl MockProvider {
    pub fn new(memory: Arc<dyn Memory>, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>, failing_per_million: u32) -> Self {
        MockProvider { memory, clock, ids, failing_per_million }
    }

    pub async fn known(&self, tenant: &Tenant, payment: PaymentId) -> Result<Option<MockCharge>, Fault> {
        let found = self.memory.record(tenant, MockCharge::KIND, &RecordKey::alone(payment)).await;
        found.map_err(away)?.map(Row::record).transpose()
    }

    /// The charge as it is remembered, made now if it is the first of its name.
    async fn made(&self, charge: &Charge) -> Result<MockCharge, Fault> {
        if let Some(known) = self.known(&charge.tenant, charge.payment).await? {
            return Ok(known);
        }
        let made = MockCharge {
            payment_id: charge.payment,
            version: 1,
            order_id: charge.order,
            method: charge.method,
            amount: charge.amount,
            outcome: MockOutcome::of(charge.instrument.as_deref(), charge.payment, self.failing_per_million),
            refunds: Vec::new(),
            charged_at: self.clock.now(),
        };
        let subject = charge.payment.to_string();
        let due = Event::new(
            EventKind::MockWebhookDue,
            &charge.tenant,
            subject,
            &WebhookDue::of(&made),
            self.clock.as_ref(),
            self.ids.as_ref(),
        );
        let changes = Changes::new(&charge.tenant).put(&made, Expect::New).event(due);
        match self.memory.commit(changes).await {
            Ok(()) => Ok(made),
            Err(CommitError::Refused(Refusal::Exists(_))) => {
                let known = self.known(&charge.tenant, charge.payment).await?;
                known.ok_or_else(|| Fault::broken(PORT, "a charge is gone"))
            }
            Err(CommitError::Refused(refusal)) => Err(Fault::broken(PORT, refusal)),
            Err(CommitError::Fault(fault)) => Err(away(fault)),
        }
    }
}

fn told(charge: &MockCharge, at: Timestamp) -> Charged {
    match charge.is_captured(at) {
        true => Charged::Captured { reference: charge.reference() },
        false => Charged::Declined { code: "declined_by_bank".to_owned() },
    }
}

/// Whoever asks knows a provider, and no store behind it.
fn away(fault: Fault) -> Fault {
    match fault {
        Fault::Broken { cause, .. } => Fault::broken(PORT, cause),
        other => Fault::away(PORT, other),
    }
}

#[async_trait]
impl PaymentProvider for MockProvider {
    async fn charge(&self, charge: &Charge) -> Result<Charged, Fault> {
        // A charge that is late is so however long it takes to remember it.
        let asked_at = self.clock.now();
        let made = self.made(charge).await?;
        match made.outcome {
            MockOutcome::Slow => tokio::time::sleep(SLOW).await,
            MockOutcome::Timeout => return Err(Fault::away(PORT, "the answer was lost")),
            _ => {}
        }
        Ok(told(&made, asked_at))
    }

    async fn look(&self, tenant: &Tenant, payment: PaymentId) -> Result<Option<Charged>, Fault> {
        Ok(self.known(tenant, payment).await?.map(|charge| told(&charge, self.clock.now())))
    }

    async fn refund(&self, tenant: &Tenant, payment: PaymentId, key: &str, amount: Paise) -> Result<(), Fault> {
        loop {
            let charge = self.known(tenant, payment).await?;
            let mut charge = charge.ok_or_else(|| Fault::broken(PORT, "there is no such charge"))?;
            if charge.refunds.iter().any(|refund| refund.key == key) {
                return Ok(());
            }
            let left = charge.amount - charge.refunded();
            if !charge.is_captured(self.clock.now()) || amount > left {
                return Err(Fault::broken(PORT, format_args!("{amount} is more than the {left} it holds")));
            }
            let expect = Expect::Version(charge.version);
            charge.version += 1;
            charge.refunds.push(MockRefund { key: key.to_owned(), amount });
            match self.memory.commit(Changes::new(tenant).put(&charge, expect)).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Refused(Refusal::VersionChanged(_))) => {}
                Err(CommitError::Refused(refusal)) => return Err(Fault::broken(PORT, refusal)),
                Err(CommitError::Fault(fault)) => return Err(away(fault)),
            }
        }
    }
}

/// What a webhook of the mock provider says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookBody {
    pub tenant: Tenant,
    pub payment_id: PaymentId,
    pub status: Said,
    pub sent_at: Timestamp,
}

/// `None` when the signature, made over the raw body, is not the provider's, or it was made too long ago; or when the
/// body is none of its.
pub fn heard(keys: &Keys, body: &[u8], signature: &str, now: Timestamp) -> Option<Heard> {
    if !signature::holds(keys, body, signature, now) {
        return None;
    }
    let WebhookBody { tenant, payment_id, status, .. } = serde_json::from_slice(body).ok()?;
    let charged = match status {
        Said::Pending => Charged::Pending,
        Said::Captured => Charged::Captured { reference: reference(payment_id) },
        Said::Declined => Charged::Declined { code: "declined_by_bank".to_owned() },
    };
    Some(Heard { tenant, payment: payment_id, charged })
}

fn reference(payment: PaymentId) -> String {
    format!("mock_{}", payment.uuid().simple())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use bharatmart_core::payments::PaymentMethod;
    use bharatmart_core::ports::{Ids, Outbox, Secret};
    use bharatmart_core::{OrderId, PaymentId};

    use super::*;
    use crate::memory::MemoryStore;
    use crate::system::System;

    fn provider() -> (Arc<MemoryStore>, MockProvider) {
        let store = Arc::new(MemoryStore::default());
        (store.clone(), MockProvider::new(store, Arc::new(System), Arc::new(System), 0))
    }

    fn charge(with: &str) -> Charge {
        Charge {
            tenant: Tenant::main(),
            payment: PaymentId::from_uuid(System.uuid()),
            order: OrderId::from_uuid(System.uuid()),
            amount: Paise::from_rupees(500),
            method: PaymentMethod::Upi,
            instrument: Some(with.to_owned()),
        }
    }

    /// A clock on which longer passes between two looks than a late charge takes.
    struct Hurried(AtomicI64);

    impl Clock for Hurried {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(self.0.fetch_add(10_000, Ordering::Relaxed))
        }
    }

    #[tokio::test]
    async fn a_late_charge_is_declined_at_first_however_long_it_takes_to_remember() {
        let clock = Arc::new(Hurried(AtomicI64::new(1_790_000_000_000)));
        let provider = MockProvider::new(Arc::new(MemoryStore::default()), clock, Arc::new(System), 0);
        let charge = charge("late@upi");
        assert!(matches!(provider.charge(&charge).await.unwrap(), Charged::Declined { .. }));
        let later = provider.look(&charge.tenant, charge.payment).await.unwrap();
        assert!(matches!(later, Some(Charged::Captured { .. })), "{later:?}");
    }

    #[tokio::test]
    async fn a_charge_asked_for_twice_is_made_once_and_told_once() {
        let (store, provider) = provider();
        let charge = charge("success@upi");
        let first = provider.charge(&charge).await.unwrap();
        assert!(matches!(first, Charged::Captured { .. }));
        assert_eq!(
            provider.charge(&Charge { instrument: Some("decline@upi".to_owned()), ..charge.clone() }).await.unwrap(),
            first
        );
        assert_eq!(store.newest_events(10).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn an_answer_that_is_lost_is_found_by_looking() {
        let (_, provider) = provider();
        let charge = charge("timeout@upi");
        assert!(provider.charge(&charge).await.is_err());
        let told = provider.look(&charge.tenant, charge.payment).await.unwrap();
        assert!(matches!(told, Some(Charged::Captured { .. })));
        assert_eq!(provider.look(&charge.tenant, PaymentId::from_uuid(System.uuid())).await.unwrap(), None);
    }

    #[tokio::test]
    async fn no_more_goes_back_than_came_and_each_refund_once() {
        let (_, provider) = provider();
        let charge = charge("success@upi");
        provider.charge(&charge).await.unwrap();
        let back = async |key: &str, rupees| {
            provider.refund(&charge.tenant, charge.payment, key, Paise::from_rupees(rupees)).await
        };
        back("one", 300).await.unwrap();
        back("one", 300).await.unwrap();
        assert!(back("two", 201).await.is_err());
        back("two", 200).await.unwrap();
        let known = provider.known(&charge.tenant, charge.payment).await.unwrap().unwrap();
        assert_eq!(known.refunded(), charge.amount);
    }

    #[test]
    fn a_webhook_is_heard_when_its_signature_holds() {
        let keys = Keys::parse(&Secret::new("key")).unwrap();
        let (at, payment_id) = (Timestamp::from_millis(1_790_000_000_000), PaymentId::from_uuid(System.uuid()));
        let body = WebhookBody { tenant: Tenant::main(), payment_id, status: Said::Captured, sent_at: at };
        let body = serde_json::to_vec(&body).unwrap();
        let signature = signature::sign(&keys, &body, at);
        let told = heard(&keys, &body, &signature, at).unwrap();
        assert_eq!(told.payment, payment_id);
        assert!(heard(&keys, &[body, b" ".to_vec()].concat(), &signature, at).is_none());
    }
}
