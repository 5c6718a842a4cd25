//! The shop's first stock: 240 products in 8 categories with their pictures, put in through the same door as any
//! other product; with a few banners and coupons. It never changes or removes what is there, so it can be run again. Reading settings is its caller's.

mod aged;
mod offers;
mod picture;
mod shelves;

use std::collections::BTreeSet;
use std::time::Duration;

use bharatmart_core::catalog::{self, Category, CreateRefused, Image, ProductRef};
use bharatmart_core::ports::{Blobs, Clock, CommitError, Fault, Ids, Store};
use bharatmart_core::{Changes, EventId, Expect, Refusal, Slug, Tenant, Timestamp, Write};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use aged::Aged;
use offers::Offers;
use shelves::{Item, Shelf};

const AT_ONCE: usize = 8;
const PICTURES: &str = "media/products/";
const POSTERS: &str = "media/banners/";
const PICTURE_SIZE: u32 = 800;
/// The stock arrived over this long, so that "newest first" means something.
const ARRIVED_OVER: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// What was added; nothing of it when all of it was there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seeded {
    pub categories: usize,
    pub products: usize,
    pub pictures: usize,
    pub banners: usize,
    pub coupons: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    #[error("the seed's {what} cannot be read: {why}")]
    Data { what: String, why: String },
    #[error("the store refused {what}: {refusal}")]
    Refused { what: String, refusal: Refusal },
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The world the seed is put into.
struct Shop<'a> {
    store: &'a dyn Store,
    blobs: &'a dyn Blobs,
    tenant: &'a Tenant,
    clock: &'a dyn Clock,
    ids: &'a dyn Ids,
}

pub async fn seed(
    store: &dyn Store,
    blobs: &dyn Blobs,
    tenant: &Tenant,
    clock: &dyn Clock,
    ids: &dyn Ids,
) -> Result<Seeded, SeedError> {
    let shop = Shop { store, blobs, tenant, clock, ids };
    let shelves = shelves::read()?;
    let (categories, made) = shop.categories(&shelves).await?;
    let drawn = blobs.list(PICTURES).await?.into_iter().collect::<BTreeSet<_>>();

    let items = shelves.iter().zip(&categories).flat_map(|(shelf, category)| {
        shelf.items.iter().map(move |item| (item, category)) //
    });
    let of = shelves.iter().map(|shelf| shelf.items.len()).sum();
    let now = clock.now();
    let work =
        items.enumerate().map(|(nth, (item, category))| shop.item(item, category, &drawn, arrival(nth, of, now)));
    let added = stream::iter(work.collect::<Vec<_>>()).buffer_unordered(AT_ONCE).try_collect::<Vec<_>>().await?;
    let seeded = Seeded {
        categories: made,
        products: added.iter().filter(|added| added.product).count(),
        pictures: added.iter().filter(|added| added.picture).count(),
        ..Seeded::default()
    };
    shop.offers(offers::read(POSTERS, now)?, seeded).await
}

struct Added {
    product: bool,
    picture: bool,
}

