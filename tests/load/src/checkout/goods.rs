//! What there is to buy, and the count of what was ordered.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::web::Web;

const SKUS: usize = 200;
/// More than anybody can order meanwhile.
const PLENTY: u64 = 1_000_000;
/// Of the scarce one.
pub const FEW: u64 = 50;

pub struct Goods {
    /// With the stock that each began with. The last but one is the hot one, the last is scarce.
    stocked: Vec<(String, u64)>,
    /// Pieces in orders that were answered, by SKU.
    ordered: Mutex<BTreeMap<String, u64>>,
}

impl Goods {
    pub async fn put_up(web: &Web, admin: &str) -> Self {
        let mut stocked: Vec<_> = (0..SKUS).map(|nth| (format!("BENCH-{nth}"), PLENTY)).collect();
        stocked.extend([("BENCH-HOT".to_owned(), PLENTY), ("BENCH-SCARCE".to_owned(), FEW)]);
        for (sku, stock) in &stocked {
            let variant = json!({ "sku": sku, "price": { "amount": 24_900, "currency": "INR" }, "stock": stock });
            let product = json!({
                "name": format!("Made for {sku}"), "description": "To be bought by many.", "brand": "Kisan Kitchen",
                "category": "groceries", "gst_rate": 5, "hsn": "0910", "variants": [variant],
            });
            let made = web.post(admin, "/api/v1/products", &product).await;
            made.unwrap_or_else(|error| panic!("no product could be made: {error}"));
        }
        Goods { stocked, ordered: Mutex::default() }
    }

    /// One of those that everybody buys.
    pub fn any(&self) -> &str {
        &self.stocked[rand::random_range(0..SKUS)].0
    }

    pub fn hot(&self) -> &str {
        &self.stocked[SKUS].0
    }

    pub fn scarce(&self) -> &str {
        &self.stocked[SKUS + 1].0
    }

    pub fn ordered(&self, order: &Value) {
        let mut ordered = self.ordered.lock().unwrap_or_else(PoisonError::into_inner);
        for line in order["lines"].as_array().into_iter().flatten() {
            if let (Some(sku), Some(quantity)) = (line["sku"].as_str(), line["quantity"].as_u64()) {
                *ordered.entry(sku.to_owned()).or_default() += quantity;
            }
        }
    }

    /// Pieces in answered orders that no stock was taken for.
    pub async fn oversold(&self, web: &Web) -> u64 {
        let ordered = self.ordered.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut oversold = 0;
        for (sku, stock) in &self.stocked {
            let left = web.get("", &format!("/api/v1/inventory/{sku}")).await;
            let left = left.unwrap_or_else(|error| panic!("nobody knows what is left of {sku}: {error}"));
            let taken = left["available"].as_u64().map_or(0, |available| stock.saturating_sub(available));
            oversold += ordered.get(sku).copied().unwrap_or(0).saturating_sub(taken);
        }
        oversold
    }
}
