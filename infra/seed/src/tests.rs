//! What the first stock promises, and that a second run changes nothing.

use std::collections::BTreeSet;

use bharatmart_adapters::blobs::FileBlobs;
use bharatmart_adapters::memory::MemoryStore;
use bharatmart_adapters::system::System;
use bharatmart_core::catalog::{BANNER, Banner};
use bharatmart_core::ports::{CatalogReads, Commits, Outbox, Records};
use bharatmart_core::pricing::{Benefit, COUPON, Coupon};
use bharatmart_core::record::{Kind, Listing, Record, Row};
use bharatmart_core::{Paise, RecordKey};

use super::*;

#[test]
fn each_of_eight_categories_has_thirty_products_the_shop_takes() {
    let shelves = shelves::read().unwrap();
    let slugs = shelves.iter().map(|shelf| shelf.slug.as_str()).collect::<Vec<_>>();
    assert_eq!(slugs, ["groceries", "kitchen", "fashion", "beauty", "electronics", "books", "home", "toys"]);
    for shelf in &shelves {
        assert_eq!(shelf.items.len(), 30, "{}", shelf.slug);
    }
}

#[test]
fn no_sku_and_no_slug_is_there_twice() {
    let shelves = shelves::read().unwrap();
    let items = || shelves.iter().flat_map(|shelf| &shelf.items);
    let slugs = items().map(|item| item.slug.as_str()).collect::<BTreeSet<_>>();
    assert_eq!(slugs.len(), 240);
    let skus = || items().flat_map(|item| &item.input.variants).map(|new| new.variant.sku.as_str());
    assert_eq!(skus().collect::<BTreeSet<_>>().len(), skus().count());
    assert!(skus().count() > 400);
}

#[test]
fn the_stock_shows_what_a_shop_meets() {
    let shelves = shelves::read().unwrap();
    let items = || shelves.iter().flat_map(|shelf| &shelf.items);
    let variants = || items().flat_map(|item| &item.input.variants);
    let plenty = variants().filter(|new| new.stock > 5).count();
    let low = variants().filter(|new| (1..=5).contains(&new.stock)).count();
    let out = variants().filter(|new| new.stock == 0).count();
    assert!(plenty > 10 * (low + out) && low >= 20 && out >= 8, "{plenty} {low} {out}");
    assert!(items().any(|item| item.input.variants.iter().all(|new| new.stock == 0)));
    assert!(variants().any(|new| new.variant.quantity.step > 1));
    assert!(variants().any(|new| new.variant.compare_at.is_some()));
    assert!(items().all(|item| (30..=50).contains(&item.rating.tenths())));
    assert!(items().all(|item| item.input.description.chars().count() >= 40 && !item.input.tags.is_empty()));
}

#[test]
fn gst_is_as_the_law_has_it() {
    for item in shelves::read().unwrap().iter().flat_map(|shelf| &shelf.items) {
        let rate = item.input.gst_rate.per_cent();
        let chapter = &item.input.hsn.as_str()[..2];
        let dear = item.input.variants.iter().any(|new| new.variant.price.get() > 250_000);
        match (chapter, item.input.hsn.as_str()) {
            // Garments, footwear and made-up bedding: 5 % up to ₹2 500 a piece, 18 % above.
            ("61" | "62" | "63" | "64", _) => assert_eq!(rate, if dear { 18 } else { 5 }, "{}", item.slug),
            (_, "4901" | "4903" | "4905" | "2501") => assert_eq!(rate, 0, "{}", item.slug),
            (_, "7117") => assert_eq!(rate, 3, "{}", item.slug),
            ("84" | "85", _) => assert_eq!(rate, 18, "{}", item.slug),
            _ => assert!([0, 5, 18].contains(&rate), "{}", item.slug),
        }
    }
}

