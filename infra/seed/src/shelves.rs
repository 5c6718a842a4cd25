//! Reads the data files into products the shop will take: `data/<category>.json`, written to be read.
//! Prices are in paise. A variant takes price and `compare_at` from its product unless it has its own; its SKU is the
//! shelf's letters, the product's code and its options. GST rates are those in force since 22 September 2025.

use bharatmart_core::catalog::{NewProduct, ProductInput, Rating, VariantInput};
use bharatmart_core::money::Currency;
use bharatmart_core::{Money, Slug};
use indexmap::IndexMap;
use serde::Deserialize;

use crate::{SeedError, picture, slug};

const FILES: [(&str, &str); 8] = [
    ("groceries", include_str!("../data/groceries.json")),
    ("kitchen", include_str!("../data/kitchen.json")),
    ("fashion", include_str!("../data/fashion.json")),
    ("beauty", include_str!("../data/beauty.json")),
    ("electronics", include_str!("../data/electronics.json")),
    ("books", include_str!("../data/books.json")),
    ("home", include_str!("../data/home.json")),
    ("toys", include_str!("../data/toys.json")),
];

/// A category and what lies in it.
pub(crate) struct Shelf {
    pub slug: Slug,
    pub name: String,
    pub position: u32,
    pub items: Vec<Item>,
}

pub(crate) struct Item {
    pub slug: Slug,
    pub input: NewProduct,
    pub rating: Rating,
    /// SVG.
    pub picture: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    slug: String,
    name: String,
    position: u32,
    sku: String,
    products: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    code: String,
    brand: String,
    picture: String,
    gst: i64,
    hsn: String,
    description: String,
    tags: Vec<String>,
    attributes: IndexMap<String, String>,
    /// The average; a product without it has no review yet.
    stars: Option<f64>,
    #[serde(default)]
    reviews: u32,
    price: Option<i64>,
    compare_at: Option<i64>,
    /// Of a product without variants.
    stock: Option<i64>,
    min_quantity: Option<i64>,
    max_quantity: Option<i64>,
    step: Option<i64>,
    #[serde(default)]
    variants: Vec<VariantRow>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(try_from = "IndexMap<String, Cell>")]
struct VariantRow {
    price: Option<i64>,
    compare_at: Option<i64>,
    stock: i64,
    /// Every other key: `"size": "M"`.
    options: IndexMap<String, String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Cell {
    Figure(i64),
    Word(String),
}

impl TryFrom<IndexMap<String, Cell>> for VariantRow {
    type Error = String;

    fn try_from(cells: IndexMap<String, Cell>) -> Result<Self, String> {
        let mut row = VariantRow::default();
        for (key, cell) in cells {
            match (key.as_str(), cell) {
                ("price", Cell::Figure(paise)) => row.price = Some(paise),
                ("compare_at", Cell::Figure(paise)) => row.compare_at = Some(paise),
                ("stock", Cell::Figure(stock)) => row.stock = stock,
                (_, Cell::Word(word)) => drop(row.options.insert(key, word)),
                (_, Cell::Figure(_)) => return Err(format!("{key} is not a figure of a variant")),
            }
        }
        Ok(row)
    }
}

pub(crate) fn read() -> Result<Vec<Shelf>, SeedError> {
    FILES.iter().map(|(name, text)| shelf(name, text)).collect()
}

fn shelf(name: &str, text: &str) -> Result<Shelf, SeedError> {
    let file: File = serde_json::from_str(text).map_err(|error| unreadable(name, error))?;
    let items = file.products.into_iter().map(|row| item(&file.slug, &file.sku, row)).collect::<Result<_, _>>()?;
    let slug = Slug::parse(&file.slug).map_err(|error| unreadable(name, error))?;
    Ok(Shelf { slug, name: file.name, position: file.position, items })
}

fn item(category: &str, prefix: &str, row: Row) -> Result<Item, SeedError> {
    let name = row.name.clone();
    let slug = slug(&name)?;
    let picture =
        picture::draw(category, &row.picture, &slug, &name).ok_or_else(|| unreadable(&name, "no such picture"))?;
    let stars = row.stars.map_or(0, |average| (average * f64::from(row.reviews)).round() as u32);
    let rating = Rating { stars, count: row.stars.map_or(0, |_| row.reviews) };
    let input = NewProduct::parse(input(category, prefix, row)?).map_err(|errors| {
        let named = errors.iter().map(|error| format!("{} {}", error.field, error.message));
        unreadable(&name, named.collect::<Vec<_>>().join("; "))
    })?;
    Ok(Item { slug, input, rating, picture })
}

fn input(category: &str, prefix: &str, row: Row) -> Result<ProductInput, SeedError> {
    let only = row.stock.map(|stock| VariantRow { stock, ..VariantRow::default() });
    let variants = row.variants.iter().cloned().chain(only).map(|variant| {
        let sku = sku(prefix, &row.code, &variant);
        let price = variant.price.or(row.price).ok_or_else(|| unreadable(&sku, "no price"))?;
        Ok(VariantInput {
            sku,
            options: variant.options,
            price: rupees(price),
            compare_at: variant.compare_at.or(row.compare_at).map(rupees),
            stock: variant.stock,
            min_quantity: row.min_quantity,
            max_quantity: row.max_quantity,
            step: row.step,
        })
    });
    let variants = variants.collect::<Result<_, SeedError>>()?;
    Ok(ProductInput {
        name: row.name,
        description: row.description,
        brand: row.brand,
        unit: None,
        category: category.to_owned(),
        gst_rate: row.gst,
        hsn: row.hsn,
        tags: row.tags,
        attributes: row.attributes,
        variants,
    })
}

/// `GRO`, `ATTA` and `5 kg` make GRO-ATTA-5KG.
fn sku(prefix: &str, code: &str, variant: &VariantRow) -> String {
    let options = variant.options.values().map(|value| {
        value.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').collect::<String>().to_ascii_uppercase()
    });
    [prefix, code].into_iter().map(str::to_owned).chain(options).collect::<Vec<_>>().join("-")
}

pub(crate) fn rupees(paise: i64) -> Money {
    Money { amount: paise, currency: Currency::Inr }
}

pub(crate) fn unreadable(what: &str, why: impl ToString) -> SeedError {
    SeedError::Data { what: what.to_owned(), why: why.to_string() }
}
