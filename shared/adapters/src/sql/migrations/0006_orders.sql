-- Orders, what was paid for them, and the books of the money.

CREATE TABLE orders (
    tenant TEXT NOT NULL,
    id TEXT /*pg COLLATE "C" */ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    number TEXT NOT NULL,
    user_id TEXT /*pg COLLATE "C" */ NOT NULL,
    status TEXT NOT NULL,
    method TEXT NOT NULL,
    payment_status TEXT NOT NULL,
    lines TEXT NOT NULL,
    amounts TEXT NOT NULL,
    coupon TEXT,
    ship_to TEXT NOT NULL,
    delivery_slot TEXT,
    note TEXT,
    gstin TEXT,
    pieces TEXT NOT NULL,
    reservation TEXT,
    reserved_until BIGINT NOT NULL,
    payments TEXT NOT NULL,
    paying TEXT,
    paid_by TEXT,
    captured BIGINT NOT NULL CHECK (captured >= 0),
    refunded BIGINT NOT NULL CHECK (refunded BETWEEN 0 AND captured),
    timeline TEXT NOT NULL,
    placed_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) /*pg DEFERRABLE INITIALLY DEFERRED */
) /*sqlite WITHOUT ROWID */;

CREATE INDEX orders_of_user ON orders (tenant, user_id, id);

CREATE TABLE payments (
    tenant TEXT NOT NULL,
    id TEXT /*pg COLLATE "C" */ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    order_id TEXT /*pg COLLATE "C" */ NOT NULL,
    user_id TEXT /*pg COLLATE "C" */ NOT NULL,
    method TEXT NOT NULL,
    instrument TEXT,
    amount BIGINT NOT NULL CHECK (amount >= 0),
    status TEXT NOT NULL,
    failure_code TEXT,
    reference TEXT,
    surplus BIGINT NOT NULL CHECK (surplus IN (0, 1)),
    refunds TEXT NOT NULL,
    open TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
) /*sqlite WITHOUT ROWID */;

-- What is still to be found out or done; few of all payments.
CREATE INDEX payments_open ON payments (tenant, open, id) WHERE open IS NOT NULL;

-- Each movement of money, from one account to another.
CREATE TABLE ledger_entries (
    tenant TEXT NOT NULL,
    order_id TEXT /*pg COLLATE "C" */ NOT NULL,
    id TEXT /*pg COLLATE "C" */ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    payment_id TEXT /*pg COLLATE "C" */ NOT NULL,
    debit TEXT NOT NULL,
    credit TEXT NOT NULL CHECK (credit <> debit),
    amount BIGINT NOT NULL CHECK (amount >= 0),
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, order_id, id)
) /*sqlite WITHOUT ROWID */;

-- What the mock payment provider remembers; it knows nothing of the shop's rows.
CREATE TABLE mock_charges (
    tenant TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    order_id TEXT NOT NULL,
    method TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount >= 0),
    outcome TEXT NOT NULL,
    refunds TEXT NOT NULL,
    charged_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, payment_id)
) /*sqlite WITHOUT ROWID */;

-- What the shop did by day, as India counts days.
CREATE TABLE days (
    tenant TEXT NOT NULL,
    day TEXT /*pg COLLATE "C" */ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    placed BIGINT NOT NULL CHECK (placed >= 0),
    placed_value BIGINT NOT NULL CHECK (placed_value >= 0),
    confirmed BIGINT NOT NULL CHECK (confirmed >= 0),
    shipped BIGINT NOT NULL CHECK (shipped >= 0),
    delivered BIGINT NOT NULL CHECK (delivered >= 0),
    cancelled BIGINT NOT NULL CHECK (cancelled >= 0),
    captured BIGINT NOT NULL CHECK (captured >= 0),
    captured_value BIGINT NOT NULL CHECK (captured_value >= 0),
    payments_failed BIGINT NOT NULL CHECK (payments_failed >= 0),
    refunded BIGINT NOT NULL CHECK (refunded >= 0),
    refunded_value BIGINT NOT NULL CHECK (refunded_value >= 0),
    PRIMARY KEY (tenant, day)
) /*sqlite WITHOUT ROWID */;

-- Few of a tenant's rows have one value of a further field they are listed by. Nothing else tells SQLite so: newer ones
-- would read all the tenant's rows by their ids.
/*sqlite ANALYZE;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('audit', 'audit', '100000 100000 1'),
    ('audit', 'audit_of_subject', '100000 100000 20 1'),
    ('orders', 'orders', '100000 100000 1'),
    ('orders', 'orders_of_user', '100000 100000 20 1'),
    ('payments', 'payments', '100000 100000 1'),
    ('payments', 'payments_open', '100 100 30 1'),
    ('stock_levels', 'stock_levels', '100000 100000 1'),
    ('stock_levels', 'stock_levels_of_class', '100000 100000 1000 1');
ANALYZE sqlite_schema;
*/
