//! What shoppers ask of the made-up catalogue, each question from its number alone.

use bharatmart_core::ports::{SearchQuery, SearchSort, SortKey};
use bharatmart_core::{PageSize, Paise, ProductId, Slug, Tenant};
use rand::Rng;
use rand::rngs::SmallRng;
use uuid::Uuid;

use super::catalogue::{brand, category, common, kind, manner, random, word};

const SORTS: [SearchSort; 6] = [
    SearchSort::Newest,
    SearchSort::PriceAsc,
    SearchSort::PriceDesc,
    SearchSort::Rating,
    SearchSort::Sales,
    SearchSort::Name,
];

pub fn query(kind: &str, nth: u64) -> SearchQuery {
    let random = &mut random(kind, nth);
    let all = SearchQuery { size: PageSize::DEFAULT, ..SearchQuery::all(&Tenant::main()) };
    match kind {
        "list" => list(random, all),
        "filter" | "filter with facets" => {
            let listed = list(random, all);
            SearchQuery {
                facets: kind == "filter with facets",
                brand: random.random_bool(0.4).then(|| brand(random)),
                least_rating: random.random_bool(0.4).then(|| random.random_range(1..=45)),
                in_stock: random.random_bool(0.5),
                tag: random.random_bool(0.2).then(|| word(common(random, 1_000) as u64)),
                ..prices(random, listed)
            }
        }
        "search" => {
            let text = words(random);
            let sort = if random.random_bool(0.8) { SearchSort::Relevance } else { SORTS[random.random_range(0..6)] };
            SearchQuery { text: Some(text), sort, highlights: true, in_stock: random.random_bool(0.3), ..all }
        }
        _ => {
            let words = words(random);
            let text = typo(random, &words);
            SearchQuery { text: Some(text), sort: SearchSort::Relevance, highlights: true, ..all }
        }
    }
}

/// The question as a request. A page from the middle takes a cursor that the shop signs, so each begins at the first.
pub fn path(kind: &str, nth: u64) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if kind == "suggest" {
        return format!("/api/v1/search/suggest?{}", query.append_pair("q", &typed(nth)).finish());
    }
    let asked = self::query(kind, nth);
    let sort = serde_json::to_value(asked.sort).unwrap_or_default();
    query.append_pair("sort", sort.as_str().unwrap_or_default());
    query.append_pair("limit", &asked.size.get().to_string());
    let paise = |price: Option<Paise>| price.map(|price| price.get().to_string());
    let texts = [
        ("q", asked.text.clone()),
        ("category", asked.categories.first().map(Slug::to_string)),
        ("brand", asked.brand.clone()),
        ("tag", asked.tag.clone()),
        ("min_price", paise(asked.least_price)),
        ("max_price", paise(asked.most_price)),
        ("min_rating", asked.least_rating.map(|tenths| format!("{}.{}", tenths / 10, tenths % 10))),
    ];
    for (name, text) in texts {
        text.iter().for_each(|text| _ = query.append_pair(name, text));
    }
    for (name, set) in [("in_stock", asked.in_stock), ("featured", asked.featured), ("facets", asked.facets)] {
        if set {
            query.append_pair(name, "true");
        }
    }
    let path = if asked.text.is_some() { "search" } else { "products" };
    format!("/api/v1/{path}?{}", query.finish())
}

/// Of everything or of a category, in some order, from the first page or from the middle.
fn list(random: &mut SmallRng, all: SearchQuery) -> SearchQuery {
    let sort = SORTS[random.random_range(0..SORTS.len())];
    let place = match sort {
        SearchSort::Newest | SearchSort::Name => None,
        SearchSort::PriceAsc => Some(random.random_range(2_000..900_000)),
        SearchSort::PriceDesc => Some(!random.random_range(2_000..900_000)),
        _ => Some(!random.random_range(0..50)),
    };
    let id = ProductId::from_uuid(Uuid::from_u128(random.random()));
    let after = place.filter(|_| random.random_bool(0.5)).map(|place: u64| SortKey { key: format!("0:0:{place}"), id });
    let categories = if random.random_bool(0.7) { vec![category(random)] } else { Vec::new() };
    let sizes = PageSize::parse(random.random_range(18..=24)).unwrap_or(PageSize::DEFAULT);
    SearchQuery { sort, after, categories, size: sizes, ..all }
}

fn prices(random: &mut SmallRng, all: SearchQuery) -> SearchQuery {
    let least = random.random_range(0..5_000);
    SearchQuery {
        least_price: random.random_bool(0.6).then(|| Paise::from_rupees(least)),
        most_price: random.random_bool(0.6).then(|| Paise::from_rupees(least + random.random_range(50..4_000))),
        ..all
    }
}

/// One to four, of those that names are made of.
fn words(random: &mut SmallRng) -> String {
    let mut words = Vec::new();
    if random.random_bool(0.4) {
        words.push(brand(random).to_lowercase());
    }
    if random.random_bool(0.5) {
        words.push(manner(random).to_lowercase());
    }
    words.push(kind(random).to_lowercase());
    if random.random_bool(0.2) {
        words.push(word(common(random, 8_000) as u64));
    }
    words.join(" ")
}

/// Two letters of a longer word in each other's place.
fn typo(random: &mut SmallRng, words: &str) -> String {
    let longest = words.split(' ').max_by_key(|word| word.len()).unwrap_or_default();
    let at = random.random_range(1..longest.len().max(3) - 1);
    let mut letters: Vec<_> = longest.chars().collect();
    if at + 1 < letters.len() {
        letters.swap(at, at + 1);
    }
    words.replacen(longest, &letters.into_iter().collect::<String>(), 1)
}

/// The beginning of what somebody types.
pub fn typed(nth: u64) -> String {
    let random = &mut random("typed", nth);
    let words = words(random);
    words.chars().take(random.random_range(2..=words.len().max(3))).collect()
}
