//! The categories of each shop, remembered for a moment: every product shows its category, few shops change them.

use std::sync::Arc;
use std::time::Duration;

use bharatmart_core::catalog::Category;
use bharatmart_core::ports::{CatalogReads, Fault};
use bharatmart_core::{CategoryId, Slug, Tenant, Timestamp};

use crate::remembered::{Policy, Remembered};

const POLICY: Policy = Policy { fresh: Duration::from_secs(10), dispensable: false };

pub(crate) struct Categories(Remembered<Lists>);

struct Lists {
    all: Arc<Vec<Category>>,
    /// Kept for products that refer to them still.
    deleted: Vec<Category>,
}

impl Default for Categories {
    fn default() -> Self {
        Categories(Remembered::new(POLICY))
    }
}

impl Lists {
    async fn read(store: &dyn CatalogReads, tenant: &Tenant) -> Result<Self, Fault> {
        let categories = store.categories(tenant).await?;
        let (deleted, all): (_, Vec<_>) = categories.into_iter().partition(|category| category.deleted);
        Ok(Lists { all: Arc::new(all), deleted })
    }

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
        Ok(self.0.of(tenant, now, Lists::read(store, tenant)).await?.value.all.clone())
    }

    /// As they are now.
    pub async fn read(
        &self,
        store: &dyn CatalogReads,
        tenant: &Tenant,
        now: Timestamp,
    ) -> Result<Arc<Vec<Category>>, Fault> {
        Ok(self.0.anew(tenant, now, Lists::read(store, tenant)).await?.value.all.clone())
    }

    /// A category that is not remembered may be new: looked up once more before it is said not to exist.
    pub async fn find(
        &self,
        store: &dyn CatalogReads,
        tenant: &Tenant,
        now: Timestamp,
        wanted: Wanted<'_>,
    ) -> Result<Option<Category>, Fault> {
        let known = self.0.of(tenant, now, Lists::read(store, tenant)).await?;
        match known.value.find(wanted) {
            Some(category) => Ok(Some(category)),
            None if known.read_at == now => Ok(None),
            None => Ok(self.0.anew(tenant, now, Lists::read(store, tenant)).await?.value.find(wanted)),
        }
    }

    pub fn forget(&self, tenant: &Tenant) {
        self.0.forget(tenant);
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
    use bharatmart_adapters::memory::MemoryStore;
    use bharatmart_adapters::system::System;
    use bharatmart_core::catalog::new_category;
    use bharatmart_core::ports::Commits;

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
    async fn they_are_remembered_for_ten_seconds() {
        let (before, after) = (store_with(&["tea"]).await, store_with(&["tea", "rice"]).await);
        let (categories, main) = (Categories::default(), Tenant::main());
        let count = async |store: &MemoryStore, at: u64| {
            categories.all(store, &main, NOW.after(Duration::from_millis(at))).await.unwrap().len()
        };
        assert_eq!((count(&before, 0).await, count(&after, 9_999).await, count(&after, 10_000).await), (1, 1, 2));
    }

    #[tokio::test]
    async fn one_that_is_not_remembered_is_looked_up_before_it_is_said_not_to_exist() {
        let (before, after) = (store_with(&["tea"]).await, store_with(&["tea", "rice"]).await);
        let (categories, main, rice) = (Categories::default(), Tenant::main(), Slug::parse("rice").unwrap());
        let find = async |store: &MemoryStore, at: u64| {
            let now = NOW.after(Duration::from_millis(at));
            categories.find(store, &main, now, Wanted::Slug(&rice)).await.unwrap().is_some()
        };
        assert_eq!((find(&before, 0).await, find(&after, 1).await), (false, true));
    }
}
