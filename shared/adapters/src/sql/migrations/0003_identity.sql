-- The shop's people. A column bears the name of the record's field; what is optional there may be NULL here. Flags are
-- 0 or 1; lists and objects are JSON.
-- An account is never taken away, so nothing says what becomes of what belongs to it. PostgreSQL looks at the end of a
-- transaction whether the account is there: see the migration before.

CREATE TABLE users (
    tenant TEXT NOT NULL,
    id TEXT /*pg COLLATE "C" */ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    status TEXT NOT NULL,
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    email_verified BIGINT NOT NULL CHECK (email_verified IN (0, 1)),
    new_email TEXT,
    phone TEXT,
    phone_verified BIGINT NOT NULL CHECK (phone_verified IN (0, 1)),
    picture TEXT,
    password_hash TEXT,
    mfa TEXT,
    sessions_since BIGINT NOT NULL,
    default_address TEXT,
    addresses BIGINT NOT NULL CHECK (addresses >= 0),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE pending_emails (
    tenant TEXT NOT NULL,
    email TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    user_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, email)
) /*sqlite WITHOUT ROWID */;

CREATE TABLE sessions (
    tenant TEXT NOT NULL,
    user_id TEXT /*pg COLLATE "C" */ NOT NULL,
    id TEXT /*pg COLLATE "C" */ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    token_hash TEXT NOT NULL,
    former_hash TEXT,
    rotated_at BIGINT NOT NULL,
    device_name TEXT,
    user_agent TEXT,
    address TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (tenant, user_id, id),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) /*pg DEFERRABLE INITIALLY DEFERRED */
);

CREATE TABLE codes (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    purpose TEXT NOT NULL,
    user_id TEXT,
    target TEXT,
    hash TEXT NOT NULL,
    tries BIGINT NOT NULL CHECK (tries >= 0),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
) /*sqlite WITHOUT ROWID */;

-- Latitude and longitude are millionths of a degree.
CREATE TABLE addresses (
    tenant TEXT NOT NULL,
    user_id TEXT /*pg COLLATE "C" */ NOT NULL,
    id TEXT /*pg COLLATE "C" */ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    label TEXT NOT NULL,
    full_name TEXT NOT NULL,
    phone TEXT NOT NULL,
    line1 TEXT NOT NULL,
    line2 TEXT,
    landmark TEXT,
    city TEXT NOT NULL,
    state TEXT NOT NULL,
    pincode TEXT NOT NULL,
    country TEXT NOT NULL,
    latitude BIGINT CHECK (latitude BETWEEN -90000000 AND 90000000),
    longitude BIGINT CHECK (longitude BETWEEN -180000000 AND 180000000),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, user_id, id),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) /*pg DEFERRABLE INITIALLY DEFERRED */
);

CREATE TABLE audit (
    tenant TEXT NOT NULL,
    id TEXT /*pg COLLATE "C" */ NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    address TEXT,
    details TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX audit_of_subject ON audit (tenant, subject, id);

-- Counts that begin anew when their window of time has ended.
CREATE TABLE windows (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    value BIGINT NOT NULL CHECK (value >= 0),
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
) /*sqlite WITHOUT ROWID */;
