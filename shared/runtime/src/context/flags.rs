//! What is switched on for the caller.

use std::collections::BTreeMap;
use std::sync::Arc;

use bharatmart_core::flags::{Asker, FLAG, Flag};
use bharatmart_core::ports::Fault;
use bharatmart_core::pricing::Terms;

use super::Ctx;
use crate::need::Grant;

/// Off, no coupon counts: neither one that is put on a cart nor one that is on it.
const COUPONS: &str = "cart.coupons";

impl Ctx {
    /// Whether a flag is on for the caller, as it stood a few seconds ago. `default` when there is no such flag, or when
    /// nobody can say: a request never fails for want of its flags.
    pub async fn flag(&self, name: &str, default: bool) -> bool {
        match self.known_flags().await {
            Ok(flags) => flags.get(name).map_or(default, |flag| flag.is_on_for(&self.asker())),
            Err(fault) => {
                tracing::warn!(flag = name, error = %fault, default, "no flag is known just now");
                default
            }
        }
    }

    /// The shop's terms as they are for the caller.
    pub async fn terms(&self) -> Terms {
        Terms { coupons: self.flag(COUPONS, true).await, ..self.config().terms }
    }

    /// Each flag as it is for the caller.
    pub async fn flags(&self) -> Result<BTreeMap<String, bool>, Fault> {
        let asker = self.asker();
        Ok(self.known_flags().await?.iter().map(|(name, flag)| (name.clone(), flag.is_on_for(&asker))).collect())
    }

    /// What was changed here shall be seen here at once.
    pub fn forget_flags(&self) {
        self.app.flags.forget(&self.tenant);
    }

    async fn known_flags(&self) -> Result<Arc<BTreeMap<String, Flag>>, Fault> {
        self.declared(Grant::Reads(&FLAG))?;
        self.app.flags.of(self.app.store()?, &self.tenant, self.clock().now()).await
    }

    fn asker(&self) -> Asker<'_> {
        match &self.caller {
            Some(caller) => Asker::User { id: caller.user, role: caller.role },
            None => Asker::Guest { address: self.address() },
        }
    }
}
