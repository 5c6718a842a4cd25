//! `Changes` in DynamoDB's words: an item each, in the order of the changes, with its condition and with the refusal
//! that a failed condition means. No update names one path twice, and none touches a key: DynamoDB refuses both.

use aws_sdk_dynamodb::types::{ConditionCheck, Delete, Put, TransactWriteItem, Update};
use bharatmart_core::Tenant;
use bharatmart_core::catalog::{Category, Product};
use bharatmart_core::changes::{Applied, Changes, Expect, Refusal, Write};
use bharatmart_core::event::Event;
use bharatmart_core::ports::{Answered, Fault, Fence, LeaseName};
use bharatmart_core::record::Row;
use bharatmart_core::{CategoryId, Sku, Timestamp};

use super::broken;
use super::item::{Item, json, millis, n, s, seconds, values};
use super::keys::{self, Key};
use super::shape::{BY_GROUP, BY_KIND, EVENT, EXPIRES_AT, RECORD};

const ABSENT: &str = "attribute_not_exists(pk)";

pub(super) struct Transaction {
    table: String,
    pub(super) items: Vec<TransactWriteItem>,
    /// Of the item at the same place; `None` where only a mistake of ours can fail the condition.
    pub(super) refusals: Vec<Option<Refusal>>,
}

impl Transaction {
    pub(super) fn of(table: &str, changes: &Changes) -> Result<Self, Fault> {
        let mut all = Transaction { table: table.to_owned(), items: Vec::new(), refusals: Vec::new() };
        let tenant = &changes.tenant;
        for mark in &changes.applied {
            all.mark(tenant, mark)?;
        }
        if let Some(answered) = &changes.answer {
            all.answer(tenant, answered)?;
        }
        if let Some((name, fence)) = changes.lease {
            all.held(name, fence)?;
        }
        for write in &changes.writes {
            all.write(tenant, write)?;
        }
        for event in &changes.events {
            all.event(event)?;
        }
        Ok(all)
    }

    /// Adds the tenant to the register; it may be there.
    pub(super) fn register(&mut self, tenant: &Tenant) -> Result<(), Fault> {
        let put = Put::builder().table_name(&self.table).set_item(Some(keys::registered(tenant).item()));
        self.add(TransactWriteItem::builder().put(put.build().map_err(broken)?), None);
        Ok(())
    }

    fn mark(&mut self, tenant: &Tenant, mark: &Applied) -> Result<(), Fault> {
        let mut item = keys::applied(tenant, mark.consumer, mark.event).item();
        item.insert(EXPIRES_AT.to_owned(), seconds(mark.expires_at));
        self.put(item, ABSENT, None, Some(Refusal::AlreadyApplied(mark.event)))
    }

    fn answer(&mut self, tenant: &Tenant, answered: &Answered) -> Result<(), Fault> {
        self.update(
            keys::idempotency(tenant, &answered.key),
            "fence = :fence AND phase = :running",
            "SET phase = :answered, answer = :answer, ends = :ends, expires_at = :expires_at",
            values([
                (":fence", n(answered.fence.0)),
                (":running", s("running")),
                (":answered", s("answered")),
                (":answer", json(&answered.answer)?),
                (":ends", millis(answered.expires_at)),
                (":expires_at", seconds(answered.expires_at)),
            ]),
            Refusal::FenceLost(answered.key.0.clone()),
        )
    }

