-- By these what has ended is found and taken away.
CREATE INDEX idempotency_keys_ending ON idempotency_keys (live_until);
CREATE INDEX inbox_ending ON inbox (expires_at);
CREATE INDEX windows_ending ON windows (ends_at);
CREATE INDEX pending_emails_ending ON pending_emails (expires_at);
CREATE INDEX sessions_ending ON sessions (expires_at);
CREATE INDEX codes_ending ON codes (expires_at);
CREATE INDEX carts_ending ON carts (expires_at);

-- What is to be paid at the door counts against its customer until it comes to its end.
INSERT INTO counters (tenant, name, value)
    SELECT tenant, 'cod/' || user_id, count(*) FROM orders
    WHERE method = 'cod' AND status NOT IN ('delivered', 'cancelled') GROUP BY tenant, user_id;
