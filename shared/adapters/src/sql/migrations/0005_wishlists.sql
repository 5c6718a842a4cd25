-- A wishlist as a whole: how much is on it.

CREATE TABLE wishlists (
    tenant TEXT NOT NULL,
    user_id TEXT /*pg COLLATE "C" */ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    wishes BIGINT NOT NULL CHECK (wishes >= 0),
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, user_id),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) /*pg DEFERRABLE INITIALLY DEFERRED */
) /*sqlite WITHOUT ROWID */;
