//! How a commit becomes statements, and what it means when one changes no row.

use bharatmart_core::catalog::{Category, Product, Variant};
use bharatmart_core::changes::Applied;
use bharatmart_core::ports::{Answered, Fault, Fence, LeaseName};
use bharatmart_core::{Changes, Event, Expect, Refusal, Tenant, Write};
use serde::Serialize;

use super::engine::{Query, Value};
use super::records::key_of;
use super::rows::broken;
use super::{document, statements as sql, table_statements};

/// What to run in one transaction, in this order.
#[derive(Debug, PartialEq)]
pub struct Plan {
    pub steps: Vec<Step>,
}

#[derive(Debug, PartialEq)]
pub struct Step {
    pub query: Query,
    /// What is refused when no row was changed. `None`: any number of rows will do.
    pub refusal: Option<Refusal>,
    /// Which precondition this is: of several that fail, the first is named.
    pub rank: usize,
    order: (Table, String),
}

/// The order in which tables are written. Two commits that want the same rows take them in the same order, and wait
/// for each other instead of locking each other out; and what refers to a product comes after the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Table {
    Inbox,
    Keys,
    Leases,
    Claims,
    Counters,
    Categories,
    Products,
    Stock,
    /// By its place among them.
    Records(usize),
    Events,
}

impl Plan {
    pub(super) fn of(changes: &Changes) -> Result<Self, Fault> {
        let mut plan = Planner { tenant: &changes.tenant, steps: Vec::new(), rank: 0 };
        for mark in &changes.applied {
            plan.apply(mark);
        }
        if let Some(answered) = &changes.answer {
            plan.answer(answered)?;
        }
        if let Some((name, fence)) = changes.lease {
            plan.lease(name, fence)?;
        }
        for write in &changes.writes {
            plan.write(write)?;
        }
        for event in &changes.events {
            plan.event(event)?;
        }
        let mut steps = plan.steps;
        steps.sort_by(|a, b| a.order.cmp(&b.order));
        Ok(Plan { steps })
    }
}

/// Gathers what the steps came to, in whatever order they were run.
#[derive(Debug, Default)]
pub struct Verdict(Option<(usize, Refusal)>);

impl Verdict {
    /// Whether the step can still change the answer.
    pub fn needs(&self, step: &Step) -> bool {
        self.0.as_ref().is_none_or(|(rank, _)| step.rank < *rank)
    }

    pub fn note(&mut self, step: &Step, changed: u64) {
        if let Some(refusal) = step.refusal.as_ref().filter(|_| changed == 0 && self.needs(step)) {
            self.0 = Some((step.rank, refusal.clone()));
        }
    }

    pub fn is_refused(&self) -> bool {
        self.0.is_some()
    }

    pub fn refusal(self) -> Option<Refusal> {
        self.0.map(|(_, refusal)| refusal)
    }
}

struct Planner<'c> {
    tenant: &'c Tenant,
    steps: Vec<Step>,
    rank: usize,
}

