//! Made-up products, each from its number alone: a million of them need no room before they are in the index. Common
//! words are common and rare ones rare, as in a shop; the more products, the more brands and rare words there are.

use bharatmart_core::ports::SearchDoc;
use bharatmart_core::{Paise, ProductId, Slug, Tenant, Timestamp};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use serde_json::json;
use uuid::Uuid;

const CATEGORIES: u64 = 120;
const KINDS: [&str; 48] = [
    "Atta",
    "Basmati Rice",
    "Toor Dal",
    "Mustard Oil",
    "Turmeric Powder",
    "Masala Chai",
    "Filter Coffee",
    "Pressure Cooker",
    "Iron Kadhai",
    "Dosa Tawa",
    "Lunch Box",
    "Water Bottle",
    "Mixer Grinder",
    "Bedsheet",
    "Curtains",
    "Cushion Cover",
    "Floor Lamp",
    "Ceiling Fan",
    "Steam Iron",
    "Power Bank",
    "Earbuds",
    "Headphones",
    "Smartphone",
    "Charger",
    "Laptop Bag",
    "Kurta",
    "Saree",
    "Lehenga",
    "Crew Tee",
    "Running Shoes",
    "Kolhapuri Chappal",
    "Jhumka",
    "Face Wash",
    "Sunscreen",
    "Hair Oil",
    "Lipstick",
    "Toothbrush",
    "Perfume",
    "Cricket Bat",
    "Carrom Board",
    "Building Blocks",
    "Puzzle",
    "Story Book",
    "Notebook",
    "Gel Pen",
    "Yoga Mat",
    "Planter",
    "Broom",
];
const MANNERS: [&str; 40] = [
    "Fresh", "Organic", "Classic", "Royal", "Daily", "Premium", "Handmade", "Steel", "Copper", "Brass", "Cotton",
    "Silk", "Linen", "Wooden", "Bamboo", "Clay", "Glass", "Red", "Blue", "Green", "White", "Black", "Golden", "Large",
    "Small", "Light", "Heavy", "Slim", "Double", "Single", "Travel", "Office", "Kids", "Festive", "Summer", "Winter",
    "Natural", "Pure", "Smart", "Compact",
];
const SYLLABLES: [&str; 24] = [
    "ka", "ri", "mo", "ta", "shu", "ne", "la", "vi", "go", "da", "pra", "su", "ji", "ba", "chan", "dra", "mee", "ra",
    "ya", "no", "hi", "ma", "tho", "lu",
];

pub fn random(of: &str, nth: u64) -> SmallRng {
    let seed = of.bytes().fold(nth, |seed, byte| seed.rotate_left(7) ^ u64::from(byte));
    SmallRng::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// A made-up word; low numbers are common.
pub fn word(number: u64) -> String {
    let mut rest = number;
    let mut word = String::new();
    for _ in 0..3 {
        word.push_str(SYLLABLES[(rest % SYLLABLES.len() as u64) as usize]);
        rest /= SYLLABLES.len() as u64;
    }
    word
}

/// By Zipf's law, roughly: of `all`, the first much more often than the last.
pub fn common(random: &mut SmallRng, all: usize) -> usize {
    ((all as f64).powf(random.random::<f64>()) as usize - 1).min(all - 1)
}

pub fn kind(random: &mut SmallRng) -> &'static str {
    KINDS[common(random, KINDS.len())]
}

pub fn manner(random: &mut SmallRng) -> &'static str {
    MANNERS[common(random, MANNERS.len())]
}

pub fn brand(random: &mut SmallRng) -> String {
    // Twice as many brands for four times the products.
    let number = common(random, 2_000) as u64;
    capital(&word(number + 3_000))
}

pub fn category(random: &mut SmallRng) -> Slug {
    slug(&format!("category-{}", common(random, CATEGORIES as usize)))
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

fn slug(text: &str) -> Slug {
    Slug::from_name(text).unwrap_or_else(|| panic!("no slug: {text}"))
}

pub fn product(nth: u64) -> SearchDoc {
    let random = &mut random("product", nth);
    let (brand, kind) = (brand(random), kind(random));
    let name = format!("{} {} {} {kind} {nth}", brand, manner(random), manner(random));
    let description: Vec<_> = (0..24).map(|_| word(common(random, 8_000) as u64)).collect();
    let category = category(random);
    let id = ProductId::from_uuid(Uuid::from_u128(u128::from(nth) << 64 | u128::from(random.random::<u64>())));
    let price = Paise::from_rupees(random.random_range(20..9_000));
    let tags: Vec<_> = (0..4).map(|_| word(common(random, 1_000) as u64)).collect();
    let slug = slug(&name);
    let (rating, popularity) = (random.random_range(0..=50), common(random, 5_000) as u64);
    let (in_stock, featured) = (random.random_bool(0.9), random.random_bool(0.01));
    let description = description.join(" ");
    let created_at = Timestamp::from_millis(1_700_000_000_000 + nth as i64 * 1_000);
    let variant = |size: &str| {
        json!({
            "sku": format!("SKU-{nth}-{size}"), "options": { "size": size }, "price": { "amount": price.get(), "currency": "INR" },
            "compare_at": null, "availability": "in_stock", "min_quantity": 1, "max_quantity": 10, "step": 1,
        })
    };
    let shown = json!({
        "id": id, "slug": slug.as_str(), "name": name, "description": description, "brand": brand,
        "category": { "id": "cat_1", "slug": category.as_str(), "name": category.as_str() },
        "price": { "amount": price.get(), "currency": "INR" }, "compare_at": null, "gst_rate": 18, "hsn": "1101",
        "images": [{ "url": format!("/media/products/{slug}.svg"), "alt": name, "width": 800, "height": 800 }],
        "tags": tags, "attributes": { "made in": "India" }, "rating": { "average": 4.2, "count": popularity },
        "variants": [variant("S"), variant("M")], "status": "active", "version": 1,
        "created_at": created_at.to_string(), "updated_at": created_at.to_string(),
    });
    SearchDoc {
        tenant: Tenant::main(),
        id,
        version: 1,
        slug,
        name,
        brand,
        category_name: category.to_string(),
        category,
        description,
        details: vec!["India".to_owned(), "S".to_owned(), "M".to_owned()],
        tags,
        price,
        in_stock,
        featured,
        rating,
        popularity,
        created_at,
        shown: shown.to_string(),
    }
}
