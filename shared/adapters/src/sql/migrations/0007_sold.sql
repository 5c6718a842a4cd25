-- How many of a SKU were sold from a location, and how many when lists last heard of it. Counted from here on: what comes
-- back of earlier sales may leave it below zero.

ALTER TABLE stock ADD COLUMN sold BIGINT NOT NULL DEFAULT 0;

ALTER TABLE stock_levels ADD COLUMN sold BIGINT NOT NULL DEFAULT 0 CHECK (sold >= 0);
