//! What is suggested as somebody types.

use bharatmart_core::ports::{Search, SearchDoc, Suggestion};
use bharatmart_tests::data;

use super::catalogue::{a_doc, tenant};
use super::worlds::SearchWorld;

bharatmart_tests::on_every!(crate::search::worlds: files => [
    categories_brands_and_products_are_suggested_as_one_types,
    what_is_popular_comes_first_and_no_more_than_asked_for,
    no_tenant_is_suggested_anothers,
]);

async fn suggested(search: &dyn Search, text: &str) -> Vec<String> {
    let told = |suggestion: &Suggestion| match suggestion {
        Suggestion::Category { slug, name } => format!("category {slug}: {name}"),
        Suggestion::Brand(name) => format!("brand {name}"),
        Suggestion::Product { slug, name, .. } => format!("product {slug}: {name}"),
    };
    search.suggest(&tenant(), text, 8).await.expect("answers").iter().map(told).collect()
}

fn product(name: &str, brand: &str, popularity: u64) -> SearchDoc {
    let slug = name.to_lowercase().replace(' ', "-");
    SearchDoc {
        slug: data::slug(&slug),
        brand: brand.to_owned(),
        category: data::slug("kitchen"),
        category_name: "Kitchen & Dining".to_owned(),
        popularity,
        ..a_doc(name)
    }
}

async fn categories_brands_and_products_are_suggested_as_one_types(world: SearchWorld) {
    world.apply(&[product("Iron Tawa", "Kitab Steel", 1), product("Kite", "Patang", 2)]).await;
    let search = world.reader("reader").await;
    assert_eq!(
        suggested(&*search, "kit").await,
        [
            "category kitchen: Kitchen & Dining",
            "brand Kitab Steel",
            "product kite: Kite",
            "product iron-tawa: Iron Tawa"
        ]
    );
    assert_eq!(suggested(&*search, "iron").await, ["product iron-tawa: Iron Tawa"]);
    assert_eq!(suggested(&*search, "irn").await, Vec::<String>::new());
    assert_eq!(suggested(&*search, "irom").await, ["product iron-tawa: Iron Tawa"], "a typo");
    assert_eq!(suggested(&*search, "?!").await, Vec::<String>::new());
}

async fn what_is_popular_comes_first_and_no_more_than_asked_for(world: SearchWorld) {
    let products: Vec<_> = (0..30).map(|n| product(&format!("Kettle {n}"), &format!("Kraft {}", n % 5), n)).collect();
    world.apply(&products).await;
    let search = world.reader("reader").await;
    let products = suggested(&*search, "kettle").await;
    assert_eq!(products, (22..30).rev().map(|n| format!("product kettle-{n}: Kettle {n}")).collect::<Vec<_>>());
    let mixed = suggested(&*search, "k").await;
    assert!(mixed.is_empty(), "one letter is not a beginning yet: {mixed:?}");
    let brands = suggested(&*search, "kr").await;
    assert_eq!(brands[..2], ["brand Kraft 4", "brand Kraft 3"]);
    assert_eq!(brands.len(), 8);
    assert_eq!(search.suggest(&tenant(), "kr", 1).await.expect("answers").len(), 1);
}

async fn no_tenant_is_suggested_anothers(world: SearchWorld) {
    let theirs = SearchDoc { tenant: data::tenant("other"), ..product("Kettle", "Kraft", 9) };
    world.apply(&[theirs]).await;
    let search = world.reader("reader").await;
    for text in ["kett", "kra", "kitchen"] {
        assert_eq!(suggested(&*search, text).await, Vec::<String>::new());
    }
}
