//! What is committed is read back as it was written, at once, and each row of a list once.

use bharatmart_adapters::system::System;
use bharatmart_core::catalog::{Category, Image, Product, ProductRef, Rating, Status};
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::{Changes, Expect, ProductId, Tenant, Write};
use bharatmart_tests::data::{a_category, a_product, at, product_id, sku, slug, tenant};
use bharatmart_tests::on_every;
use bharatmart_tests::stores::StoreWorld;

use super::commit;

on_every!(bharatmart_tests::stores: memory, sqlite, postgres, pooled, dynamodb => [
    a_product_is_read_back_as_it_was_written,
    every_field_of_a_product_can_change,
    many_products_are_read_by_their_ids,
    the_newest_products_are_walked_once_each,
    categories_come_by_position_and_then_slug,
    every_tenant_with_a_product_or_a_category_is_known,
    a_store_opened_again_knows_what_was_committed,
    a_probe_reaches_the_store,
]);

fn main() -> Tenant {
    Tenant::main()
}

async fn read(world: &StoreWorld, product: &Product) -> Product {
    let found = world.store.product(&main(), &ProductRef::Id(product.id)).await.unwrap();
    found.expect("it was committed").product
}

async fn a_product_is_read_back_as_it_was_written(world: StoreWorld) {
    let (category, _) = a_category(&main(), "groceries");
    let created = a_product(&main(), &category, "Atta", &[("Z-FIRST", 3), ("A-SECOND", 0), ("M", 9)]);
    assert_eq!(world.store.product(&main(), &ProductRef::Id(created.product.id)).await.unwrap(), None);
    commit(&*world.store, created.changes).await;
    assert_eq!(read(&world, &created.product).await, created.product);
    let by_slug = ProductRef::Slug(created.product.slug.clone());
    let found = world.store.product(&main(), &by_slug).await.unwrap().expect("it has that slug");
    assert_eq!(found.product, created.product);
    let available = ["Z-FIRST", "A-SECOND", "M", "NONE"].map(|text| found.available(&sku(text)));
    assert_eq!(available, [3, 0, 9, 0]);
    assert_eq!(world.store.product(&main(), &ProductRef::Slug(slug("besan"))).await.unwrap(), None);
    assert_eq!(world.store.stock(&main(), created.product.id, &sku("NONE")).await.unwrap(), None);
}

async fn every_field_of_a_product_can_change(world: StoreWorld) {
    let (category, _) = a_category(&main(), "groceries");
    let (other, _) = a_category(&main(), "kitchen");
    let first = a_product(&main(), &category, "Atta", &[("A", 1), ("B", 2)]);
    commit(&*world.store, first.changes).await;
    let mut next = a_product(&main(), &other, "Chakki Atta", &[("C", 0), ("B", 0)]).product;
    next.id = first.product.id;
    next.version = 2;
    next.status = Status::Hidden;
    next.unit = None;
    next.rating = Rating { stars: 47, count: 11 };
    next.images =
        vec![Image { url: "/p/1.svg".to_owned(), alt: "“Atta” आटा".to_owned(), width: 640, height: 480 }];
    next.tags = vec![];
    next.description = "a\n'quoted' \"line\" %_\\ 😀".to_owned();
    next.updated_at = at(7);
    next.variants[0].compare_at = None;
    let owner = next.id.to_string();
    let kind = ClaimKind::ProductSlug;
    let moved = Changes::new(&main())
        .write(Write::Unclaim { kind, name: first.product.slug.to_string(), owner: owner.clone() })
        .write(Write::Claim { kind, name: next.slug.to_string(), owner })
        .write(Write::Product { product: Box::new(next.clone()), expect: Expect::Version(1) });
    commit(&*world.store, moved).await;

    assert_eq!(read(&world, &next).await, next);
    assert_eq!(world.store.product(&main(), &ProductRef::Slug(first.product.slug)).await.unwrap(), None);
    assert!(world.store.product(&main(), &ProductRef::Slug(next.slug.clone())).await.unwrap().is_some());
    let in_category = async |category: &Category| {
        world.store.newest_products(&main(), Some(&[category.id]), None, 10).await.unwrap().len()
    };
    assert_eq!((in_category(&category).await, in_category(&other).await), (0, 1));
}

