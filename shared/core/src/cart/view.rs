//! A cart as it is shown: its lines with the catalogue's present names, prices and stock.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Cart, CartLine, LineProblem};
use crate::catalog::{Image, StockedProduct, Variant};
use crate::ids::ProductId;
use crate::money::{Money, Paise};
use crate::pricing::Item;
use crate::text::Sku;

/// The products that lines are about, as far as there are any.
#[derive(Clone, Debug, Default)]
pub struct Shelf(BTreeMap<ProductId, StockedProduct>);

impl FromIterator<StockedProduct> for Shelf {
    fn from_iter<T: IntoIterator<Item = StockedProduct>>(products: T) -> Self {
        Shelf(products.into_iter().map(|stocked| (stocked.product.id, stocked)).collect())
    }
}

impl Shelf {
    pub fn product(&self, id: ProductId) -> Option<&StockedProduct> {
        self.0.get(&id)
    }

    pub fn variant(&self, id: ProductId, sku: &Sku) -> Option<&Variant> {
        self.product(id)?.product.variant(sku)
    }
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Cart")]
pub struct CartView {
    /// Absent while nothing was put in yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// 0 while nothing was put in yet.
    pub version: u64,
    pub lines: Vec<CartLineView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coupon: Option<String>,
    /// Of all lines, those that cannot be ordered too: a quote leaves them out.
    pub subtotal: Money,
    pub expires_at: String,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "CartLine")]
pub struct CartLineView {
    pub sku: String,
    pub product_id: String,
    pub name: String,
    pub image: Option<Image>,
    pub unit_price: Money,
    pub quantity: u32,
    pub line_total: Money,
    pub available: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<LineProblem>,
}

impl CartView {
    pub fn of(cart: &Cart, shelf: &Shelf) -> Self {
        CartView {
            id: (cart.version > 0).then(|| cart.id.to_string()),
            version: cart.version,
            lines: cart.lines.iter().map(|line| CartLineView::of(line, shelf)).collect(),
            coupon: cart.coupon.clone(),
            subtotal: cart.lines.iter().map(|line| line.total(shelf)).sum::<Paise>().into(),
            expires_at: cart.expires_at.to_string(),
        }
    }
}

impl CartLineView {
    fn of(line: &CartLine, shelf: &Shelf) -> Self {
        let stocked = shelf.product(line.product_id);
        CartLineView {
            sku: line.sku.to_string(),
            product_id: line.product_id.to_string(),
            name: stocked.map_or_else(String::new, |stocked| stocked.product.name.clone()),
            image: stocked.and_then(|stocked| stocked.product.images.first().cloned()),
            unit_price: line.price(shelf).into(),
            quantity: line.quantity,
            line_total: line.total(shelf).into(),
            available: stocked.map_or(0, |stocked| stocked.available(&line.sku)),
            problem: line.problem(stocked),
        }
    }
}

impl CartLine {
    /// What it costs now; for what is no longer sold, what it did.
    pub fn price(&self, shelf: &Shelf) -> Paise {
        shelf.variant(self.product_id, &self.sku).map_or(self.seen, |variant| variant.price)
    }

    pub fn total(&self, shelf: &Shelf) -> Paise {
        self.price(shelf).times(self.quantity)
    }

    /// For a quote; `None` when it is not sold.
    pub fn item(&self, shelf: &Shelf) -> Option<Item> {
        let stocked = shelf.product(self.product_id)?;
        let price = stocked.product.variant(&self.sku)?.price;
        let gst_rate = stocked.product.gst_rate;
        Some(Item { sku: self.sku.clone(), price, quantity: self.quantity, gst_rate })
    }
}