#[test]
fn every_picture_is_small_well_formed_and_says_what_it_shows() {
    let shelves = shelves::read().unwrap();
    let mut seen = BTreeSet::new();
    for item in shelves.iter().flat_map(|shelf| &shelf.items) {
        let svg = &item.picture;
        assert!(svg.len() < 4096, "{} has {} bytes", item.slug, svg.len());
        assert!(svg.contains(r#"role="img""#) && svg.contains("<title id="), "{}", item.slug);
        assert!(!svg.contains('$') && !svg.contains("href"), "{}", item.slug);
        assert_eq!(unclosed(svg), Vec::<&str>::new(), "{}", item.slug);
        assert!(seen.insert(svg), "{} looks like another", item.slug);
    }
    assert_eq!(shelves::read().unwrap()[0].items[0].picture, shelves[0].items[0].picture);
}

/// Elements that open and do not close, or close and were not open.
fn unclosed(svg: &str) -> Vec<&str> {
    let mut open = Vec::new();
    for tag in svg.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default()) {
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap_or_default();
        if tag.starts_with('/') {
            if open.last() == Some(&name) {
                open.pop();
            } else {
                open.push(tag);
            }
        } else if !tag.ends_with('/') {
            open.push(name);
        }
    }
    open
}

#[tokio::test]
async fn the_first_run_fills_the_shop_and_the_second_adds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (store, blobs, tenant) = (MemoryStore::new(), FileBlobs::open(folder.path()).unwrap(), Tenant::main());
    let run = || seed(&store, &blobs, &tenant, &System, &System);

    let all_of_it = Seeded { categories: 8, products: 240, pictures: 243, banners: 3, coupons: 3 };
    assert_eq!(run().await.unwrap(), all_of_it);
    let all = store.newest_products(&tenant, None, None, 500).await.unwrap();
    let events = store.newest_events(500).await.unwrap();
    assert_eq!((all.len(), events.len()), (240, 480));

    assert_eq!(run().await.unwrap(), Seeded::default());
    assert_eq!(store.newest_products(&tenant, None, None, 500).await.unwrap(), all);
    assert_eq!(store.newest_events(500).await.unwrap(), events);
}

#[tokio::test]
async fn goods_arrived_over_ninety_days_and_their_news_is_of_now() {
    let folder = tempfile::tempdir().unwrap();
    let (store, blobs, tenant) = (MemoryStore::new(), FileBlobs::open(folder.path()).unwrap(), Tenant::main());
    let start = System.now();
    seed(&store, &blobs, &tenant, &System, &System).await.unwrap();

    let ids = store.newest_products(&tenant, None, None, 500).await.unwrap();
    let mut all = store.products(&tenant, &ids).await.unwrap();
    all.sort_by_key(|stocked| std::cmp::Reverse(stocked.product.id));
    let arrived = all.iter().map(|stocked| stocked.product.created_at).collect::<Vec<_>>();
    assert!(arrived.is_sorted_by(|newer, older| newer > older), "listed by id, which is by arrival");
    assert!(arrived[0] < start && arrived[239] < start.before(Duration::from_secs(89 * 24 * 60 * 60)));
    let shelves = all[..24].iter().map(|stocked| stocked.product.category).collect::<BTreeSet<_>>();
    assert!(shelves.len() >= 6, "the newest are from all over the shop");
    assert!(store.newest_events(500).await.unwrap().iter().all(|event| event.time >= start));

    let product = &all[0].product;
    let key = product.images[0].url.trim_start_matches('/');
    assert!(blobs.get(key).await.unwrap().unwrap().bytes.starts_with(b"<svg"));
}

#[tokio::test]
async fn what_is_missing_is_put_back_and_what_is_changed_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let (store, blobs, tenant) = (MemoryStore::new(), FileBlobs::open(folder.path()).unwrap(), Tenant::main());
    let run = || seed(&store, &blobs, &tenant, &System, &System);
    run().await.unwrap();
    let atta = "media/products/chakki-fresh-whole-wheat-atta.svg";
    let dal = "media/products/unpolished-toor-dal.svg";
    blobs.delete(atta).await.unwrap();
    blobs.put(dal, b"a photograph".to_vec(), "image/svg+xml").await.unwrap();

    assert_eq!(run().await.unwrap(), Seeded { pictures: 1, ..Seeded::default() });
    assert!(blobs.get(atta).await.unwrap().is_some());
    assert_eq!(blobs.get(dal).await.unwrap().unwrap().bytes, b"a photograph");
}

