//! What is known of a product in the index, and in which field. How the fields are asked is `shelf`'s and `matching`'s
//! part. Words are kept as whole terms: neither how often nor where in a text a word stands has a say in what is found.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use bharatmart_core::ProductId;
use bharatmart_core::ports::SearchDoc;
use bharatmart_core::tenant::Tenant;
use sha2::{Digest, Sha256};
use tantivy::schema::{FAST, Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions};
use tantivy::{Index, IndexBuilder, IndexSettings, TantivyDocument, Term};

use super::sounds::sounds;
use super::words::{Word, each, folded};

/// Grows when the fields or the making of their words change: a snapshot of another shape is not read, but rebuilt.
pub(super) const SHAPE: u32 = 2;

/// Columns, by the names their readers are asked for.
pub(super) mod column {
    pub(in super::super) const PRICE: &str = "price";
    pub(in super::super) const RATING: &str = "rating";
    pub(in super::super) const CREATED_AT: &str = "created_at";
    pub(in super::super) const POPULARITY: &str = "popularity";
    pub(in super::super) const NAME: &str = "name_sort";
    pub(in super::super) const BRAND: &str = "brand_shown";
    pub(in super::super) const CATEGORY: &str = "category_shown";
    pub(in super::super) const ID_HIGH: &str = "id_high";
    pub(in super::super) const ID_LOW: &str = "id_low";
    pub(in super::super) const VERSION: &str = "version";
    pub(in super::super) const DIGEST: &str = "digest";
}

const RAW: &str = "raw";

/// A page's rows lie here and there: a block that holds a few of them is unpacked sooner than one that holds many.
const STORE_BLOCK: usize = 4 << 10;

/// Longer texts are searched by their beginning.
const MOST_WORDS: usize = 2_000;

/// Of a number that is a name's part.
const MOST_DIGITS: usize = 4;

pub(super) struct Fields {
    schema: Schema,
    /// Tenant and id: what a document is replaced by.
    pub key: Field,
    pub tenant: Field,
    pub category: Field,
    pub tag: Field,
    pub brand: Field,
    pub in_stock: Field,
    pub featured: Field,
    pub name: Field,
    /// How the words of the name sound, and each two neighbours as one: "power bank" is found as "powerbank".
    pub name_sounds: Field,
    /// Words of brand, category and tags.
    pub about: Field,
    pub about_sounds: Field,
    /// Words of the description, and of attributes and options.
    pub description: Field,
    pub brand_words: Field,
    pub category_words: Field,
    pub shown: Field,
    pub stored_name: Field,
    pub stored_slug: Field,
    pub stored_description: Field,
    pub stored_category_name: Field,
    price: Field,
    created_at: Field,
    rating: Field,
    popularity: Field,
    name_sort: Field,
    brand_shown: Field,
    category_shown: Field,
    id_high: Field,
    id_low: Field,
    version: Field,
    digest: Field,
}

pub(super) static FIELDS: LazyLock<Fields> = LazyLock::new(|| {
    let mut schema = Schema::builder();
    let term = TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(RAW)
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false),
    );
    let stored = TextOptions::default() | STORED;
    let shown = TextOptions::default().set_fast(RAW);
    Fields {
        key: schema.add_text_field("key", STRING),
        tenant: schema.add_text_field("tenant", term.clone()),
        category: schema.add_text_field("category", term.clone()),
        tag: schema.add_text_field("tag", term.clone()),
        brand: schema.add_text_field("brand", term.clone()),
        in_stock: schema.add_text_field("in_stock", term.clone()),
        featured: schema.add_text_field("featured", term.clone()),
        name: schema.add_text_field("name", term.clone()),
        name_sounds: schema.add_text_field("name_sounds", term.clone()),
        about: schema.add_text_field("about", term.clone()),
        about_sounds: schema.add_text_field("about_sounds", term.clone()),
        description: schema.add_text_field("description", term.clone()),
        brand_words: schema.add_text_field("brand_words", term.clone()),
        category_words: schema.add_text_field("category_words", term),
        shown: schema.add_text_field("shown", stored.clone()),
        stored_name: schema.add_text_field("stored_name", stored.clone()),
        stored_slug: schema.add_text_field("stored_slug", stored.clone()),
        stored_description: schema.add_text_field("stored_description", stored.clone()),
        stored_category_name: schema.add_text_field("stored_category_name", stored),
        price: schema.add_u64_field(column::PRICE, FAST),
        created_at: schema.add_i64_field(column::CREATED_AT, FAST),
        rating: schema.add_u64_field(column::RATING, FAST),
        popularity: schema.add_u64_field(column::POPULARITY, FAST),
        name_sort: schema.add_text_field(column::NAME, shown.clone()),
        brand_shown: schema.add_text_field(column::BRAND, shown.clone()),
        category_shown: schema.add_text_field(column::CATEGORY, shown),
        id_high: schema.add_u64_field(column::ID_HIGH, FAST),
        id_low: schema.add_u64_field(column::ID_LOW, FAST),
        version: schema.add_u64_field(column::VERSION, FAST),
        digest: schema.add_u64_field(column::DIGEST, FAST),
        schema: schema.build(),
    }
});

