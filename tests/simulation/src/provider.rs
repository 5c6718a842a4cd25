//! The payment provider's own world: what it charged it knows, whatever the shop heard of it. It is the mock the shop
//! runs with, on a store of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_adapters::payments::MockProvider;
use bharatmart_core::payments::{MockCharge, MockOutcome};
use bharatmart_core::ports::{Charge, Charged, Clock, Fault, PaymentProvider};
use bharatmart_core::record::{Record, Row};
use bharatmart_core::{Paise, PaymentId, Tenant, Timestamp, Write};
use uuid::Uuid;

use crate::plant::Plant;
use crate::under::Under;
use crate::world::World;

pub struct ProvidersWorld {
    pub world: Arc<World>,
    pub memory: Arc<Under>,
    pub provider: MockProvider,
    /// Its clock, which nobody sets.
    pub clock: Arc<Steady>,
    charges: Mutex<BTreeMap<PaymentId, MockCharge>>,
}

impl ProvidersWorld {
    pub fn new(world: &Arc<World>) -> Arc<Self> {
        let memory = Under::new(world.clone(), None);
        let clock = Arc::new(Steady { world: world.clone(), ahead: world.now().millis() });
        let provider = MockProvider::new(memory.clone(), clock.clone(), world.clone(), 0);
        Arc::new(ProvidersWorld { world: world.clone(), memory, provider, clock, charges: Mutex::default() })
    }

    /// All it ever charged, as they stand.
    pub fn charges(&self) -> Vec<MockCharge> {
        let mut charges = self.charges.lock().unwrap_or_else(PoisonError::into_inner);
        for write in self.memory.take_done().into_iter().flat_map(|changes| changes.writes) {
            if let Write::Record { row, .. } = write
                && row.kind == MockCharge::KIND
                && let Ok(charge) = Row::read::<MockCharge>(row.fields)
            {
                charges.insert(charge.payment_id, charge);
            }
        }
        charges.values().cloned().collect()
    }

    /// What of a charge the provider holds, and what it gave back.
    pub fn moved(charge: &MockCharge) -> (Paise, Paise) {
        let captured = charge.is_captured(Timestamp::from_millis(i64::MAX / 2));
        (if captured { charge.amount } else { Paise::ZERO }, charge.refunded())
    }
}

/// Right as long as the shop's is.
pub struct Steady {
    world: Arc<World>,
    ahead: i64,
}

impl Clock for Steady {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.world.elapsed() as i64 + self.ahead)
    }
}

/// The way to the provider.
pub struct Door {
    world: Arc<ProvidersWorld>,
    plant: Option<Plant>,
    asked: Mutex<BTreeSet<PaymentId>>,
}

impl Door {
    pub fn new(world: Arc<ProvidersWorld>, plant: Option<Plant>) -> Self {
        Door { world, plant, asked: Mutex::default() }
    }

    fn is_again(&self, payment: PaymentId) -> bool {
        !self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(payment)
    }
}

/// A provider that is asked no longer than leaves time to write down what came of it.
pub struct Within {
    pub world: Arc<World>,
    pub provider: Arc<dyn PaymentProvider>,
}

const WRITING: Duration = Duration::from_secs(2);

#[async_trait]
impl PaymentProvider for Within {
    async fn charge(&self, charge: &Charge) -> Result<Charged, Fault> {
        self.world.keeping_back(WRITING, self.provider.charge(charge)).await
    }

    async fn look(&self, tenant: &Tenant, payment: PaymentId) -> Result<Option<Charged>, Fault> {
        self.world.keeping_back(WRITING, self.provider.look(tenant, payment)).await
    }

    async fn refund(&self, tenant: &Tenant, payment: PaymentId, key: &str, amount: Paise) -> Result<(), Fault> {
        self.world.keeping_back(WRITING, self.provider.refund(tenant, payment, key, amount)).await
    }
}

const SLOW: Duration = Duration::from_secs(5);

#[async_trait]
impl PaymentProvider for Door {
    async fn charge(&self, charge: &Charge) -> Result<Charged, Fault> {
        let mut charge = charge.clone();
        // What the mock waits for by a clock of its own is waited for by the world's.
        let slow = MockOutcome::of(charge.instrument.as_deref(), charge.payment, 0) == MockOutcome::Slow;
        if slow {
            charge.instrument = None;
        }
        if self.plant == Some(Plant::CaptureUnderANewKey) && self.is_again(charge.payment) {
            charge.payment = PaymentId::from_uuid(Uuid::from_u128(charge.payment.uuid().as_u128() ^ 1));
        }
        let told = self.world.provider.charge(&charge).await;
        if slow {
            self.world.world.sleep(SLOW).await;
        }
        told
    }

    async fn look(&self, tenant: &Tenant, payment: PaymentId) -> Result<Option<Charged>, Fault> {
        self.world.provider.look(tenant, payment).await
    }

    async fn refund(&self, tenant: &Tenant, payment: PaymentId, key: &str, amount: Paise) -> Result<(), Fault> {
        self.world.provider.refund(tenant, payment, key, amount).await
    }
}