#[tokio::test]
async fn two_seeds_at_once_fill_the_shop_once() {
    let folder = tempfile::tempdir().unwrap();
    let (store, blobs, tenant) = (MemoryStore::new(), FileBlobs::open(folder.path()).unwrap(), Tenant::main());
    let run = || seed(&store, &blobs, &tenant, &System, &System);
    let (one, other) = tokio::join!(run(), run());
    assert_eq!(one.unwrap().products + other.unwrap().products, 240);
    assert_eq!(store.newest_products(&tenant, None, None, 500).await.unwrap().len(), 240);
    assert_eq!(store.categories(&tenant).await.unwrap().len(), 8);
}

async fn listed<R: Record>(store: &MemoryStore, kind: &'static Kind) -> Vec<R> {
    let found = store.records(&Tenant::main(), kind, Listing::All, None, 100).await.unwrap();
    found.into_iter().map(|fields| Row::read(fields).unwrap()).collect()
}

#[tokio::test]
async fn a_newcomer_is_shown_banners_whose_coupons_count_in_a_cart() {
    let folder = tempfile::tempdir().unwrap();
    let (store, blobs, tenant) = (MemoryStore::new(), FileBlobs::open(folder.path()).unwrap(), Tenant::main());
    seed(&store, &blobs, &tenant, &System, &System).await.unwrap();
    let (now, mut banners) = (System.now(), listed::<Banner>(&store, &BANNER).await);
    banners.sort_by_key(|banner| banner.position);
    let coupons: Vec<Coupon> = listed(&store, &COUPON).await;
    let mut benefits: Vec<_> = coupons.iter().map(|coupon| coupon.benefit).collect();
    benefits.sort_by_key(|benefit| *benefit as u8);
    assert_eq!(benefits, [Benefit::Percent, Benefit::Amount, Benefit::FreeDelivery]);
    for coupon in &coupons {
        let shown = banners.iter().any(|banner| banner.is_shown(now) && banner.title.contains(&coupon.code));
        assert!(shown, "no banner tells of {}", coupon.code);
        assert!(coupon.check(Paise::from_rupees(1_000), 0, 0, now).is_ok(), "{}", coupon.code);
    }
    let slugs: Vec<_> = shelves::read().unwrap().into_iter().map(|shelf| shelf.slug).collect();
    for banner in &banners {
        let picture = blobs.get(banner.image.trim_start_matches('/')).await.unwrap().unwrap();
        let svg = String::from_utf8(picture.bytes).unwrap();
        assert!(svg.len() < 4096 && !svg.contains('$') && unclosed(&svg).is_empty(), "{}", banner.title);
        let category = banner.link.strip_prefix("/category/").unwrap();
        assert!(slugs.iter().any(|slug| slug.as_str() == category), "{}", banner.link);
    }
}

#[tokio::test]
async fn a_banner_and_a_coupon_that_were_changed_are_left() {
    let folder = tempfile::tempdir().unwrap();
    let (store, blobs, tenant) = (MemoryStore::new(), FileBlobs::open(folder.path()).unwrap(), Tenant::main());
    let run = || seed(&store, &blobs, &tenant, &System, &System);
    run().await.unwrap();
    let banner = listed::<Banner>(&store, &BANNER).await.remove(0);
    let coupon = listed::<Coupon>(&store, &COUPON).await.remove(0);
    let renamed = Banner { title: "Our own".to_owned(), version: 2, ..banner.clone() };
    let ended = Coupon { active: false, version: 2, ..coupon.clone() };
    let changes = Changes::new(&tenant).put(&renamed, Expect::Version(1)).put(&ended, Expect::Version(1));
    store.commit(changes).await.unwrap();

    assert_eq!(run().await.unwrap(), Seeded::default());
    let kept = store.record(&tenant, &BANNER, &RecordKey::alone(banner.id)).await.unwrap().unwrap();
    assert_eq!(Row::read::<Banner>(kept).unwrap(), renamed);
    let kept = store.record(&tenant, &COUPON, &RecordKey::alone(&coupon.code)).await.unwrap().unwrap();
    assert_eq!(Row::read::<Coupon>(kept).unwrap(), ended);
}
