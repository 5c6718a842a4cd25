//! Which table keeps which kind of record, and in which columns. A new kind is a migration and an entry here; the
//! statements are made from the entry, once.

use std::sync::LazyLock;

use bharatmart_core::cart::CART;
use bharatmart_core::catalog::{BANNER, WISH, WISHLIST};
use bharatmart_core::figures::DAY;
use bharatmart_core::flags::FLAG;
use bharatmart_core::identity::{ADDRESS, AUDIT, CODE, PENDING_EMAIL, SESSION, USER};
use bharatmart_core::inventory::{RESERVATION, STOCK_ENTRY, STOCK_LEVEL};
use bharatmart_core::orders::ORDER;
use bharatmart_core::payments::{LEDGER_ENTRY, MOCK_CHARGE, PAYMENT};
use bharatmart_core::ports::Fault;
use bharatmart_core::pricing::COUPON;
use bharatmart_core::record::Kind;

use super::rows::broken;
use Type::{Flag, Int, Json, Text, Time};

/// Besides its columns every table has the tenant, the fields of its kind's key, and the version.
pub(super) struct Table {
    kind: &'static Kind,
    name: &'static str,
    columns: &'static [(&'static str, Type)],
}

/// What a field is in a record, and how it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    /// A whole number.
    Int,
    /// As 0 or 1.
    Flag,
    /// A moment, as milliseconds.
    Time,
    /// A list or an object, as it is written.
    Json,
}

/// In the order they are written: a table comes after those it refers to.
static TABLES: &[Table] = &[
    Table {
        kind: &USER,
        name: "users",
        columns: &[
            ("status", Text),
            ("role", Text),
            ("name", Text),
            ("email", Text),
            ("email_verified", Flag),
            ("new_email", Text),
            ("phone", Text),
            ("phone_verified", Flag),
            ("picture", Text),
            ("password_hash", Text),
            ("mfa", Json),
            ("sessions_since", Time),
            ("default_address", Text),
            ("addresses", Int),
            ("created_at", Time),
            ("updated_at", Time),
        ],
    },
    Table { kind: &PENDING_EMAIL, name: "pending_emails", columns: &[("user_id", Text), ("expires_at", Time)] },
    Table {
        kind: &SESSION,
        name: "sessions",
        columns: &[
            ("token_hash", Text),
            ("former_hash", Text),
            ("rotated_at", Time),
            ("device_name", Text),
            ("user_agent", Text),
            ("address", Text),
            ("created_at", Time),
            ("expires_at", Time),
            ("revoked_at", Time),
        ],
    },
    Table {
        kind: &CODE,
        name: "codes",
        columns: &[
            ("purpose", Text),
            ("user_id", Text),
            ("target", Text),
            ("hash", Text),
            ("tries", Int),
            ("created_at", Time),
            ("expires_at", Time),
        ],
    },
    Table {
        kind: &ADDRESS,
        name: "addresses",
        columns: &[
            ("label", Text),
            ("full_name", Text),
            ("phone", Text),
            ("line1", Text),
            ("line2", Text),
            ("landmark", Text),
            ("city", Text),
            ("state", Text),
            ("pincode", Text),
            ("country", Text),
            ("latitude", Int),
            ("longitude", Int),
            ("created_at", Time),
            ("updated_at", Time),
        ],
    },
    Table {
        kind: &AUDIT,
        name: "audit",
        columns: &[
            ("at", Time),
            ("actor", Text),
            ("action", Text),
            ("subject", Text),
            ("address", Text),
            ("details", Json),
        ],
    },
    Table {
        kind: &BANNER,
        name: "banners",
        columns: &[
            ("title", Text),
            ("image", Text),
            ("link", Text),
            ("position", Int),
            ("starts_at", Time),
            ("ends_at", Time),
            ("created_at", Time),
            ("updated_at", Time),
        ],
    },
    Table { kind: &WISH, name: "wishes", columns: &[("added_at", Time)] },
    Table { kind: &WISHLIST, name: "wishlists", columns: &[("wishes", Int), ("updated_at", Time)] },
    Table {
        kind: &FLAG,
        name: "flags",
        columns: &[
            ("description", Text),
            ("enabled", Flag),
            ("percent", Int),
            ("roles", Json),
            ("users", Json),
            ("updated_at", Time),
        ],
    },
    Table {
        kind: &COUPON,
        name: "coupons",
        columns: &[
            ("benefit", Text),
            ("value", Int),
            ("at_most", Int),
            ("minimum", Int),
            ("starts_at", Time),
            ("ends_at", Time),
            ("total_limit", Int),
            ("user_limit", Int),
            ("active", Flag),
            ("created_at", Time),
            ("updated_at", Time),
        ],
    },
    Table {
        kind: &CART,
        name: "carts",
        columns: &[
            ("user_id", Text),
            ("lines", Json),
            ("coupon", Text),
            ("created_at", Time),
            ("updated_at", Time),
            ("expires_at", Time),
        ],
    },
    Table {
        kind: &RESERVATION,
        name: "reservations",
        columns: &[("reference", Text), ("pieces", Json), ("created_at", Time), ("held_until", Time)],
    },
    Table {
        kind: &STOCK_ENTRY,
        name: "stock_entries",
        columns: &[
            ("product_id", Text),
            ("location", Text),
            ("reason", Text),
            ("who", Text),
            ("reference", Text),
            ("note", Text),
            ("available", Int),
            ("reserved", Int),
            ("at", Time),
        ],
    },
    Table {
        kind: &STOCK_LEVEL,
        name: "stock_levels",
        columns: &[("product_id", Text), ("class", Text), ("available", Int), ("sold", Int), ("updated_at", Time)],
    },
    Table {
        kind: &ORDER,
        name: "orders",
        columns: &[
            ("number", Text),
            ("user_id", Text),
            ("status", Text),
            ("method", Text),
            ("payment_status", Text),
            ("lines", Json),
            ("amounts", Json),
            ("coupon", Text),
            ("ship_to", Json),
            ("delivery_slot", Text),
            ("note", Text),
            ("gstin", Text),
            ("pieces", Json),
            ("reservation", Text),
            ("reserved_until", Time),
            ("payments", Json),
            ("paying", Text),
            ("paid_by", Text),
            ("captured", Int),
            ("refunded", Int),
            ("timeline", Json),
            ("placed_at", Time),
            ("updated_at", Time),
        ],
    },
    Table {
        kind: &PAYMENT,
        name: "payments",
        columns: &[
            ("order_id", Text),
            ("user_id", Text),
            ("method", Text),
            ("instrument", Text),
            ("amount", Int),
            ("status", Text),
            ("failure_code", Text),
            ("reference", Text),
            ("surplus", Flag),
            ("refunds", Json),
            ("open", Text),
            ("created_at", Time),
            ("updated_at", Time),
        ],
    },
    Table {
        kind: &LEDGER_ENTRY,
        name: "ledger_entries",
        columns: &[("payment_id", Text), ("debit", Text), ("credit", Text), ("amount", Int), ("at", Time)],
    },
    Table {
        kind: &MOCK_CHARGE,
        name: "mock_charges",
        columns: &[
            ("order_id", Text),
            ("method", Text),
            ("amount", Int),
            ("outcome", Text),
            ("refunds", Json),
            ("charged_at", Time),
        ],
    },
    Table {
        kind: &DAY,
        name: "days",
        columns: &[
            ("placed", Int),
            ("placed_value", Int),
            ("confirmed", Int),
            ("shipped", Int),
            ("delivered", Int),
            ("cancelled", Int),
            ("captured", Int),
            ("captured_value", Int),
            ("payments_failed", Int),
            ("refunded", Int),
            ("refunded_value", Int),
        ],
    },
];

