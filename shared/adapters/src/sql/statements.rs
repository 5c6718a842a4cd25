//! The statements, in the SQL that SQLite and PostgreSQL share. Parameters first appear in their order. Those for
//! records are made in `table_statements`.

/// A product's row beside each of its variants'. What is long comes once, with the first variant.
macro_rules! products {
    ($from:literal WHERE $where:literal) => {
        concat!(
            "SELECT p.product_id, v.position, v.sku, v.options, v.price, v.compare_at, v.min_quantity, v.max_quantity, \
             v.step_quantity, p.version, p.slug, p.name, p.brand, p.category_id, p.gst_rate, p.hsn, p.rating_stars, \
             p.rating_count, p.status, p.created_at, p.updated_at, p.unit, \
             CASE WHEN v.position > 0 THEN NULL ELSE p.description END, \
             CASE WHEN v.position > 0 THEN NULL ELSE p.images END, \
             CASE WHEN v.position > 0 THEN NULL ELSE p.tags END, \
             CASE WHEN v.position > 0 THEN NULL ELSE p.attributes END ",
            $from,
            " LEFT JOIN variants v ON v.tenant = p.tenant AND v.product_id = p.product_id WHERE ",
            $where
        )
    };
}

pub(super) const PROBE: &str = "SELECT 1";

pub(super) const PRODUCT_BY_ID: &str = products!("FROM products p" WHERE "p.tenant = $1 AND p.product_id = $2");

pub(super) const STOCK_BY_ID: &str =
    "SELECT product_id, sku, location, available, reserved, sold FROM stock WHERE tenant = $1 AND product_id = $2";

pub(super) const PRODUCT_BY_SLUG: &str = products!(
    "FROM claims c JOIN products p ON p.tenant = c.tenant AND p.product_id = c.owner"
    WHERE "c.tenant = $1 AND c.kind = 'product_slug' AND c.name = $2"
);

pub(super) const STOCK_BY_SLUG: &str = "SELECT s.product_id, s.sku, s.location, s.available, s.reserved, s.sold \
    FROM claims c JOIN stock s ON s.tenant = c.tenant AND s.product_id = c.owner \
    WHERE c.tenant = $1 AND c.kind = 'product_slug' AND c.name = $2";

pub(super) const NEWEST_PRODUCTS: &str =
    "SELECT product_id FROM products WHERE tenant = $1 AND product_id < $2 ORDER BY product_id DESC LIMIT $3";

pub(super) const NEWEST_OF_CATEGORY: &str = "SELECT product_id FROM products \
    WHERE tenant = $1 AND product_id < $2 AND category_id = $3 ORDER BY product_id DESC LIMIT $4";

pub(super) const CATEGORIES: &str = "SELECT category_id, slug, name, parent_id, position, deleted, version, created_at FROM categories WHERE tenant = $1";

pub(super) const STOCK_OF_SKU: &str =
    "SELECT location, available, reserved, sold FROM stock WHERE tenant = $1 AND product_id = $2 AND sku = $3";

/// From one tenant to the next by the key, so that a million products of one tenant are not walked.
pub(super) const TENANTS: &str = "WITH RECURSIVE
    selling (tenant) AS (
        SELECT min(tenant) FROM products
        UNION ALL
        SELECT (SELECT min(p.tenant) FROM products p WHERE p.tenant > s.tenant) FROM selling s WHERE s.tenant IS NOT NULL
    ),
    sorting (tenant) AS (
        SELECT min(tenant) FROM categories
        UNION ALL
        SELECT (SELECT min(c.tenant) FROM categories c WHERE c.tenant > s.tenant) FROM sorting s WHERE s.tenant IS NOT NULL
    )
    SELECT tenant FROM selling WHERE tenant IS NOT NULL UNION SELECT tenant FROM sorting WHERE tenant IS NOT NULL";

pub(super) const NEW_PRODUCT: &str = "INSERT INTO products (version, slug, name, description, brand, category_id, \
    gst_rate, hsn, images, tags, attributes, unit, rating_stars, rating_count, status, created_at, updated_at, tenant, \
    product_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
    ON CONFLICT (tenant, product_id) DO NOTHING";