impl Planner<'_> {
    fn step(&mut self, table: Table, key: String, query: Query, refusal: Option<Refusal>) {
        self.rank += 1;
        self.steps.push(Step { query, refusal, rank: self.rank, order: (table, key) });
    }

    fn apply(&mut self, mark: &Applied) {
        let query = Query::new(sql::APPLY)
            .with(self.tenant)
            .with(mark.consumer)
            .with(mark.event.to_string())
            .with(mark.expires_at);
        let key = format!("{}/{}", mark.consumer, mark.event);
        self.step(Table::Inbox, key, query, Some(Refusal::AlreadyApplied(mark.event)));
    }

    fn answer(&mut self, answered: &Answered) -> Result<(), Fault> {
        let Answered { key, fence, answer, expires_at } = answered;
        let query = Query::new(sql::ANSWER_KEY)
            .with(u32::from(answer.status))
            .with(json(&answer.headers)?)
            .with(answer.body.as_str())
            .with(*expires_at)
            .with(self.tenant)
            .with(key.0.as_str())
            .with(figure(fence.0)?);
        self.step(Table::Keys, key.0.clone(), query, Some(Refusal::FenceLost(key.0.clone())));
        Ok(())
    }

    fn lease(&mut self, name: LeaseName, fence: Fence) -> Result<(), Fault> {
        let query = Query::new(sql::HOLD_LEASE).with(name.0).with(figure(fence.0)?);
        self.step(Table::Leases, name.0.to_owned(), query, Some(Refusal::FenceLost(name.0.to_owned())));
        Ok(())
    }

    fn write(&mut self, write: &Write) -> Result<(), Fault> {
        let key = write.key();
        match write {
            Write::Product { product, expect } => self.product(key, product, *expect)?,
            Write::Category { category, expect } => {
                let (query, refusal) = expected(*expect, &key, sql::NEW_CATEGORY, sql::NEXT_CATEGORY, |query| {
                    self.category(query, category)
                })?;
                self.step(Table::Categories, key, query, Some(refusal));
            }
            Write::HoldCategory { id, version } => {
                let query = Query::new(sql::HOLD_CATEGORY).with(self.tenant).with(id.to_string());
                let refusal = Refusal::VersionChanged(key.clone());
                self.step(Table::Categories, key, query.with(figure(*version)?), Some(refusal));
            }
            Write::Record { row, expect } => {
                let table = table_statements::of(row.kind)?;
                let (query, refusal) = expected(*expect, &key, table.insert, table.update, |query| {
                    document::bind(query, table, self.tenant, row)
                })?;
                self.step(Table::Records(table.place), key, query, Some(refusal));
            }
            Write::Remove { kind, key: record, version } => {
                let table = table_statements::of(kind)?;
                let query = key_of(Query::new(table.delete).with(self.tenant), kind, record).with(figure(*version)?);
                let refusal = Refusal::VersionChanged(key.clone());
                self.step(Table::Records(table.place), key, query, Some(refusal));
            }
            Write::NewStock { product, sku, location, available } => {
                let query = Query::new(sql::NEW_STOCK)
                    .with(self.tenant)
                    .with(product.to_string())
                    .with(sku.as_str())
                    .with(location.as_str())
                    .with(*available);
                let refusal = Refusal::Exists(key.clone());
                self.step(Table::Stock, key, query, Some(refusal));
            }
            Write::DropStock { product, sku, location } => {
                let query = Query::new(sql::DROP_STOCK)
                    .with(self.tenant)
                    .with(product.to_string())
                    .with(sku.as_str())
                    .with(location.as_str());
                self.step(Table::Stock, key.clone(), query, Some(Refusal::VersionChanged(key)));
            }
            Write::MoveStock { product, sku, location, available, reserved, sold } => {
                let query = Query::new(sql::MOVE_STOCK)
                    .with(moved(*available))
                    .with(moved(*reserved))
                    .with(moved(*sold))
                    .with(self.tenant)
                    .with(product.to_string())
                    .with(sku.as_str())
                    .with(location.as_str());
                self.step(Table::Stock, key, query, Some(Refusal::InsufficientStock(sku.clone())));
            }
            Write::Claim { kind, name, owner } => {
                let query =
                    Query::new(sql::CLAIM).with(self.tenant).with(kind.name()).with(name.as_str()).with(owner.as_str());
                self.step(Table::Claims, key, query, Some(Refusal::NameTaken { kind: *kind, name: name.clone() }));
            }
            Write::Unclaim { kind, name, owner } => {
                let query = Query::new(sql::UNCLAIM)
                    .with(self.tenant)
                    .with(kind.name())
                    .with(name.as_str())
                    .with(owner.as_str());
                self.step(Table::Claims, key, query, Some(Refusal::NotOwner { kind: *kind, name: name.clone() }));
            }
            Write::Count { counter, by, at_most } => {
                let (tenant, name, by) = (self.tenant, counter.as_str(), i64::from(*by));
                let query = match by {
                    ..0 => Query::new(sql::UNCOUNT).with(by).with(tenant).with(name),
                    _ => Query::new(sql::COUNT).with(tenant).with(name).with(by),
                };
                let query = query.with(*at_most);
                self.step(Table::Counters, key, query, Some(Refusal::LimitReached(counter.clone())));
            }
        }
        Ok(())
    }

    /// The product first; what follows it has its key, and so its place.
    fn product(&mut self, key: String, product: &Product, expect: Expect) -> Result<(), Fault> {
        let (query, refusal) =
            expected(expect, &key, sql::NEW_PRODUCT, sql::NEXT_PRODUCT, |query| self.product_row(query, product))?;
        self.step(Table::Products, key.clone(), query, Some(refusal));
        let id = product.id.to_string();
        if let Expect::Version(_) = expect {
            let forget = Query::new(sql::FORGET_VARIANTS).with(self.tenant).with(id.as_str());
            self.step(Table::Products, key.clone(), forget, None);
        }
        for (position, variant) in product.variants.iter().enumerate() {
            let query = self.variant(&id, position, variant)?;
            self.step(Table::Products, key.clone(), query, None);
        }
        Ok(())
    }

    fn product_row(&self, query: Query, product: &Product) -> Result<Query, Fault> {
        Ok(query
            .with(figure(product.version)?)
            .with(product.slug.as_str())
            .with(product.name.as_str())
            .with(product.description.as_str())
            .with(product.brand.as_str())
            .with(product.category.to_string())
            .with(u32::from(product.gst_rate.per_cent()))
            .with(product.hsn.as_str())
            .with(json(&product.images)?)
            .with(json(&product.tags)?)
            .with(json(&product.attributes)?)
            .with(product.unit.clone())
            .with(product.rating.stars)
            .with(product.rating.count)
            .with(product.status.name())
            .with(product.created_at)
            .with(product.updated_at)
            .with(self.tenant)
            .with(product.id.to_string()))
    }

    fn variant(&self, product: &str, position: usize, variant: &Variant) -> Result<Query, Fault> {
        Ok(Query::new(sql::NEW_VARIANT)
            .with(self.tenant)
            .with(product)
            .with(variant.sku.as_str())
            .with(figure(position as u64)?)
            .with(json(&variant.options)?)
            .with(variant.price.get())
            .with(variant.compare_at.map(|paise| paise.get()))
            .with(variant.quantity.min)
            .with(variant.quantity.max)
            .with(variant.quantity.step))
    }

    fn category(&self, query: Query, category: &Category) -> Result<Query, Fault> {
        Ok(query
            .with(figure(category.version)?)
            .with(category.slug.as_str())
            .with(category.name.as_str())
            .with(category.parent.map(|id| id.to_string()))
            .with(category.position)
            .with(u32::from(category.deleted))
            .with(category.created_at)
            .with(self.tenant)
            .with(category.id.to_string()))
    }

    fn event(&mut self, event: &Event) -> Result<(), Fault> {
        let query = Query::new(sql::NEW_EVENT)
            .with(&event.tenant)
            .with(event.id.to_string())
            .with(event.kind.name())
            .with(event.subject.as_str())
            .with(event.time)
            .with(event.traceparent.clone())
            .with(json(&event.data)?);
        self.step(Table::Events, event.id.to_string(), query, None);
        Ok(())
    }
}