async fn many_products_are_read_by_their_ids(world: StoreWorld) {
    let (category, _) = a_category(&main(), "groceries");
    let mut ids = vec![product_id()];
    for i in 0..40 {
        let text = format!("S-{i}");
        let created = a_product(&main(), &category, &format!("Product {i}"), &[(&text, i)]);
        ids.push(created.product.id);
        commit(&*world.store, created.changes).await;
    }
    ids.push(ids[3]);
    let mut found = world.store.products(&main(), &ids).await.unwrap();
    found.sort_by_key(|stocked| stocked.product.id);
    let skus: Vec<_> = found.iter().map(|stocked| stocked.product.variants[0].sku.clone()).collect();
    assert_eq!(skus, (0..40).map(|i| sku(&format!("S-{i}"))).collect::<Vec<_>>());
    assert!(found.iter().zip(0..).all(|(stocked, i)| stocked.available(&sku(&format!("S-{i}"))) == i));
    assert_eq!(world.store.products(&main(), &[]).await.unwrap(), []);
}

async fn the_newest_products_are_walked_once_each(world: StoreWorld) {
    let categories = ["groceries", "kitchen"].map(|name| a_category(&main(), name).0);
    let mut made = Vec::new();
    for i in 0..25 {
        let category = &categories[i % 2];
        let text = format!("S-{i}");
        let created = a_product(&main(), category, &format!("Product {i}"), &[(&text, 1), (&format!("T-{i}"), 2)]);
        made.push((created.product.id, category.id));
        commit(&*world.store, created.changes).await;
    }
    made.reverse();
    let [groceries, kitchen] = [categories[0].id, categories[1].id];
    let empty = a_category(&main(), "empty").0.id;
    let some: [&[_]; 5] = [&[], &[groceries], &[kitchen], &[empty, kitchen], &[kitchen, empty, groceries]];
    for only in some.into_iter().map(Some).chain([None]) {
        for limit in [1, 4, 25, 100] {
            let mut walked: Vec<ProductId> = Vec::new();
            loop {
                let before = walked.last().copied();
                let page = world.store.newest_products(&main(), only, before, limit).await.unwrap();
                walked.extend(&page);
                if page.len() < limit {
                    break;
                }
            }
            let of_these = made.iter().filter(|(_, category)| only.is_none_or(|only| only.contains(category)));
            assert_eq!(walked, of_these.map(|(id, _)| *id).collect::<Vec<_>>(), "of {only:?} by {limit}");
        }
    }
}

async fn categories_come_by_position_and_then_slug(world: StoreWorld) {
    let mut made = Vec::new();
    for (name, position) in [("toys", 2), ("books", 10), ("home", 2), ("beauty", 10), ("fashion", 0)] {
        let category = Category { position, ..a_category(&main(), name).0 };
        made.push(category.id);
        let parent = made.first().copied().filter(|_| made.len() > 1);
        let write = Write::Category { category: Category { parent, ..category }, expect: Expect::New };
        commit(&*world.store, Changes::new(&main()).write(write)).await;
    }
    let categories = world.store.categories(&main()).await.unwrap();
    let slugs: Vec<_> = categories.iter().map(|category| category.slug.as_str()).collect();
    assert_eq!(slugs, ["fashion", "home", "toys", "beauty", "books"]);
    assert!(categories.iter().all(|category| category.parent.is_none() == (category.slug.as_str() == "toys")));
}

async fn every_tenant_with_a_product_or_a_category_is_known(world: StoreWorld) {
    let (category, with_category) = a_category(&tenant("alpha"), "groceries");
    commit(&*world.store, with_category).await;
    for name in ["gamma", "beta-2", "beta"] {
        for product in ["Atta", "Besan"] {
            commit(&*world.store, a_product(&tenant(name), &category, product, &[(product, 1)]).changes).await;
        }
    }
    let counted = Write::Count { counter: "c".to_owned(), by: 1, at_most: 1 };
    commit(&*world.store, Changes::new(&tenant("delta")).write(counted)).await;
    let mut tenants = world.store.tenants().await.unwrap();
    tenants.sort();
    assert_eq!(tenants, ["alpha", "beta", "beta-2", "gamma"].map(tenant));
}

async fn a_store_opened_again_knows_what_was_committed(world: StoreWorld) {
    let (category, with_category) =
        bharatmart_core::catalog::new_category(&main(), slug("groceries"), "Groceries", 1, &System, &System);
    commit(&*world.store, with_category).await;
    assert_eq!(world.open_again().await.categories(&main()).await.unwrap(), [category]);
}

async fn a_probe_reaches_the_store(world: StoreWorld) {
    world.store.probe().await.unwrap();
}
