//! Documents for the index, and the plain way to filter and sort them, which the index is compared with.

use std::cmp::Reverse;

use bharatmart_core::ports::{SearchDoc, SearchQuery, SearchSort};
use bharatmart_core::{Paise, ProductId, Slug, Tenant, Timestamp};
use bharatmart_tests::data;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

pub fn tenant() -> Tenant {
    Tenant::main()
}

/// The least a document needs; `DOC { name, ..a_doc("…") }` for more.
pub fn a_doc(name: &str) -> SearchDoc {
    let id = data::product_id();
    SearchDoc {
        tenant: tenant(),
        id,
        version: 1,
        slug: data::slug("a-thing"),
        name: name.to_owned(),
        brand: String::new(),
        category: data::slug("things"),
        category_name: String::new(),
        description: String::new(),
        details: Vec::new(),
        tags: Vec::new(),
        price: Paise::from_rupees(100),
        in_stock: true,
        featured: false,
        rating: 0,
        popularity: 0,
        created_at: data::at(0),
        shown: json!({ "id": id, "name": name, "price": 10_000 }).to_string(),
    }
}

/// The same product a version later, at another price.
pub fn repriced(doc: &SearchDoc, rupees: u32) -> SearchDoc {
    let price = Paise::from_rupees(rupees);
    let shown = json!({ "id": doc.id, "name": doc.name, "price": price }).to_string();
    SearchDoc { version: doc.version + 1, price, shown, ..doc.clone() }
}

pub fn id_of(row: &str) -> String {
    field(row, "id").as_str().expect("an id").to_owned()
}

pub fn price_of(row: &str) -> i64 {
    field(row, "price").as_i64().expect("a price")
}

fn field(row: &str, name: &str) -> Value {
    let row: Value = serde_json::from_str(row).expect("a row is JSON");
    row[name].clone()
}

pub const CATEGORIES: [&str; 4] = ["books", "groceries", "home", "toys"];
pub const BRANDS: [&str; 4] = ["Sona Khet", "Élan", "ELAN", "घर"];
pub const TAGS: [&str; 5] = ["daily", "gift", "new in", "आटा", "100%"];

/// So few prices, ratings, names and moments that every order has rows that are equal in it.
pub fn some_docs(seed: u64, count: usize) -> Vec<SearchDoc> {
    let mut random = StdRng::seed_from_u64(seed);
    (0..count).map(|_| some_doc(&mut random)).collect()
}

fn some_doc(random: &mut StdRng) -> SearchDoc {
    const NAMES: [&str; 7] = ["Atta", "atta 5 kg", "Basmati", "basmati ", "Élan", "elan vital", "चावल"];
    let category = *CATEGORIES.choose(random).expect("some");
    let tags = TAGS.iter().filter(|_| random.random_bool(0.3)).map(|tag| (*tag).to_owned()).collect();
    SearchDoc {
        tenant: if random.random_bool(0.2) { data::tenant("other") } else { tenant() },
        id: ProductId::from_uuid(uuid::Uuid::from_u128(random.random())),
        category: Slug::parse(category).expect("a slug"),
        brand: (*BRANDS.choose(random).expect("some")).to_owned(),
        tags,
        price: Paise::from_rupees(random.random_range(0..9) * 100),
        in_stock: random.random_bool(0.7),
        featured: random.random_bool(0.2),
        rating: random.random_range(0..6) * 10,
        popularity: random.random_range(0..5),
        created_at: Timestamp::from_millis(random.random_range(-2..5) * 1_000),
        ..a_doc(NAMES.choose(random).expect("some"))
    }
    .with_shown()
}

trait WithShown {
    fn with_shown(self) -> Self;
}

impl WithShown for SearchDoc {
    fn with_shown(self) -> Self {
        SearchDoc { shown: json!({ "id": self.id, "name": self.name, "price": self.price }).to_string(), ..self }
    }
}

/// What `query` lists, by its filters and order; texts are not asked for here.
pub fn plainly<'a>(docs: &'a [SearchDoc], query: &SearchQuery) -> Vec<&'a SearchDoc> {
    let wanted = |doc: &&SearchDoc| {
        doc.tenant == query.tenant
            && (query.categories.is_empty() || query.categories.contains(&doc.category))
            && query.brand.as_ref().is_none_or(|brand| folded(&doc.brand) == folded(brand))
            && query.least_rating.is_none_or(|least| doc.rating >= least)
            && (doc.featured || !query.featured)
            && query.tag.as_ref().is_none_or(|tag| doc.tags.contains(tag))
            && query.least_price.is_none_or(|least| doc.price >= least)
            && query.most_price.is_none_or(|most| doc.price <= most)
            && (doc.in_stock || !query.in_stock)
    };
    let mut wanted: Vec<_> = docs.iter().filter(wanted).collect();
    wanted.sort_by_key(|doc| Reverse(doc.id));
    match query.sort {
        SearchSort::Relevance | SearchSort::Sales => wanted.sort_by_key(|doc| Reverse(doc.popularity)),
        SearchSort::Newest => wanted.sort_by_key(|doc| Reverse(doc.created_at)),
        SearchSort::PriceAsc => wanted.sort_by_key(|doc| doc.price),
        SearchSort::PriceDesc => wanted.sort_by_key(|doc| Reverse(doc.price)),
        SearchSort::Rating => wanted.sort_by_key(|doc| Reverse(doc.rating)),
        SearchSort::Name => wanted.sort_by_key(|doc| folded(&doc.name)),
    }
    wanted
}

pub fn folded(text: &str) -> String {
    text.to_lowercase().replace('é', "e")
}