fn expected(
    expect: Expect,
    key: &str,
    new: &'static str,
    next: &'static str,
    values: impl Fn(Query) -> Result<Query, Fault>,
) -> Result<(Query, Refusal), Fault> {
    match expect {
        Expect::New => Ok((values(Query::new(new))?, Refusal::Exists(key.to_owned()))),
        Expect::Version(version) => {
            let query = values(Query::new(next))?.with(figure(version)?);
            Ok((query, Refusal::VersionChanged(key.to_owned())))
        }
    }
}

fn json(value: &impl Serialize) -> Result<Value, Fault> {
    serde_json::to_string(value).map(Value::from).map_err(broken)
}

pub(super) fn figure(value: u64) -> Result<i64, Fault> {
    i64::try_from(value).map_err(|_| broken(format_args!("{value} is too large for the store")))
}

/// No movement beyond this leaves both figures in their range, and sums of it never overflow.
fn moved(by: i64) -> i64 {
    const BEYOND: i64 = 1 << 33;
    by.clamp(-BEYOND, BEYOND)
}

#[cfg(test)]
mod tests {
    use bharatmart_core::inventory::Location;
    use bharatmart_core::{ProductId, Sku};
    use uuid::Uuid;

    use super::*;

    fn count(counter: &str) -> Write {
        Write::Count { counter: counter.to_owned(), by: 1, at_most: 10 }
    }

    fn move_stock(product: u128) -> Write {
        let product = ProductId::from_uuid(Uuid::from_u128(product));
        let (sku, location) = (Sku::parse("A").unwrap(), Location::main());
        Write::MoveStock { product, sku, location, available: -1, reserved: 1, sold: 0 }
    }

    fn refusals(plan: &Plan) -> Vec<&Refusal> {
        plan.steps.iter().filter_map(|step| step.refusal.as_ref()).collect()
    }

    #[test]
    fn two_commits_that_want_the_same_rows_take_them_in_the_same_order() {
        let one = Changes::new(&Tenant::main()).write(move_stock(2)).write(count("a")).write(move_stock(1));
        let other = Changes::new(&Tenant::main()).write(move_stock(1)).write(move_stock(2)).write(count("a"));
        let (one, other) = (Plan::of(&one).unwrap(), Plan::of(&other).unwrap());
        assert_eq!(refusals(&one), refusals(&other));
    }

    #[test]
    fn the_first_precondition_that_fails_is_named_though_it_is_run_last() {
        let changes = Changes::new(&Tenant::main()).write(move_stock(2)).write(count("a"));
        let plan = Plan::of(&changes).unwrap();
        let mut verdict = Verdict::default();
        verdict.note(&plan.steps[0], 0);
        assert!(verdict.needs(&plan.steps[1]));
        verdict.note(&plan.steps[1], 0);
        assert_eq!(verdict.refusal(), Some(Refusal::InsufficientStock(Sku::parse("A").unwrap())));
    }

    #[test]
    fn a_precondition_that_held_refuses_nothing() {
        let plan = Plan::of(&Changes::new(&Tenant::main()).write(count("a"))).unwrap();
        let mut verdict = Verdict::default();
        verdict.note(&plan.steps[0], 1);
        assert!(!verdict.is_refused());
    }
}
