-- The catalogue, its stock, and the records that keep work from being done twice.
-- One text for both engines: a comment that begins with pg or sqlite is read by that engine alone.
-- Moments are milliseconds since 1970 in UTC, money is paise, ids are text with their prefix. Lists and pairs whose
-- order matters are JSON as it was written.

CREATE TABLE categories (
    tenant TEXT NOT NULL,
    category_id TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version >= 0),
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    parent_id TEXT,
    position BIGINT NOT NULL CHECK (position >= 0),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, category_id)
) /*sqlite WITHOUT ROWID */;

CREATE TABLE products (
    tenant TEXT NOT NULL,
    product_id TEXT /*pg COLLATE "C" */ NOT NULL,
    version BIGINT NOT NULL CHECK (version >= 0),
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    brand TEXT NOT NULL,
    category_id TEXT NOT NULL,
    gst_rate BIGINT NOT NULL CHECK (gst_rate BETWEEN 0 AND 100),
    hsn TEXT NOT NULL,
    images TEXT NOT NULL,
    tags TEXT NOT NULL,
    attributes TEXT NOT NULL,
    rating_stars BIGINT NOT NULL CHECK (rating_stars >= 0),
    rating_count BIGINT NOT NULL CHECK (rating_count >= 0),
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, product_id)
);

CREATE INDEX products_of_category ON products (tenant, category_id, product_id);

CREATE TABLE variants (
    tenant TEXT NOT NULL,
    product_id TEXT /*pg COLLATE "C" */ NOT NULL,
    sku TEXT NOT NULL,
    position BIGINT NOT NULL CHECK (position >= 0),
    options TEXT NOT NULL,
    price BIGINT NOT NULL CHECK (price >= 0),
    compare_at BIGINT CHECK (compare_at >= 0),
    min_quantity BIGINT NOT NULL CHECK (min_quantity >= 0),
    max_quantity BIGINT NOT NULL CHECK (max_quantity >= min_quantity),
    step_quantity BIGINT NOT NULL CHECK (step_quantity >= 0),
    PRIMARY KEY (tenant, product_id, sku),
    FOREIGN KEY (tenant, product_id) REFERENCES products (tenant, product_id)
) /*sqlite WITHOUT ROWID */;

-- What lies in the warehouse is available + reserved.
CREATE TABLE stock (
    tenant TEXT NOT NULL,
    product_id TEXT /*pg COLLATE "C" */ NOT NULL,
    sku TEXT NOT NULL,
    available BIGINT NOT NULL CHECK (available BETWEEN 0 AND 4294967295),
    reserved BIGINT NOT NULL CHECK (reserved BETWEEN 0 AND 4294967295),
    PRIMARY KEY (tenant, product_id, sku),
    FOREIGN KEY (tenant, product_id) REFERENCES products (tenant, product_id)
) /*sqlite WITHOUT ROWID */;

-- Names that are unique in a tenant: slugs and SKUs. The product page is found by its slug here.
CREATE TABLE claims (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    owner TEXT /*pg COLLATE "C" */ NOT NULL,
    PRIMARY KEY (tenant, kind, name)
) /*sqlite WITHOUT ROWID */;

CREATE TABLE counters (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    value BIGINT NOT NULL CHECK (value >= 0),
    PRIMARY KEY (tenant, name)
) /*sqlite WITHOUT ROWID */;

-- The outbox.
CREATE TABLE events (
    tenant TEXT NOT NULL,
    event_id TEXT /*pg COLLATE "C" */ NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    occurred_at BIGINT NOT NULL,
    traceparent TEXT,
    data TEXT NOT NULL,
    sent BIGINT NOT NULL DEFAULT 0 CHECK (sent IN (0, 1)),
    PRIMARY KEY (tenant, event_id)
) /*sqlite WITHOUT ROWID */;

CREATE INDEX events_unsent ON events (occurred_at, event_id) WHERE sent = 0;
CREATE INDEX events_newest ON events (occurred_at, event_id);

-- Events a consumer has taken into account.
CREATE TABLE inbox (
    tenant TEXT NOT NULL,
    consumer TEXT NOT NULL,
    event_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, consumer, event_id)
) /*sqlite WITHOUT ROWID */;

-- A row stays when its key is freed or has run out, so that its fence goes on growing.
CREATE TABLE idempotency_keys (
    tenant TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fence BIGINT NOT NULL CHECK (fence > 0),
    request TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('free', 'running', 'answered')),
    live_until BIGINT NOT NULL,
    status BIGINT CHECK (status BETWEEN 0 AND 65535),
    headers TEXT,
    body TEXT,
    PRIMARY KEY (tenant, idempotency_key),
    CHECK (state <> 'answered' OR (status IS NOT NULL AND headers IS NOT NULL AND body IS NOT NULL))
) /*sqlite WITHOUT ROWID */;

-- Leases belong to the deployment. Without an owner a lease is free; its fence stays.
CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    fence BIGINT NOT NULL CHECK (fence > 0),
    owner TEXT,
    live_until BIGINT NOT NULL
) /*sqlite WITHOUT ROWID */;