    fn held(&mut self, name: LeaseName, fence: Fence) -> Result<(), Fault> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(keys::lease(name).item()))
            .condition_expression("fence = :fence AND attribute_exists(held_by)")
            .set_expression_attribute_values(values([(":fence", n(fence.0))]))
            .build()
            .map_err(broken)?;
        let refusal = Refusal::FenceLost(name.0.to_owned());
        self.add(TransactWriteItem::builder().condition_check(check), Some(refusal));
        Ok(())
    }

    fn hold(&mut self, tenant: &Tenant, id: CategoryId, version: u64, write: &Write) -> Result<(), Fault> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(keys::category(tenant, id).item()))
            .condition_expression("version = :version")
            .set_expression_attribute_values(values([(":version", n(version))]))
            .build()
            .map_err(broken)?;
        let refusal = Refusal::VersionChanged(write.key());
        self.add(TransactWriteItem::builder().condition_check(check), Some(refusal));
        Ok(())
    }

    fn write(&mut self, tenant: &Tenant, write: &Write) -> Result<(), Fault> {
        match write {
            Write::Product { product, expect } => self.versioned(product_item(tenant, product)?, *expect, write),
            Write::Category { category, expect } => self.versioned(category_item(tenant, category)?, *expect, write),
            Write::HoldCategory { id, version } => self.hold(tenant, *id, *version, write),
            Write::Record { row, expect } => self.versioned(record_item(tenant, row)?, *expect, write),
            Write::Remove { kind, key, version } => {
                let key = keys::record(tenant, kind, key);
                let version = values([(":version", n(version))]);
                self.delete(key, "version = :version", version, Refusal::VersionChanged(write.key()))
            }
            Write::NewStock { product, sku, location, available } => {
                let mut item = keys::stock(tenant, *product, sku, location).item();
                item.insert("available".to_owned(), n(available));
                item.insert("reserved".to_owned(), n(0));
                self.put(item, ABSENT, None, Some(Refusal::Exists(write.key())))
            }
            Write::DropStock { product, sku, location } => {
                let key = keys::stock(tenant, *product, sku, location);
                self.drop_stock(key, Refusal::VersionChanged(write.key()))
            }
            Write::MoveStock { product, sku, location, available, reserved, sold } => {
                self.move_stock(keys::stock(tenant, *product, sku, location), sku, [*available, *reserved, *sold])
            }
            Write::Claim { kind, name, owner } => {
                let mut item = keys::claim(tenant, *kind, name).item();
                item.insert("held_by".to_owned(), s(owner));
                let refusal = Refusal::NameTaken { kind: *kind, name: name.clone() };
                self.put(item, ABSENT, None, Some(refusal))
            }
            Write::Unclaim { kind, name, owner } => {
                let refusal = Refusal::NotOwner { kind: *kind, name: name.clone() };
                let owner = values([(":owner", s(owner))]);
                self.delete(keys::claim(tenant, *kind, name), "held_by = :owner", owner, refusal)
            }
            Write::Count { counter, by, at_most } => self.count(tenant, counter, *by, *at_most),
        }
    }

    fn versioned(&mut self, item: Item, expect: Expect, write: &Write) -> Result<(), Fault> {
        match expect {
            Expect::New => self.put(item, ABSENT, None, Some(Refusal::Exists(write.key()))),
            Expect::Version(version) => {
                let refusal = Refusal::VersionChanged(write.key());
                self.put(item, "version = :version", values([(":version", n(version))]), Some(refusal))
            }
        }
    }

    /// A row that is not there has no figure between any two; one without `sold` is older than that.
    fn move_stock(&mut self, key: Key, sku: &Sku, [available, reserved, sold]: [i64; 3]) -> Result<(), Fault> {
        let ((available_least, available_most), (reserved_least, reserved_most)) = (room(available), room(reserved));
        let mut update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key.item()))
            .condition_expression(
                "available BETWEEN :available_least AND :available_most \
                 AND #reserved BETWEEN :reserved_least AND :reserved_most",
            )
            .update_expression(
                "SET available = available + :available, #reserved = #reserved + :reserved ADD sold :sold",
            )
            .expression_attribute_names("#reserved", "reserved");
        update = update.set_expression_attribute_values(values([
            (":available", n(available)),
            (":available_least", n(available_least)),
            (":available_most", n(available_most)),
            (":reserved", n(reserved)),
            (":reserved_least", n(reserved_least)),
            (":reserved_most", n(reserved_most)),
            (":sold", n(sold)),
        ]));
        let refusal = Refusal::InsufficientStock(sku.clone());
        self.add(TransactWriteItem::builder().update(update.build().map_err(broken)?), Some(refusal));
        Ok(())
    }

    fn drop_stock(&mut self, key: Key, refusal: Refusal) -> Result<(), Fault> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key.item()))
            .condition_expression("available = :nought AND #reserved = :nought")
            .expression_attribute_names("#reserved", "reserved")
            .set_expression_attribute_values(values([(":nought", n(0))]))
            .build()
            .map_err(broken)?;
        self.add(TransactWriteItem::builder().delete(delete), Some(refusal));
        Ok(())
    }

    /// A counter that is not there stands at nought, which is too much only when `by` alone is.
    fn count(&mut self, tenant: &Tenant, counter: &str, by: i32, at_most: u32) -> Result<(), Fault> {
        let (by, at_most) = (i64::from(by), i64::from(at_most));
        let condition = match (0..=at_most).contains(&by) {
            true => "attribute_not_exists(tally) OR (tally >= :least AND tally <= :room)",
            false => "tally >= :least AND tally <= :room",
        };
        let (least, room) = ((-by).max(0), at_most - by);
        self.update(
            keys::counter(tenant, counter),
            condition,
            "ADD tally :by",
            values([(":by", n(by)), (":least", n(least)), (":room", n(room))]),
            Refusal::LimitReached(counter.to_owned()),
        )
    }

    fn event(&mut self, event: &Event) -> Result<(), Fault> {
        let mut item = keys::event(event).item();
        item.insert(EVENT.to_owned(), json(event)?);
        item.extend(keys::place(&BY_KIND, keys::among_events(event)));
        item.extend(keys::place(&BY_GROUP, keys::among_unsent(event)));
        self.put(item, ABSENT, None, None)
    }

    fn put(
        &mut self,
        item: Item,
        condition: &str,
        values: Option<Item>,
        refusal: Option<Refusal>,
    ) -> Result<(), Fault> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(values)
            .build()
            .map_err(broken)?;
        self.add(TransactWriteItem::builder().put(put), refusal);
        Ok(())
    }

    fn update(
        &mut self,
        key: Key,
        condition: &str,
        update: &str,
        values: Option<Item>,
        refusal: Refusal,
    ) -> Result<(), Fault> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key.item()))
            .condition_expression(condition)
            .update_expression(update)
            .set_expression_attribute_values(values)
            .build()
            .map_err(broken)?;
        self.add(TransactWriteItem::builder().update(update), Some(refusal));
        Ok(())
    }

    fn delete(&mut self, key: Key, condition: &str, values: Option<Item>, refusal: Refusal) -> Result<(), Fault> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key.item()))
            .condition_expression(condition)
            .set_expression_attribute_values(values)
            .build()
            .map_err(broken)?;
        self.add(TransactWriteItem::builder().delete(delete), Some(refusal));
        Ok(())
    }

    fn add(&mut self, item: aws_sdk_dynamodb::types::builders::TransactWriteItemBuilder, refusal: Option<Refusal>) {
        self.items.push(item.build());
        self.refusals.push(refusal);
    }
}