/// A table's statements. Those that list are there where the kind is listed so; each lists downwards from an id.
pub(super) struct Statements {
    /// The table's place in the order of writing.
    pub(super) place: usize,
    pub(super) kind: &'static Kind,
    /// What a row is read as, from left to right.
    pub(super) fields: Vec<(&'static str, Type)>,
    /// What is written, in this order; the tenant and the key follow.
    pub(super) written: Vec<(&'static str, Type)>,
    pub(super) insert: &'static str,
    /// Takes the values of `insert`, then the version it replaces.
    pub(super) update: &'static str,
    /// Takes the tenant, the key and the version.
    pub(super) delete: &'static str,
    pub(super) find: &'static str,
    pub(super) list_within: Option<&'static str>,
    pub(super) list_by: Option<&'static str>,
    pub(super) list_all: Option<&'static str>,
}

static STATEMENTS: LazyLock<Vec<Statements>> =
    LazyLock::new(|| TABLES.iter().enumerate().map(Table::statements).collect());

pub(super) fn of(kind: &Kind) -> Result<&'static Statements, Fault> {
    let found = STATEMENTS.iter().find(|statements| statements.kind == kind);
    found.ok_or_else(|| broken(format_args!("no table keeps a {}", kind.name)))
}

impl Table {
    fn statements((place, table): (usize, &Table)) -> Statements {
        let Table { kind, name, columns } = *table;
        let within = kind.within.map(|field| (field, Text));
        let mut written = vec![("version", Int)];
        written.extend(columns);
        let fields: Vec<_> = within.into_iter().chain([(kind.id, Text)]).chain(written.iter().copied()).collect();
        let key: Vec<_> = ["tenant"].into_iter().chain(kind.within).chain([kind.id]).collect();
        let all: Vec<_> = names(&written).into_iter().chain(key.iter().copied()).collect();
        let select = format!("SELECT {} FROM {name}", names(&fields).join(", "));
        let list = |by: Option<&'static str>| {
            let equal: Vec<_> = ["tenant"].into_iter().chain(by).collect();
            let (id, before, limit) = (kind.id, equal.len() + 1, equal.len() + 2);
            let equal = equal_to(&equal, 1).join(" AND ");
            made(format!("{select} WHERE {equal} AND {id} < ${before} ORDER BY {id} DESC LIMIT ${limit}"))
        };
        Statements {
            place,
            kind,
            insert: made(format!(
                "INSERT INTO {name} ({}) VALUES ({}) ON CONFLICT ({}) DO NOTHING",
                all.join(", "),
                (1..=all.len()).map(|at| format!("${at}")).collect::<Vec<_>>().join(", "),
                key.join(", "),
            )),
            update: made(format!(
                "UPDATE {name} SET {} WHERE {} AND version = ${}",
                equal_to(&names(&written), 1).join(", "),
                equal_to(&key, written.len() + 1).join(" AND "),
                all.len() + 1,
            )),
            delete: made(format!(
                "DELETE FROM {name} WHERE {} AND version = ${}",
                equal_to(&key, 1).join(" AND "),
                key.len() + 1,
            )),
            find: made(format!("{select} WHERE {}", equal_to(&key, 1).join(" AND "))),
            list_within: kind.within.map(|field| list(Some(field))),
            list_by: kind.listed_by.map(|field| list(Some(field))),
            list_all: kind.listed.then(|| list(None)),
            fields,
            written,
        }
    }
}