/// Takes the values of `NEW_PRODUCT`, then the version it replaces.
pub(super) const NEXT_PRODUCT: &str = "UPDATE products SET version = $1, slug = $2, name = $3, description = $4, \
    brand = $5, category_id = $6, gst_rate = $7, hsn = $8, images = $9, tags = $10, attributes = $11, \
    unit = $12, rating_stars = $13, rating_count = $14, status = $15, created_at = $16, updated_at = $17 \
    WHERE tenant = $18 AND product_id = $19 AND version = $20";

pub(super) const FORGET_VARIANTS: &str = "DELETE FROM variants WHERE tenant = $1 AND product_id = $2";

/// Adds nothing beside a product that is not there: then its own write is the one refused.
pub(super) const NEW_VARIANT: &str = "INSERT INTO variants (tenant, product_id, sku, position, options, price, \
    compare_at, min_quantity, max_quantity, step_quantity) \
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 \
    WHERE EXISTS (SELECT 1 FROM products p WHERE p.tenant = $1 AND p.product_id = $2) \
    ON CONFLICT (tenant, product_id, sku) DO NOTHING";

pub(super) const NEW_CATEGORY: &str = "INSERT INTO categories (version, slug, name, parent_id, position, deleted, \
    created_at, tenant, category_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tenant, category_id) DO NOTHING";

/// Takes the values of `NEW_CATEGORY`, then the version it replaces.
pub(super) const NEXT_CATEGORY: &str = "UPDATE categories SET version = $1, slug = $2, name = $3, parent_id = $4, \
    position = $5, deleted = $6, created_at = $7 WHERE tenant = $8 AND category_id = $9 AND version = $10";

/// Changes nothing but who may change the row until the commit is through.
pub(super) const HOLD_CATEGORY: &str =
    "UPDATE categories SET version = version WHERE tenant = $1 AND category_id = $2 AND version = $3";

pub(super) const NEW_STOCK: &str = "INSERT INTO stock (tenant, product_id, sku, location, available, reserved) \
    VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (tenant, product_id, sku, location) DO NOTHING";

pub(super) const DROP_STOCK: &str = "DELETE FROM stock \
    WHERE tenant = $1 AND product_id = $2 AND sku = $3 AND location = $4 AND available = 0 AND reserved = 0";

pub(super) const MOVE_STOCK: &str = "UPDATE stock SET available = available + $1, reserved = reserved + $2, sold = sold + $3 \
    WHERE tenant = $4 AND product_id = $5 AND sku = $6 AND location = $7 \
    AND available + $1 BETWEEN 0 AND 4294967295 AND reserved + $2 BETWEEN 0 AND 4294967295";

pub(super) const CLAIM: &str = "INSERT INTO claims (tenant, kind, name, owner) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (tenant, kind, name) DO NOTHING";

pub(super) const UNCLAIM: &str = "DELETE FROM claims WHERE tenant = $1 AND kind = $2 AND name = $3 AND owner = $4";

pub(super) const COUNT: &str = "INSERT INTO counters (tenant, name, value) SELECT $1, $2, $3 WHERE $3 <= $4 \
    ON CONFLICT (tenant, name) DO UPDATE SET value = counters.value + excluded.value \
    WHERE counters.value + excluded.value <= $4";

/// Takes back what was counted: there is a counter, then, and it does not fall below nought.
pub(super) const UNCOUNT: &str = "UPDATE counters SET value = value + $1 \
    WHERE tenant = $2 AND name = $3 AND value + $1 BETWEEN 0 AND $4";

pub(super) const COUNTED: &str = "SELECT value FROM counters WHERE tenant = $1 AND name = $2";

pub(super) const OWNER: &str = "SELECT owner FROM claims WHERE tenant = $1 AND kind = $2 AND name = $3";

pub(super) const WINDOW: &str = "SELECT value, ends_at FROM windows WHERE tenant = $1 AND name = $2 AND ends_at > $3";