pub(super) fn builder() -> IndexBuilder {
    let settings = IndexSettings {
        docstore_compress_dedicated_thread: false,
        docstore_blocksize: STORE_BLOCK,
        ..IndexSettings::default()
    };
    Index::builder().schema(FIELDS.schema.clone()).settings(settings)
}

pub(super) fn key(tenant: &Tenant, id: ProductId) -> Term {
    Term::from_field_text(FIELDS.key, &key_text(tenant, id))
}

pub(super) fn key_text(tenant: &Tenant, id: ProductId) -> String {
    format!("{tenant}/{id}")
}

/// What a flag that is set is found by.
pub(super) const YES: &str = "y";

pub(super) fn document(doc: &SearchDoc, digest: u64) -> TantivyDocument {
    let fields = &*FIELDS;
    let (high, low) = doc.id.uuid().as_u64_pair();
    let mut document = TantivyDocument::new();
    document.add_text(fields.key, key_text(&doc.tenant, doc.id));
    document.add_text(fields.tenant, doc.tenant.as_str());
    document.add_text(fields.category, doc.category.as_str());
    document.add_text(fields.brand, folded(&doc.brand));
    for tag in &doc.tags {
        document.add_text(fields.tag, tag);
    }
    for (field, set) in [(fields.in_stock, doc.in_stock), (fields.featured, doc.featured)] {
        if set {
            document.add_text(field, YES);
        }
    }
    add_words(&mut document, doc);
    document.add_text(fields.shown, &doc.shown);
    document.add_text(fields.stored_name, &doc.name);
    document.add_text(fields.stored_slug, doc.slug.as_str());
    document.add_text(fields.stored_description, &doc.description);
    document.add_text(fields.stored_category_name, &doc.category_name);
    document.add_u64(fields.price, price(doc.price.get()));
    document.add_i64(fields.created_at, doc.created_at.millis());
    document.add_u64(fields.rating, u64::from(doc.rating));
    document.add_u64(fields.popularity, doc.popularity);
    document.add_text(fields.name_sort, folded(&doc.name));
    document.add_text(fields.brand_shown, &doc.brand);
    document.add_text(fields.category_shown, doc.category.as_str());
    document.add_u64(fields.id_high, high);
    document.add_u64(fields.id_low, low);
    document.add_u64(fields.version, doc.version);
    document.add_u64(fields.digest, digest);
    document
}

fn add_words(document: &mut TantivyDocument, doc: &SearchDoc) {
    let fields = &*FIELDS;
    let name = [doc.name.as_str()];
    let about: Vec<_> = [&doc.brand, &doc.category_name].into_iter().chain(&doc.tags).map(String::as_str).collect();
    let description: Vec<_> = [&doc.description].into_iter().chain(&doc.details).map(String::as_str).collect();
    let mut add = |field, terms: BTreeSet<String>| {
        terms.into_iter().for_each(|term| document.add_text(field, term));
    };
    add(fields.name, written(&name));
    add(fields.name_sounds, spoken(&name));
    add(fields.about, written(&about));
    add(fields.about_sounds, spoken(&about));
    add(fields.description, written(&description));
    add(fields.brand_words, written(&[&doc.brand]));
    add(fields.category_words, written(&[&doc.category_name]));
}

fn written(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().flat_map(|text| each(text)).take(MOST_WORDS).map(|word| word.text).collect()
}

fn spoken(texts: &[&str]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for text in texts {
        let words = each(text);
        all.extend(words.iter().flat_map(|word| sounds(&word.text)));
        let named = |two: &&[Word]| two.iter().all(|word| !is_long_number(&word.text));
        all.extend(words.windows(2).filter(named).flat_map(|two| sounds(&format!("{}{}", two[0].text, two[1].text))));
    }
    all
}

/// "iPhone 15" may be typed in one; a serial number's neighbour would only be one more word that nobody types.
fn is_long_number(word: &str) -> bool {
    word.bytes().filter(u8::is_ascii_digit).count() > MOST_DIGITS
}

/// Money is never negative; its type still is a signed integer.
pub(super) fn price(paise: i64) -> u64 {
    u64::try_from(paise).unwrap_or_default()
}

/// Tells one content of a document from another, so that a repeated event publishes nothing.
pub(super) fn digest(doc: &SearchDoc) -> u64 {
    let SearchDoc { tenant, id, version, slug, name, brand, category, category_name, description, .. } = doc;
    let SearchDoc { details, tags, price, in_stock, featured, rating, popularity, created_at, shown, .. } = doc;
    let mut hash = Sha256::new();
    let mut text = |part: &str| {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    };
    let fixed = [tenant.as_str(), slug.as_str(), name, brand, category.as_str(), category_name, description, shown];
    fixed.into_iter().chain(details.iter().map(String::as_str)).for_each(&mut text);
    text("");
    tags.iter().map(String::as_str).for_each(&mut text);
    hash.update(id.uuid().as_bytes());
    hash.update(version.to_le_bytes());
    hash.update(price.get().to_le_bytes());
    hash.update(rating.to_le_bytes());
    hash.update(popularity.to_le_bytes());
    hash.update(created_at.millis().to_le_bytes());
    hash.update([u8::from(*in_stock), u8::from(*featured)]);
    let hash = hash.finalize();
    hash.iter().take(8).fold(0, |digest, byte| digest << 8 | u64::from(*byte))
}
