//! The payment provider. What it is asked to charge may be charged without the shop hearing of it.

use std::sync::Arc;

use async_trait::async_trait;
use bharatmart_core::ports::{Charge, Charged, Fault, PaymentProvider};
use bharatmart_core::{Paise, PaymentId, Tenant};

use crate::decorator::{Chaos, Faulty, faulty, through};
use crate::operation::Operation;

impl Chaos {
    pub fn payments(&self, provider: Arc<dyn PaymentProvider>) -> Arc<dyn PaymentProvider> {
        Arc::new(self.faulty(provider))
    }
}

faulty! {
    PAYMENT_PROVIDER = "payments": PaymentProvider for dyn PaymentProvider;
    writes charge(charge: &Charge) -> Result<Charged, Fault>;
    reads look(tenant: &Tenant, payment: PaymentId) -> Result<Option<Charged>, Fault>;
    writes refund(tenant: &Tenant, payment: PaymentId, key: &str, amount: Paise) -> Result<(), Fault>;
}
