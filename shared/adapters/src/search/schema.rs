//! What is known of a product in the index, and in which field. How the fields are asked is `query`'s and `page`'s part.

use std::sync::LazyLock;

use bharatmart_core::ProductId;
use bharatmart_core::ports::SearchDoc;
use bharatmart_core::tenant::Tenant;
use sha2::{Digest, Sha256};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::TokenizerManager;
use tantivy::{Index, IndexBuilder, IndexSettings, TantivyDocument, Term};

use super::words::{analyzer, folded};

/// Grows when the fields change: a snapshot of another shape is not read, but rebuilt.
pub(super) const SHAPE: u32 = 1;

/// Columns, by the names their readers are asked for.
pub(super) mod column {
    pub(in super::super) const PRICE: &str = "price";
    pub(in super::super) const RATING: &str = "rating";
    pub(in super::super) const CREATED_AT: &str = "created_at";
    pub(in super::super) const NAME: &str = "name_sort";
    pub(in super::super) const ID_HIGH: &str = "id_high";
    pub(in super::super) const ID_LOW: &str = "id_low";
    pub(in super::super) const VERSION: &str = "version";
    pub(in super::super) const DIGEST: &str = "digest";
}

const WORDS: &str = "words";
const RAW: &str = "raw";

pub(super) struct Fields {
    schema: Schema,
    /// Tenant and id: what a document is replaced by.
    pub key: Field,
    pub tenant: Field,
    pub category: Field,
    pub tag: Field,
    pub in_stock: Field,
    pub price: Field,
    pub name: Field,
    pub brand: Field,
    pub category_name: Field,
    pub tag_words: Field,
    pub description: Field,
    pub shown: Field,
    created_at: Field,
    rating: Field,
    name_sort: Field,
    id_high: Field,
    id_low: Field,
    version: Field,
    digest: Field,
}

pub(super) static FIELDS: LazyLock<Fields> = LazyLock::new(|| {
    let mut schema = Schema::builder();
    let words = TextOptions::default().set_indexing_options(
        TextFieldIndexing::default().set_tokenizer(WORDS).set_index_option(IndexRecordOption::WithFreqs),
    );
    let exact = TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(RAW)
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false),
    );
    Fields {
        key: schema.add_text_field("key", STRING),
        tenant: schema.add_text_field("tenant", exact.clone()),
        category: schema.add_text_field("category", exact.clone()),
        tag: schema.add_text_field("tag", exact),
        in_stock: schema.add_bool_field("in_stock", INDEXED),
        price: schema.add_u64_field(column::PRICE, FAST),
        name: schema.add_text_field("name", words.clone()),
        brand: schema.add_text_field("brand", words.clone()),
        category_name: schema.add_text_field("category_name", words.clone()),
        tag_words: schema.add_text_field("tag_words", words.clone()),
        description: schema.add_text_field("description", words),
        shown: schema.add_text_field("shown", TextOptions::default() | STORED),
        created_at: schema.add_i64_field(column::CREATED_AT, FAST),
        rating: schema.add_u64_field(column::RATING, FAST),
        name_sort: schema.add_text_field(column::NAME, TextOptions::default().set_fast(RAW)),
        id_high: schema.add_u64_field(column::ID_HIGH, FAST),
        id_low: schema.add_u64_field(column::ID_LOW, FAST),
        version: schema.add_u64_field(column::VERSION, FAST),
        digest: schema.add_u64_field(column::DIGEST, FAST),
        schema: schema.build(),
    }
});

pub(super) fn builder() -> IndexBuilder {
    let settings = IndexSettings { docstore_compress_dedicated_thread: false, ..IndexSettings::default() };
    let tokenizers = TokenizerManager::default();
    tokenizers.register(WORDS, analyzer());
    Index::builder().schema(FIELDS.schema.clone()).settings(settings).tokenizers(tokenizers)
}

pub(super) fn key(tenant: &Tenant, id: ProductId) -> Term {
    Term::from_field_text(FIELDS.key, &key_text(tenant, id))
}

fn key_text(tenant: &Tenant, id: ProductId) -> String {
    format!("{tenant}/{id}")
}

pub(super) fn document(doc: &SearchDoc, digest: u64) -> TantivyDocument {
    let fields = &*FIELDS;
    let (high, low) = doc.id.uuid().as_u64_pair();
    let mut document = TantivyDocument::new();
    document.add_text(fields.key, key_text(&doc.tenant, doc.id));
    document.add_text(fields.tenant, doc.tenant.as_str());
    document.add_text(fields.category, doc.category.as_str());
    for tag in &doc.tags {
        document.add_text(fields.tag, tag);
        document.add_text(fields.tag_words, tag);
    }
    document.add_bool(fields.in_stock, doc.in_stock);
    document.add_u64(fields.price, price(doc.price.get()));
    document.add_text(fields.name, &doc.name);
    document.add_text(fields.name_sort, folded(&doc.name));
    document.add_text(fields.brand, &doc.brand);
    document.add_text(fields.category_name, &doc.category_name);
    document.add_text(fields.description, &doc.description);
    document.add_u64(fields.rating, u64::from(doc.rating));
    document.add_i64(fields.created_at, doc.created_at.millis());
    document.add_u64(fields.id_high, high);
    document.add_u64(fields.id_low, low);
    document.add_u64(fields.version, doc.version);
    document.add_u64(fields.digest, digest);
    document.add_text(fields.shown, &doc.shown);
    document
}

/// Money is never negative; its type still is a signed integer.
pub(super) fn price(paise: i64) -> u64 {
    u64::try_from(paise).unwrap_or_default()
}

/// Tells one content of a document from another, so that a repeated event publishes nothing.
pub(super) fn digest(doc: &SearchDoc) -> u64 {
    let SearchDoc { tenant, id, version, name, brand, category, category_name, description, tags, .. } = doc;
    let SearchDoc { price, in_stock, rating, created_at, shown, .. } = doc;
    let mut hash = Sha256::new();
    let mut text = |part: &str| {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    };
    let fixed = [tenant.as_str(), name, brand, category.as_str(), category_name, description, shown];
    fixed.into_iter().chain(tags.iter().map(String::as_str)).for_each(&mut text);
    hash.update(id.uuid().as_bytes());
    hash.update(version.to_le_bytes());
    hash.update(price.get().to_le_bytes());
    hash.update(rating.to_le_bytes());
    hash.update(created_at.millis().to_le_bytes());
    hash.update([u8::from(*in_stock)]);
    let hash = hash.finalize();
    hash.iter().take(8).fold(0, |digest, byte| digest << 8 | u64::from(*byte))
}
