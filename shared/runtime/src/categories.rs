//! The categories of each shop, remembered for a moment: every product shows its category, few shops change them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bharatmart_core::catalog::Category;
use bharatmart_core::ports::{CatalogReads, Fault};
use bharatmart_core::{CategoryId, Slug, Tenant, Timestamp};

const REMEMBERED: Duration = Duration::from_secs(10);

#[derive(Default)]
pub(crate) struct Categories(Mutex<HashMap<Tenant, Remembered>>);

/// When they were read, and what was read.
type Remembered = (Timestamp, Arc<Vec<Category>>);

impl Categories {
    pub async fn all(
        &self,
        store: &dyn CatalogReads,
        tenant: &Tenant,
        now: Timestamp,
    ) -> Result<Arc<Vec<Category>>, Fault> {
        match self.remembered(tenant) {
            Some((read_at, categories)) if now < read_at.after(REMEMBERED) => Ok(categories),
            _ => self.read(store, tenant, now).await,
        }
    }

    /// A category that is not remembered may be new: looked up once more before it is said not to exist.
    pub async fn find(
        &self,
        store: &dyn CatalogReads,
        tenant: &Tenant,
        now: Timestamp,
        wanted: Wanted<'_>,
    ) -> Result<Option<Category>, Fault> {
        let find = |categories: &[Category]| categories.iter().find(|category| wanted.is(category)).cloned();
        if let Some(category) = find(&self.all(store, tenant, now).await?) {
            return Ok(Some(category));
        }
        match self.remembered(tenant) {
            Some((read_at, _)) if read_at == now => Ok(None),
            _ => Ok(find(&self.read(store, tenant, now).await?)),
        }
    }

    fn remembered(&self, tenant: &Tenant) -> Option<Remembered> {
        self.0.lock().ok()?.get(tenant).cloned()
    }

    async fn read(
        &self,
        store: &dyn CatalogReads,
        tenant: &Tenant,
        now: Timestamp,
    ) -> Result<Arc<Vec<Category>>, Fault> {
        let categories = Arc::new(store.categories(tenant).await?);
        // Anyone can ask for a shop that is not there; those are not remembered.
        if !categories.is_empty()
            && let Ok(mut remembered) = self.0.lock()
        {
            remembered.insert(tenant.clone(), (now, categories.clone()));
        }
        Ok(categories)
    }
}

#[derive(Clone, Copy)]
pub enum Wanted<'a> {
    Id(CategoryId),
    Slug(&'a Slug),
}

impl Wanted<'_> {
    fn is(&self, category: &Category) -> bool {
        match self {
            Wanted::Id(id) => category.id == *id,
            Wanted::Slug(slug) => category.slug == **slug,
        }
    }
}
