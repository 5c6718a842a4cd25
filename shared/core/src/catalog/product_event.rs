//! The event that tells of a product: the data of `product.changed.v1`. Whoever hears of it reads the product anew.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::product::Product;
use crate::ids::ProductId;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProductTold {
    pub product_id: ProductId,
    pub version: u64,
}

impl ProductTold {
    pub fn of(product: &Product) -> Self {
        ProductTold { product_id: product.id, version: product.version }
    }
}
