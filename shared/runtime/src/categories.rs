//! The categories of each shop, remembered for a moment: every product shows its category, few shops change them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bharatmart_core::catalog::Category;
use bharatmart_core::ports::{CatalogReads, Fault};
use bharatmart_core::{CategoryId, Slug, Tenant, Timestamp};

const REMEMBERED: Duration = Duration::from_secs(10);
/// Then one caller reads them anew; so long the others are shown what is known, and none of them waits for the store.
const BEING_READ: Duration = Duration::from_secs(2);
/// What is older than this nobody is shown while the store answers.
const TOO_OLD: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(crate) struct Categories(Mutex<HashMap<Tenant, Remembered>>);

#[derive(Clone)]
struct Remembered {
    read_at: Timestamp,
    /// When somebody set out to read them anew.
    asked_at: Timestamp,
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
        if let Some(known) = self.known(tenant, now) {
            return Ok(known);
        }
        match self.read_anew(store, tenant, now).await {
            Err(fault @ Fault::Away { .. }) => {
                let last = self.0.lock().ok().and_then(|all| all.get(tenant).cloned()).ok_or(fault)?;
                tracing::warn!(%tenant, "the store is away: its categories are shown as they were last known");
                Ok(last)
            }
            read => read,
        }
    }

    /// `None`: it falls to this caller to read them.
    fn known(&self, tenant: &Tenant, now: Timestamp) -> Option<Remembered> {
        let mut all = self.0.lock().ok()?;
        let known = all.get_mut(tenant)?;
        let fresh = now < known.read_at.after(REMEMBERED);
        let being_read = now < known.asked_at.after(BEING_READ) && now < known.read_at.after(TOO_OLD);
        if fresh || being_read {
            return Some(known.clone());
        }
        known.asked_at = now;
        None
    }

    async fn read_anew(&self, store: &dyn CatalogReads, tenant: &Tenant, now: Timestamp) -> Result<Remembered, Fault> {
        let categories = store.categories(tenant).await?;
        let (deleted, all): (Vec<_>, Vec<_>) = categories.into_iter().partition(|category| category.deleted);
        let read = Remembered { read_at: now, asked_at: now, all: Arc::new(all), deleted: Arc::new(deleted) };
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

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use bharatmart_adapters::memory::MemoryStore;
    use bharatmart_adapters::system::System;
    use bharatmart_core::catalog::{ProductRef, StockedProduct, new_category};
    use bharatmart_core::inventory::Levels;
    use bharatmart_core::ports::Commits;
    use bharatmart_core::{ProductId, Sku};

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    async fn store_with(slugs: &[&str]) -> MemoryStore {
        let store = MemoryStore::new();
        for slug in slugs {
            let (_, changes) = new_category(&Tenant::main(), Slug::parse(slug).unwrap(), slug, 0, &System, &System);
            store.commit(changes).await.unwrap();
        }
        store
    }

    #[tokio::test]
    async fn one_caller_reads_them_anew_while_the_others_are_shown_what_is_known() {
        let (before, after) = (store_with(&["tea"]).await, store_with(&["tea", "rice"]).await);
        let categories = Categories::default();
        let main = Tenant::main();
        let count = async |store: &MemoryStore, at: u64| {
            categories.all(store, &main, NOW.after(Duration::from_millis(at))).await.unwrap().len()
        };
        assert_eq!((count(&before, 0).await, count(&after, 9_999).await), (1, 1));
        // It has fallen to somebody, who is not back yet.
        assert!(categories.known(&main, NOW.after(REMEMBERED)).is_none());
        assert_eq!(count(&after, 11_999).await, 1);
        // Who never came back is not waited for.
        assert_eq!(count(&after, 12_000).await, 2);
    }

    #[tokio::test]
    async fn nobody_is_shown_what_is_too_old() {
        let categories = Categories::default();
        let main = Tenant::main();
        categories.all(&store_with(&["tea"]).await, &main, NOW).await.unwrap();
        let late = NOW.after(TOO_OLD);
        assert!(categories.known(&main, late).is_none() && categories.known(&main, late).is_none());
    }

    #[tokio::test]
    async fn while_the_store_is_away_the_last_known_ones_are_shown() {
        let (categories, main) = (Categories::default(), Tenant::main());
        assert!(categories.all(&Away, &main, NOW).await.is_err());
        categories.all(&store_with(&["tea"]).await, &main, NOW).await.unwrap();
        let late = NOW.after(TOO_OLD).after(TOO_OLD);
        assert_eq!(categories.all(&Away, &main, late).await.unwrap().len(), 1);
    }

    /// A store that does not answer.
    struct Away;

    fn away<T>() -> Result<T, Fault> {
        Err(Fault::away("store", "for the test"))
    }

    #[async_trait]
    impl CatalogReads for Away {
        async fn product(&self, _: &Tenant, _: &ProductRef) -> Result<Option<StockedProduct>, Fault> {
            away()
        }

        async fn products(&self, _: &Tenant, _: &[ProductId]) -> Result<Vec<StockedProduct>, Fault> {
            away()
        }

        async fn newest_products(
            &self,
            _: &Tenant,
            _: Option<&[CategoryId]>,
            _: Option<ProductId>,
            _: usize,
        ) -> Result<Vec<ProductId>, Fault> {
            away()
        }

        async fn categories(&self, _: &Tenant) -> Result<Vec<Category>, Fault> {
            away()
        }

        async fn stock(&self, _: &Tenant, _: ProductId, _: &Sku) -> Result<Option<Levels>, Fault> {
            away()
        }

        async fn tenants(&self) -> Result<Vec<Tenant>, Fault> {
            away()
        }
    }
}
