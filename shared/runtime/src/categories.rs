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

#[derive(Clone)]
struct Remembered {
    read_at: Timestamp,
    all: Arc<Vec<Category>>,
    /// Kept for products that refer to them still.
    deleted: Arc<Vec<Category>>,
}

impl Remembered {
    fn find(&self, wanted: Wanted<'_>) -> Option<Category> {
        let by_id = matches!(wanted, Wanted::Id(_));
        let deleted = self.deleted.iter().filter(|_| by_id);
        self.all.iter().chain(deleted).find(|category| wanted.is(category)).cloned()
    }
}

impl Categories {
    /// Those that are not deleted.
    pub async fn all(
        &self,
        store: &dyn CatalogReads,
        tenant: &Tenant,
        now: Timestamp,
    ) -> Result<Arc<Vec<Category>>, Fault> {
        Ok(self.of(store, tenant, now).await?.all)
    }

    /// As they are now.
    pub async fn read(
        &self,
        store: &dyn CatalogReads,
        tenant: &Tenant,
        now: Timestamp,
    ) -> Result<Arc<Vec<Category>>, Fault> {
        Ok(self.read_anew(store, tenant, now).await?.all)
    }

    /// A category that is not remembered may be new: looked up once more before it is said not to exist.
    pub async fn find(
        &self,
        store: &dyn CatalogReads,
        tenant: &Tenant,
        now: Timestamp,
        wanted: Wanted<'_>,
    ) -> Result<Option<Category>, Fault> {
        let remembered = self.of(store, tenant, now).await?;
        match remembered.find(wanted) {
            Some(category) => Ok(Some(category)),
            None if remembered.read_at == now => Ok(None),
            None => Ok(self.read_anew(store, tenant, now).await?.find(wanted)),
        }
    }

    pub fn forget(&self, tenant: &Tenant) {
        if let Ok(mut remembered) = self.0.lock() {
            remembered.remove(tenant);
        }
    }

    async fn of(&self, store: &dyn CatalogReads, tenant: &Tenant, now: Timestamp) -> Result<Remembered, Fault> {
        let remembered = self.0.lock().ok().and_then(|known| known.get(tenant).cloned());
        match remembered {
            Some(remembered) if now < remembered.read_at.after(REMEMBERED) => Ok(remembered),
            _ => self.read_anew(store, tenant, now).await,
        }
    }

    async fn read_anew(&self, store: &dyn CatalogReads, tenant: &Tenant, now: Timestamp) -> Result<Remembered, Fault> {
        let categories = store.categories(tenant).await?;
        let (deleted, all): (Vec<_>, Vec<_>) = categories.into_iter().partition(|category| category.deleted);
        let read = Remembered { read_at: now, all: Arc::new(all), deleted: Arc::new(deleted) };
        // Anyone can ask for a shop that is not there; those are not remembered.
        if !(read.all.is_empty() && read.deleted.is_empty())
            && let Ok(mut remembered) = self.0.lock()
        {
            remembered.insert(tenant.clone(), read.clone());
        }
        Ok(read)
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
