//! What the routes of the catalogue ask for: products and their categories, and whose hand changes things of the shop.

use std::sync::Arc;

use bharatmart_core::Hand;
use bharatmart_core::catalog::Category;
use bharatmart_core::identity::Actor;
use bharatmart_core::ports::{CatalogReads, Fault};

use super::Ctx;
use crate::categories::Wanted;
use crate::need::Grant;

impl Ctx {
    pub fn catalog(&self) -> Result<&dyn CatalogReads, Fault> {
        self.declared(Grant::ReadsCatalog)?;
        Ok(self.app.store()?)
    }

    /// Those that are not deleted, as they were a moment ago.
    pub async fn categories(&self) -> Result<Arc<Vec<Category>>, Fault> {
        self.app.categories.all(self.catalog()?, &self.tenant, self.clock().now()).await
    }

    /// As they are now: for whoever is about to change something by them.
    pub async fn categories_anew(&self) -> Result<Arc<Vec<Category>>, Fault> {
        self.app.categories.read(self.catalog()?, &self.tenant, self.clock().now()).await
    }

    /// By its id one that is deleted, too: products may refer to it still.
    pub async fn category(&self, wanted: Wanted<'_>) -> Result<Option<Category>, Fault> {
        self.app.categories.find(self.catalog()?, &self.tenant, self.clock().now(), wanted).await
    }

    /// What was changed here shall be seen here at once.
    pub fn forget_categories(&self) {
        self.app.categories.forget(&self.tenant);
    }

    /// Whoever is logged in, here and now.
    pub fn hand(&self) -> Hand<'_> {
        let by = self.caller.as_ref().map_or(Actor::Guest, |caller| Actor::User(caller.user));
        Hand { tenant: &self.tenant, clock: self.clock(), ids: self.ids(), by, address: Some(self.address()) }
    }
}