fn names(columns: &[(&'static str, Type)]) -> Vec<&'static str> {
    columns.iter().map(|(name, _)| *name).collect()
}

fn equal_to(columns: &[&str], from: usize) -> Vec<String> {
    columns.iter().zip(from..).map(|(column, at)| format!("{column} = ${at}")).collect()
}

/// Kept for as long as the program runs: it is made once.
fn made(sql: String) -> &'static str {
    Box::leak(sql.into_boxed_str())
}

#[cfg(test)]
mod tests {
    use bharatmart_core::record::KINDS;

    use super::*;

    #[test]
    fn every_kind_of_record_has_a_table() {
        for kind in KINDS {
            assert!(of(kind).is_ok(), "no table keeps a {}", kind.name);
        }
    }

    #[test]
    fn a_gathered_record_is_found_by_both_parts_of_its_key_and_listed_by_the_first() {
        let session = of(&SESSION).unwrap();
        assert!(session.find.ends_with("FROM sessions WHERE tenant = $1 AND user_id = $2 AND id = $3"));
        let list = session.list_within.unwrap();
        assert!(list.ends_with("WHERE tenant = $1 AND user_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4"));
        assert_eq!((session.list_by, session.list_all), (None, None));
    }

    #[test]
    fn statements_take_their_values_in_the_order_written_tenant_key() {
        let pending = of(&PENDING_EMAIL).unwrap();
        assert_eq!(
            pending.insert,
            "INSERT INTO pending_emails (version, user_id, expires_at, tenant, email) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (tenant, email) DO NOTHING"
        );
        assert_eq!(
            pending.update,
            "UPDATE pending_emails SET version = $1, user_id = $2, expires_at = $3 \
             WHERE tenant = $4 AND email = $5 AND version = $6"
        );
        assert_eq!(pending.delete, "DELETE FROM pending_emails WHERE tenant = $1 AND email = $2 AND version = $3");
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn every_statement_finds_its_columns_and_every_list_its_index() {
        use super::super::migrations::{Dialect, missing};
        let file = rusqlite::Connection::open_in_memory().unwrap();
        for migration in missing(Dialect::Sqlite, &[]).unwrap() {
            file.execute_batch(&migration.sql).unwrap();
        }
        for table in STATEMENTS.iter() {
            for sql in [table.insert, table.update, table.delete, table.find] {
                file.prepare(sql).unwrap();
            }
            let by = |field: Option<&str>| field.map_or_else(String::new, |field| format!(" AND {field}=?"));
            let lists = [
                (table.list_within, by(table.kind.within)),
                (table.list_by, by(table.kind.listed_by)),
                (table.list_all, String::new()),
            ];
            for (list, by) in lists.into_iter().filter_map(|(list, by)| Some((list?, by))) {
                let mut explained = file.prepare(&format!("EXPLAIN QUERY PLAN {list}")).unwrap();
                let mut lines = explained.raw_query();
                while let Some(line) = lines.next().unwrap() {
                    let line: String = line.get("detail").unwrap();
                    let sought = line.starts_with("SEARCH") && line.contains(&format!("(tenant=?{by}"));
                    assert!(sought, "{list}: {line}");
                }
            }
        }
    }
}