impl Shop<'_> {
    /// The shelves' categories in their order, and how many of them had to be made.
    async fn categories(&self, shelves: &[Shelf]) -> Result<(Vec<Category>, usize), SeedError> {
        let known = self.store.categories(self.tenant).await?;
        let mut made = 0;
        for shelf in shelves {
            if known.iter().any(|category| category.slug == shelf.slug) {
                continue;
            }
            let (_, changes) = catalog::new_category(
                self.tenant,
                shelf.slug.clone(),
                &shelf.name,
                shelf.position,
                self.clock,
                self.ids,
            );
            // A seed that runs at the same time may have made it in between.
            made += usize::from(self.commit(shelf.slug.as_str(), changes, is_there).await?);
        }
        let mut known = self.store.categories(self.tenant).await?;
        let mut of = |shelf: &Shelf| {
            let found = known.iter().position(|category| category.slug == shelf.slug);
            found.map(|at| known.swap_remove(at)).ok_or_else(|| Fault::broken("store", "a category is gone"))
        };
        let categories = shelves.iter().map(&mut of).collect::<Result<_, _>>()?;
        Ok((categories, made))
    }

    async fn item(
        &self,
        item: &Item,
        category: &Category,
        drawn: &BTreeSet<String>,
        at: Timestamp,
    ) -> Result<Added, SeedError> {
        let key = format!("{PICTURES}{}.svg", item.slug);
        let picture = !drawn.contains(&key);
        if picture {
            // Before the product, so that no product is ever shown without its picture.
            self.blobs.put(&key, item.picture.clone().into_bytes(), "image/svg+xml").await?;
        }
        if self.store.product(self.tenant, &ProductRef::Slug(item.slug.clone())).await?.is_some() {
            return Ok(Added { product: false, picture });
        }
        let changes = self.changes(item, category, format!("/{key}"), at);
        let known = |refusal: &Refusal| CreateRefused::read(refusal).is_some();
        Ok(Added { product: self.commit(item.slug.as_str(), changes, known).await?, picture })
    }

    async fn offers(&self, offers: Offers, mut seeded: Seeded) -> Result<Seeded, SeedError> {
        let drawn = self.blobs.list(POSTERS).await?;
        for poster in offers.banners {
            if !drawn.contains(&poster.key) {
                self.blobs.put(&poster.key, poster.picture.into_bytes(), "image/svg+xml").await?;
                seeded.pictures += 1;
            }
            let changes = Changes::new(self.tenant).put(&poster.banner, Expect::New);
            seeded.banners += usize::from(self.commit(&poster.banner.title, changes, exists).await?);
        }
        for coupon in offers.coupons {
            let changes = Changes::new(self.tenant).put(&coupon, Expect::New);
            seeded.coupons += usize::from(self.commit(&coupon.code, changes, exists).await?);
        }
        Ok(seeded)
    }

    fn changes(&self, item: &Item, category: &Category, url: String, at: Timestamp) -> Changes {
        let aged = Aged { at, ids: self.ids };
        let image = Image { url, alt: item.input.name.clone(), width: PICTURE_SIZE, height: PICTURE_SIZE };
        let created = catalog::create(self.tenant, &item.input, category, vec![image], 1, &aged, &aged);
        let mut changes = created.changes;
        for write in &mut changes.writes {
            if let Write::Product { product, .. } = write {
                product.rating = item.rating;
            }
        }
        // The goods came weeks ago, but the news of them is of now: an old event might be taken for a forgotten one.
        for event in &mut changes.events {
            event.time = self.clock.now();
            event.id = EventId::new(self.ids);
        }
        changes
    }

    /// Whether it was applied; `false` when the store refused because it is there already.
    async fn commit(
        &self,
        what: &str,
        changes: Changes,
        is_there: impl Fn(&Refusal) -> bool,
    ) -> Result<bool, SeedError> {
        match self.store.commit(changes).await {
            Ok(()) => Ok(true),
            Err(CommitError::Refused(refusal)) if is_there(&refusal) => Ok(false),
            Err(CommitError::Refused(refusal)) => Err(SeedError::Refused { what: what.to_owned(), refusal }),
            Err(CommitError::Fault(fault)) => Err(fault.into()),
        }
    }
}

fn is_there(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::NameTaken { .. })
}

fn exists(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Exists(_))
}

/// Neighbours on a shelf arrive far apart, as 89 steps through 240 places meet each once.
fn arrival(nth: usize, of: usize, now: Timestamp) -> Timestamp {
    let place = (nth * 89) % of + 1;
    now.before(ARRIVED_OVER * place as u32 / of as u32)
}

/// The slug under which the shop will know a product, which names its picture too.
fn slug(name: &str) -> Result<Slug, SeedError> {
    Slug::from_name(name).ok_or_else(|| SeedError::Data { what: name.to_owned(), why: "no slug".to_owned() })
}

#[cfg(test)]
mod tests;
