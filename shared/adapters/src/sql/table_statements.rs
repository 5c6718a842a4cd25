//! The statements of the tables that keep records, made from their entries, once.

use std::sync::LazyLock;

use bharatmart_core::ports::Fault;
use bharatmart_core::record::Kind;

use super::rows::broken;
use super::tables::{TABLES, Table, Type};
use Type::{Int, Text, Time};

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

/// The tables whose rows have an end, `expires_at`, and their keys.
pub(super) fn ending() -> impl Iterator<Item = (&'static str, String)> {
    let ends = |table: &&Table| table.columns.contains(&("expires_at", Time));
    TABLES.iter().filter(ends).map(|table| (table.name, table.key().join(", ")))
}

impl Table {
    fn key(&self) -> Vec<&'static str> {
        ["tenant"].into_iter().chain(self.kind.within).chain([self.kind.id]).collect()
    }

    fn statements((place, table): (usize, &Table)) -> Statements {
        let Table { kind, name, columns } = *table;
        let within = kind.within.map(|field| (field, Text));
        let mut written = vec![("version", Int)];
        written.extend(columns);
        let fields: Vec<_> = within.into_iter().chain([(kind.id, Text)]).chain(written.iter().copied()).collect();
        let key = table.key();
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
    use bharatmart_core::identity::{PENDING_EMAIL, SESSION};
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
