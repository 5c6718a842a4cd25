//! What functions about orders and money work with: the till, and whoever takes the money.

use std::time::Duration;

use async_trait::async_trait;
use bharatmart_adapters::budget;
use bharatmart_core::identity::{Actor, Keys};
use bharatmart_core::orders::till::{House, Till};
use bharatmart_core::ports::{Charge, Charged, Fault, Heard, PaymentProvider};
use bharatmart_core::pricing::Terms;
use bharatmart_core::{Hand, Paise, PaymentId, Tenant};

use super::{Ctx, Held, WorkCtx, declared};
use crate::app::App;
use crate::need::Grant;

/// Kept back for writing down what the provider said, or that it said nothing.
const WRITING: Duration = Duration::from_secs(2);

impl Ctx {
    /// As whoever is logged in.
    pub fn till<'a>(&'a self, held: &'a Held<'a>) -> Till<'a> {
        Till { hand: self.hand(), store: held }
    }

    /// As the shop itself, on behalf of whom somebody outside told of.
    pub fn till_of<'a>(&'a self, held: &'a Held<'a>, tenant: &'a Tenant) -> Till<'a> {
        let hand =
            Hand { tenant, clock: self.clock(), ids: self.ids(), by: Actor::Shop, address: Some(self.address()) };
        Till { hand, store: held }
    }

    pub fn house<'a>(&'a self, terms: &'a Terms) -> House<'a> {
        let config = self.config();
        House { terms, reach: &config.reach, cod: &config.cod, numbers: &self.app.numbers }
    }

    /// `None` where the shop takes no money before delivery.
    pub fn provider(&self) -> Result<Option<Within<'_>>, Fault> {
        declared(self.route.needs, Grant::TakesMoney, self.route.name)?;
        Ok(self.app.provider())
    }

    /// What a provider's webhook says, when its signature over the raw body holds.
    pub fn heard(&self, keys: &Keys, body: &[u8], signature: &str) -> Option<Heard> {
        bharatmart_adapters::payments::heard(keys, body, signature, self.clock().now())
    }
}

impl WorkCtx {
    /// The shop's own.
    pub fn till<'a>(&'a self, held: &'a Held<'a>, tenant: &'a Tenant) -> Till<'a> {
        let hand = Hand { tenant, clock: self.clock(), ids: self.ids(), by: Actor::Shop, address: None };
        Till { hand, store: held }
    }

    pub fn provider(&self) -> Result<Option<Within<'_>>, Fault> {
        self.declared(Grant::TakesMoney)?;
        Ok(self.app.provider())
    }
}

impl App {
    fn provider(&self) -> Option<Within<'_>> {
        self.provider.as_deref().map(Within)
    }
}

/// A provider that is asked no longer than leaves time to write down what came of it.
pub struct Within<'a>(&'a dyn PaymentProvider);

impl Within<'_> {
    async fn bounded<T>(&self, asking: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        let left = budget::remaining().saturating_sub(WRITING);
        let outcome = tokio::time::timeout(left, budget::within(left, asking)).await;
        outcome.unwrap_or_else(|_| Err(Fault::away("payments", "no answer in time")))
    }
}

#[async_trait]
impl PaymentProvider for Within<'_> {
    async fn charge(&self, charge: &Charge) -> Result<Charged, Fault> {
        self.bounded(self.0.charge(charge)).await
    }

    async fn look(&self, tenant: &Tenant, payment: PaymentId) -> Result<Option<Charged>, Fault> {
        self.bounded(self.0.look(tenant, payment)).await
    }

    async fn refund(&self, tenant: &Tenant, payment: PaymentId, key: &str, amount: Paise) -> Result<(), Fault> {
        self.bounded(self.0.refund(tenant, payment, key, amount)).await
    }
}
