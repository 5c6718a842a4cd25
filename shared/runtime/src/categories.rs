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
/// What is older than this nobody is shown.
const TOO_OLD: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(crate) struct Categories(Mutex<HashMap<Tenant, Remembered>>);

struct Remembered {
    categories: Arc<Vec<Category>>,
    read_at: Timestamp,
    /// When somebody set out to read them anew.
    asked_at: Timestamp,
}

impl Categories {
    pub async fn all(
        &self,
        store: &dyn CatalogReads,
        tenant: &Tenant,
        now: Timestamp,
    ) -> Result<Arc<Vec<Category>>, Fault> {
        match self.known(tenant, now) {
            Some(categories) => Ok(categories),
            None => self.read(store, tenant, now).await,
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
        if self.read_at(tenant) == Some(now) {
            return Ok(None);
        }
        Ok(find(&self.read(store, tenant, now).await?))
    }

    /// `None`: it falls to this caller to read them.
    fn known(&self, tenant: &Tenant, now: Timestamp) -> Option<Arc<Vec<Category>>> {
        let mut all = self.0.lock().ok()?;
        let known = all.get_mut(tenant)?;
        let fresh = now < known.read_at.after(REMEMBERED);
        let being_read = now < known.asked_at.after(BEING_READ) && now < known.read_at.after(TOO_OLD);
        if fresh || being_read {
            return Some(known.categories.clone());
        }
        known.asked_at = now;
        None
    }

    fn read_at(&self, tenant: &Tenant) -> Option<Timestamp> {
        Some(self.0.lock().ok()?.get(tenant)?.read_at)
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
            let read = Remembered { categories: categories.clone(), read_at: now, asked_at: now };
            remembered.insert(tenant.clone(), read);
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
            let (_, changes) = new_category(&Tenant::main(), Slug::parse(slug).unwrap(), *slug, 0, &System, &System);
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
}
