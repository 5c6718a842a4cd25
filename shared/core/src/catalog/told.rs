//! A product as the audit tells of it: its variants by their SKU, so that of a change only those are told that changed.

use serde_json::{Map, Value};

use super::product::Product;

pub(super) fn told(product: &Product) -> Value {
    let mut fields = serde_json::to_value(product).unwrap_or_default();
    if let Some(variants) = fields.get_mut("variants") {
        *variants = Value::Object(
            product
                .variants
                .iter()
                .map(|variant| {
                    let mut figures = serde_json::to_value(variant).unwrap_or_default();
                    if let Some(figures) = figures.as_object_mut() {
                        figures.remove("sku");
                    }
                    (variant.sku.to_string(), figures)
                })
                .collect::<Map<_, _>>(),
        );
    }
    fields
}