/// A window that has ended begins anew; one that runs ends when it was to.
pub(super) const COUNT_IN_WINDOW: &str = "INSERT INTO windows (tenant, name, value, ends_at) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (tenant, name) DO UPDATE SET \
    value = CASE WHEN windows.ends_at > $5 THEN windows.value + excluded.value ELSE excluded.value END, \
    ends_at = CASE WHEN windows.ends_at > $5 THEN windows.ends_at ELSE excluded.ends_at END \
    RETURNING value, ends_at";

pub(super) const END_WINDOW: &str = "DELETE FROM windows WHERE tenant = $1 AND name = $2";

pub(super) const NEW_EVENT: &str = "INSERT INTO events (tenant, event_id, kind, subject, occurred_at, traceparent, \
    data) VALUES ($1, $2, $3, $4, $5, $6, $7)";

macro_rules! events {
    ($rest:literal) => {
        concat!("SELECT tenant, event_id, kind, subject, occurred_at, traceparent, data FROM events ", $rest)
    };
}

pub(super) const UNSENT: &str = events!("WHERE sent = 0 AND occurred_at < $1 ORDER BY occurred_at, event_id LIMIT $2");

pub(super) const NEWEST_EVENTS: &str = events!("ORDER BY occurred_at DESC, event_id DESC LIMIT $1");

pub(super) const MARK_SENT: &str = "UPDATE events SET sent = 1 WHERE tenant = $1 AND event_id = $2 AND sent = 0";

pub(super) const APPLY: &str = "INSERT INTO inbox (tenant, consumer, event_id, expires_at) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (tenant, consumer, event_id) DO NOTHING";

pub(super) const APPLIED: &str = "SELECT event_id FROM inbox WHERE tenant = $1 AND consumer = $2 AND event_id = $3";

/// Takes a key that is new, free or has run out; a live one answers no row. A new one's fence is the time of day, which
/// is past every fence of a row of this key that was forgotten.
pub(super) const CLAIM_KEY: &str = "INSERT INTO idempotency_keys (tenant, idempotency_key, fence, request, state, \
    live_until) VALUES ($1, $2, $3, $4, 'running', $5) \
    ON CONFLICT (tenant, idempotency_key) DO UPDATE SET fence = idempotency_keys.fence + 1, \
    request = excluded.request, state = 'running', live_until = excluded.live_until, \
    status = NULL, headers = NULL, body = NULL \
    WHERE idempotency_keys.state = 'free' OR idempotency_keys.live_until <= $3 RETURNING fence";

pub(super) const READ_KEY: &str = "SELECT request, state, live_until, status, headers, body FROM idempotency_keys \
    WHERE tenant = $1 AND idempotency_key = $2";

pub(super) const FREE_KEY: &str = "UPDATE idempotency_keys SET state = 'free' \
    WHERE tenant = $1 AND idempotency_key = $2 AND fence = $3 AND state = 'running'";

pub(super) const ANSWER_KEY: &str = "UPDATE idempotency_keys SET state = 'answered', status = $1, headers = $2, \
    body = $3, live_until = $4 WHERE tenant = $5 AND idempotency_key = $6 AND fence = $7 AND state = 'running'";

/// The same owner goes on under its fence while its lease runs; a free lease, or one that has run out, has a new one.
pub(super) const TAKE_LEASE: &str = "INSERT INTO leases (name, fence, owner, live_until) VALUES ($1, 1, $2, $3) \
    ON CONFLICT (name) DO UPDATE SET \
    fence = CASE WHEN leases.owner = excluded.owner AND leases.live_until > $4 THEN leases.fence \
    ELSE leases.fence + 1 END, owner = excluded.owner, live_until = excluded.live_until \
    WHERE leases.owner IS NULL OR leases.owner = excluded.owner OR leases.live_until <= $4 RETURNING fence";

pub(super) const RELEASE_LEASE: &str = "UPDATE leases SET owner = NULL WHERE name = $1 AND fence = $2";

/// Changes nothing; it keeps the lease from being taken before the commit is done.
pub(super) const HOLD_LEASE: &str =
    "UPDATE leases SET fence = fence WHERE name = $1 AND fence = $2 AND owner IS NOT NULL";