fn product_item(tenant: &Tenant, product: &Product) -> Result<Item, Fault> {
    let mut item = keys::product(tenant, product.id).item();
    item.insert("version".to_owned(), n(product.version));
    item.insert("product".to_owned(), json(product)?);
    item.extend(keys::place(&BY_KIND, keys::among_products(tenant, product.id)));
    item.extend(keys::place(&BY_GROUP, keys::in_category(tenant, product.category, product.id)));
    Ok(item)
}

/// In the indexes it lies whole, so that a listing is not read twice.
fn record_item(tenant: &Tenant, row: &Row) -> Result<Item, Fault> {
    let (Some(key), Some(version)) = (row.key(), row.version()) else {
        return Err(broken(format_args!("a {} without key or version", row.kind.name)));
    };
    let mut item = keys::record(tenant, row.kind, &key).item();
    item.insert("version".to_owned(), n(version));
    item.insert(RECORD.to_owned(), json(&row.fields)?);
    if let Some(expires_at) = row.text(EXPIRES_AT) {
        item.insert(EXPIRES_AT.to_owned(), seconds(Timestamp::parse(expires_at).map_err(broken)?));
    }
    if row.kind.listed {
        item.extend(keys::place(&BY_KIND, keys::among_records(tenant, row.kind, &key.id)));
    }
    if let Some(value) = row.kind.listed_by.and_then(|field| row.text(field)) {
        item.extend(keys::place(&BY_GROUP, keys::listed_by(tenant, row.kind, value, &key.id)));
    }
    Ok(item)
}

fn category_item(tenant: &Tenant, category: &Category) -> Result<Item, Fault> {
    let mut item = keys::category(tenant, category.id).item();
    item.insert("version".to_owned(), n(category.version));
    item.insert("category".to_owned(), json(category)?);
    Ok(item)
}

/// The least and the most a figure may be for `by` to leave it one; for a move no figure allows, a pair no figure is in.
fn room(by: i64) -> (i64, i64) {
    const LARGEST: i64 = u32::MAX as i64;
    match by {
        0..=LARGEST => (0, LARGEST - by),
        _ if (-LARGEST..0).contains(&by) => (-by, LARGEST),
        _ => (-1, -1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_has_room_only_for_what_leaves_it_a_figure() {
        assert_eq!(room(0), (0, i64::from(u32::MAX)));
        assert_eq!(room(-5), (5, i64::from(u32::MAX)));
        assert_eq!(room(5), (0, i64::from(u32::MAX) - 5));
        assert_eq!(room(i64::MIN), (-1, -1));
        assert_eq!(room(i64::MAX), (-1, -1));
    }
}
