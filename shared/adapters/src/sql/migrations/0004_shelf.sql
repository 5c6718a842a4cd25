-- Stock lies at locations; what a customer does before paying; and the books of the warehouse.

CREATE TABLE stock_by_location (
    tenant TEXT NOT NULL,
    product_id TEXT /*pg COLLATE "C" */ NOT NULL,
    sku TEXT NOT NULL,
    location TEXT NOT NULL,
    available BIGINT NOT NULL CHECK (available BETWEEN 0 AND 4294967295),
    reserved BIGINT NOT NULL CHECK (reserved BETWEEN 0 AND 4294967295),
    PRIMARY KEY (tenant, product_id, sku, location),
    FOREIGN KEY (tenant, product_id) REFERENCES products (tenant, product_id) /*pg DEFERRABLE INITIALLY DEFERRED */
) /*sqlite WITHOUT ROWID */;

INSERT INTO stock_by_location (tenant, product_id, sku, location, available, reserved)
    SELECT tenant, product_id, sku, 'main', available, reserved FROM stock;

DROP TABLE stock;

ALTER TABLE stock_by_location RENAME TO stock;

ALTER TABLE products ADD COLUMN unit TEXT;

-- A category that is gone keeps its row: no product ever refers to nothing.
ALTER TABLE categories ADD COLUMN deleted BIGINT NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1));

CREATE TABLE banners (
    tenant TEXT NOT NULL,
    id TEXT /*pg COLLATE "C" */ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    title TEXT NOT NULL,
    image TEXT NOT NULL,
    link TEXT NOT NULL,
    position BIGINT NOT NULL CHECK (position >= 0),
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL CHECK (ends_at > starts_at),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
) /*sqlite WITHOUT ROWID */;

CREATE TABLE wishes (
    tenant TEXT NOT NULL,
    user_id TEXT /*pg COLLATE "C" */ NOT NULL,
    product_id TEXT /*pg COLLATE "C" */ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    added_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, user_id, product_id),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) /*pg DEFERRABLE INITIALLY DEFERRED */
) /*sqlite WITHOUT ROWID */;

CREATE TABLE flags (
    tenant TEXT NOT NULL,
    name TEXT /*pg COLLATE "C" */ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    description TEXT NOT NULL,
    enabled BIGINT NOT NULL CHECK (enabled IN (0, 1)),
    percent BIGINT NOT NULL CHECK (percent BETWEEN 0 AND 100),
    roles TEXT NOT NULL,
    users TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
) /*sqlite WITHOUT ROWID */;

CREATE TABLE coupons (
    tenant TEXT NOT NULL,
    code TEXT /*pg COLLATE "C" */ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    benefit TEXT NOT NULL,
    value BIGINT NOT NULL CHECK (value >= 0),
    at_most BIGINT CHECK (at_most >= 0),
    minimum BIGINT NOT NULL CHECK (minimum >= 0),
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL CHECK (ends_at > starts_at),
    total_limit BIGINT CHECK (total_limit >= 0),
    user_limit BIGINT CHECK (user_limit >= 0),
    active BIGINT NOT NULL CHECK (active IN (0, 1)),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, code)
) /*sqlite WITHOUT ROWID */;

-- A guest's cart has no user.
CREATE TABLE carts (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    user_id TEXT /*pg COLLATE "C" */,
    lines TEXT NOT NULL,
    coupon TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) /*pg DEFERRABLE INITIALLY DEFERRED */
);

-- A row is stock that is held.
CREATE TABLE reservations (
    tenant TEXT NOT NULL,
    id TEXT /*pg COLLATE "C" */ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    reference TEXT NOT NULL,
    pieces TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    held_until BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
) /*sqlite WITHOUT ROWID */;

-- Each movement of a SKU; their sums are its stock.
CREATE TABLE stock_entries (
    tenant TEXT NOT NULL,
    sku TEXT NOT NULL,
    id TEXT /*pg COLLATE "C" */ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    product_id TEXT /*pg COLLATE "C" */ NOT NULL,
    location TEXT NOT NULL,
    reason TEXT NOT NULL,
    who TEXT NOT NULL,
    reference TEXT,
    note TEXT,
    available BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, sku, id)
) /*sqlite WITHOUT ROWID */;

-- How a SKU stood when it was last looked at.
CREATE TABLE stock_levels (
    tenant TEXT NOT NULL,
    sku TEXT /*pg COLLATE "C" */ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    product_id TEXT /*pg COLLATE "C" */ NOT NULL,
    class TEXT NOT NULL,
    available BIGINT NOT NULL CHECK (available >= 0),
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, sku)
) /*sqlite WITHOUT ROWID */;

CREATE INDEX stock_levels_of_class ON stock_levels (tenant, class, sku);
