//! Whoever takes money for the shop. The shop names each charge and each refund itself, so that asking again after an
//! answer was lost does nothing twice.

use async_trait::async_trait;

use super::Fault;
use crate::ids::{OrderId, PaymentId};
use crate::money::Paise;
use crate::payments::PaymentMethod;
use crate::tenant::Tenant;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    pub tenant: Tenant,
    /// Its name: one id is charged at most once.
    pub payment: PaymentId,
    pub order: OrderId,
    pub amount: Paise,
    pub method: PaymentMethod,
    /// A UPI address or a card's token.
    pub instrument: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Charged {
    Captured {
        reference: String,
    },
    Declined {
        code: String,
    },
    /// Nobody knows yet.
    Pending,
}

/// What a webhook says, once its signature holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    pub tenant: Tenant,
    pub payment: PaymentId,
    pub charged: Charged,
}

#[async_trait]
pub trait PaymentProvider: Send + Sync {
    /// MUST charge one `payment` at most once, however often it is asked; and answer the same for it once it is settled.
    /// After a fault the caller does not know whether it was charged.
    async fn charge(&self, charge: &Charge) -> Result<Charged, Fault>;

    /// What became of a charge; `None` when the provider never heard of it.
    async fn look(&self, tenant: &Tenant, payment: PaymentId) -> Result<Option<Charged>, Fault>;

    /// MUST give back the money of one `key` at most once.
    async fn refund(&self, tenant: &Tenant, payment: PaymentId, key: &str, amount: Paise) -> Result<(), Fault>;
}
