//! Change a product, or take it out of the shop: one commit with the names it takes and gives back, the first stock of
//! what is new, its audit and its events. The stock of what it has is not changed here.

use super::category::Category;
use super::change_input::{MAX_VARIANTS, ProductChange, VariantChange};
use super::create::{changed, claim};
use super::input::MAX_NEW_VARIANTS;
use super::product::{Product, QuantityRule, Status, StockedProduct, Variant};
use super::told::told;
use crate::changes::{Changes, ClaimKind, Expect, MAX_ITEMS, Write};
use crate::check::{Check, FieldError, Invalid};
use crate::hand::Hand;
use crate::identity::Action;
use crate::inventory::{Levels, Location, Reason, StockMoved};
use crate::text::Sku;

/// A product lies in one item of DynamoDB, which holds 400 kB.
const LARGEST: usize = 380_000;

/// The product as it is afterwards, and what to write.
#[derive(Clone, Debug)]
pub struct ProductChanged {
    pub stocked: StockedProduct,
    pub changes: Changes,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeRefused {
    Invalid(Vec<FieldError>),
    /// There is some of a variant that is to be taken away.
    HasStock {
        sku: Sku,
    },
}

/// `category` is the one the change names. `None` when nothing is new.
pub fn change(
    hand: Hand<'_>,
    stocked: &StockedProduct,
    change: &ProductChange,
    category: Option<&Category>,
) -> Result<Option<ProductChanged>, ChangeRefused> {
    let product = &stocked.product;
    let (mut next, new) = applied(product, change, category).map_err(ChangeRefused::Invalid)?;
    if next == *product {
        return Ok(None);
    }
    let on_hand = |sku: &&Sku| stocked.stock.get(sku).is_some_and(|levels| levels.on_hand() > 0);
    if let Some(sku) = change.removed.iter().find(on_hand) {
        return Err(ChangeRefused::HasStock { sku: sku.clone() });
    }
    (next.version, next.updated_at) = (product.version + 1, hand.now());
    let mut after = StockedProduct { product: next.clone(), stock: stocked.stock.clone() };
    let mut changes = hand.changes();
    for sku in &change.removed {
        let (name, owner) = (sku.to_string(), product.id.to_string());
        changes = changes.write(Write::Unclaim { kind: ClaimKind::Sku, name, owner });
        // Refused when some of it came in meanwhile: nothing may lie where nobody looks.
        for location in after.stock.remove(sku).unwrap_or_default().0.into_keys() {
            changes = changes.write(Write::DropStock { product: product.id, sku: sku.clone(), location });
        }
    }
    for (sku, _) in &new {
        changes = changes.write(claim(ClaimKind::Sku, sku.as_str(), product.id));
    }
    let expect = Expect::Version(product.version);
    changes = changes.write(Write::Product { product: Box::new(next.clone()), expect });
    for (sku, stock) in new {
        changes = changes.write(opened(&mut after, &sku, stock));
    }
    let moved = StockMoved::by(&changes.writes, Reason::Opening, hand.by);
    if !moved.lines.is_empty() {
        changes = changes.event(moved.event(hand.tenant, hand.clock, hand.ids));
    }
    if let Some(category) = category.filter(|category| category.id != product.category) {
        changes = changes.write(category.hold());
    }
    let entry = hand.audit(Action::ProductChanged, product.id).changed(Some(told(product)), Some(told(&next)));
    let changes = changes.put(&entry, Expect::New).event(changed(hand, &next));
    // One place more is the answer's.
    if changes.items() >= MAX_ITEMS {
        let mut check = Check::new();
        check.add("remove_variants", Invalid::new("too_many", "lie at too many locations to go at once"));
        return Err(ChangeRefused::Invalid(check.into_errors()));
    }
    Ok(Some(ProductChanged { stocked: after, changes }))
}

/// Gone for customers; the row and its names stay.
pub fn delete(hand: Hand<'_>, product: &Product) -> Changes {
    let next =
        Product { status: Status::Deleted, version: product.version + 1, updated_at: hand.now(), ..product.clone() };
    let entry = hand.audit(Action::ProductDeleted, product.id).changed(Some(told(product)), None);
    let event = changed(hand, &next);
    let write = Write::Product { product: Box::new(next), expect: Expect::Version(product.version) };
    hand.changes().write(write).put(&entry, Expect::New).event(event)
}

fn opened(after: &mut StockedProduct, sku: &Sku, stock: u32) -> Write {
    let location = Location::main();
    after.stock.insert(sku.clone(), Levels::first(location.clone(), stock));
    Write::NewStock { product: after.product.id, sku: sku.clone(), location, available: stock }
}

/// Of each new SKU.
type FirstStock = Vec<(Sku, u32)>;

/// The product with the change, its version aside; and the first stock of what is new.
fn applied(
    product: &Product,
    change: &ProductChange,
    category: Option<&Category>,
) -> Result<(Product, FirstStock), Vec<FieldError>> {
    let mut next = product.clone();
    let ProductChange { name, description, brand, unit, gst_rate, hsn, tags, attributes, status, .. } = change.clone();
    next.name = name.unwrap_or(next.name);
    next.description = description.unwrap_or(next.description);
    next.brand = brand.unwrap_or(next.brand);
    next.unit = unit.unwrap_or(next.unit);
    next.category = category.map_or(next.category, |category| category.id);
    next.gst_rate = gst_rate.unwrap_or(next.gst_rate);
    next.hsn = hsn.unwrap_or(next.hsn);
    next.tags = tags.unwrap_or(next.tags);
    next.attributes = attributes.unwrap_or(next.attributes);
    next.status = status.unwrap_or(next.status);

    let mut check = Check::new();
    for (at, sku) in change.removed.iter().enumerate() {
        if product.variant(sku).is_none() {
            check.add(format!("remove_variants[{at}]"), Invalid::new("unknown_sku", "is not one of the product's"));
        }
    }
    next.variants.retain(|variant| !change.removed.contains(&variant.sku));
    let new = merged(&mut check, &mut next.variants, &change.variants);
    if next.variants.is_empty() {
        check.add("remove_variants", Invalid::new("last_variant", "must leave at least one"));
    }
    if next.variants.len() > MAX_VARIANTS {
        check.add("variants", Invalid::new("too_many", format!("must not be more than {MAX_VARIANTS} in all")));
    }
    if serde_json::to_vec(&next).map_or(0, |json| json.len()) > LARGEST {
        check.add("variants", Invalid::new("too_large", "make more of a product than can be kept"));
    }
    if check.is_clean() { Ok((next, new)) } else { Err(check.into_errors()) }
}

fn merged(check: &mut Check, variants: &mut Vec<Variant>, changes: &[VariantChange]) -> FirstStock {
    let mut new = Vec::new();
    for change in changes {
        let at = |field: &str| format!("variants[{}].{field}", change.at);
        let known = variants.iter_mut().find(|variant| variant.sku == change.sku);
        if known.is_some() && change.stock.is_some() {
            let adjusted = "of a variant there is already is adjusted, not set";
            check.add(at("stock"), Invalid::new("stock_not_set_here", adjusted));
        }
        let missing = || Invalid::new("missing_field", "must be given for a new variant");
        if known.is_none() {
            match (change.price, change.stock) {
                (Some(_), Some(stock)) => new.push((change.sku.clone(), stock)),
                (price, stock) => [("price", price.is_some()), ("stock", stock.is_some())]
                    .into_iter()
                    .filter(|(_, given)| !given)
                    .for_each(|(field, _)| check.add(at(field), missing())),
            }
        }
        let Some(variant) = variant(check, &at, known.as_deref(), change) else { continue };
        match known {
            Some(known) => *known = variant,
            None => variants.push(variant),
        }
    }
    if new.len() > MAX_NEW_VARIANTS {
        check
            .add("variants", Invalid::new("too_many", format!("must not bring more than {MAX_NEW_VARIANTS} new ones")));
    }
    new
}

/// `None` when something is wrong with it.
fn variant(
    check: &mut Check,
    at: &dyn Fn(&str) -> String,
    known: Option<&Variant>,
    change: &VariantChange,
) -> Option<Variant> {
    let price = change.price.or(known.map(|known| known.price))?;
    let compare_at = change.compare_at.unwrap_or(known.and_then(|known| known.compare_at));
    if compare_at.is_some_and(|compare_at| compare_at < price) {
        check.add(at("compare_at.amount"), Invalid::new("below_price", "must not be below the price"));
    }
    let rule = known.map(|known| known.quantity);
    let figure = |given: Option<i64>, of: fn(QuantityRule) -> u32| given.or(rule.map(|rule| i64::from(of(rule))));
    let rule = match (change.min, change.max, change.step, rule) {
        (None, None, None, Some(rule)) => Ok(rule),
        (min, max, step, _) => {
            let (min, max) = (figure(min, |rule| rule.min), figure(max, |rule| rule.max));
            QuantityRule::parse(min, max, figure(step, |rule| rule.step))
        }
    };
    let quantity = check.field(at("min_quantity"), rule)?;
    let options = change.options.clone().or_else(|| known.map(|known| known.options.clone())).unwrap_or_default();
    Some(Variant { sku: change.sku.clone(), options, price, compare_at, quantity })
}
