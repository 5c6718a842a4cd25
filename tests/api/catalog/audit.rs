//! What managers change is written down, as it was before and as it is after.

use serde_json::{Value, json};

use super::{Desk, text};
use crate::identity::people::awaited;
use crate::world::{Shop, on_every_shop};

on_every_shop!(a_product_is_audited_from_its_making_to_its_end, a_category_is_audited, a_banner_and_a_flag_are_audited,);

/// A list may lag behind.
async fn entry(desk: &Desk<'_>, subject: &str, action: &str) -> Value {
    let entry = awaited(&format!("{action} is written down"), async || {
        let page = desk.managing("GET", &format!("admin/audit?subject={subject}")).send().await.expect(200).json();
        page["data"].as_array().unwrap().iter().find(|entry| entry["action"] == action).cloned()
    })
    .await;
    assert_eq!((text(&entry, "actor"), text(&entry, "subject")), (desk.admin.id.as_str(), subject), "{entry}");
    assert_eq!(entry["address"], "127.0.0.1", "{entry}");
    entry["details"].clone()
}

async fn a_product_is_audited_from_its_making_to_its_end(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let product = desk.product("Besan").await;
    let (id, sku) = (text(&product, "id"), text(&product["variants"][0], "sku"));
    let made = entry(&desk, id, "product_created").await;
    assert_eq!((&made["after"]["name"], &made["before"]), (&json!("Besan"), &Value::Null), "{made}");
    let change = json!({ "name": "Gram Flour", "unit": "1 kg", "variants": [
        { "sku": sku, "price": { "amount": 9900, "currency": "INR" } }
    ] });
    desk.patch(&format!("products/{id}"), &change).await.expect(200);
    let changed = entry(&desk, id, "product_changed").await;
    let before = json!({ "name": "Besan", "variants": { sku: { "price": 14_900 } } });
    let after = json!({ "name": "Gram Flour", "unit": "1 kg", "variants": { sku: { "price": 9_900 } } });
    assert_eq!(changed, json!({ "before": before, "after": after }));
    desk.managing("DELETE", &format!("products/{id}")).send().await.expect(204);
    let deleted = entry(&desk, id, "product_deleted").await;
    assert_eq!((&deleted["before"]["name"], &deleted["after"]), (&json!("Gram Flour"), &Value::Null), "{deleted}");
}

async fn a_category_is_audited(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let category = desk.category(&json!({ "name": "Spices" })).await;
    let id = text(&category, "id");
    assert_eq!(entry(&desk, id, "category_created").await["after"]["name"], "Spices");
    desk.patch("categories/spices", &json!({ "name": "Masala", "position": 4 })).await.expect(200);
    let changed = entry(&desk, id, "category_changed").await;
    let (before, after) = (json!({ "name": "Spices", "position": 0 }), json!({ "name": "Masala", "position": 4 }));
    assert_eq!(changed, json!({ "before": before, "after": after }));
    desk.managing("DELETE", "categories/spices").send().await.expect(204);
    assert_eq!(entry(&desk, id, "category_deleted").await["before"]["name"], "Masala");
}

async fn a_banner_and_a_flag_are_audited(shop: &Shop) {
    let desk = Desk::open(shop).await;
    let banner = json!({
        "title": "Onam", "image": "/media/onam.webp", "link": "/", "starts_at": "2026-08-01T00:00:00Z",
        "ends_at": "2026-09-01T00:00:00Z",
    });
    let banner = desk.send("POST", "banners", &banner).await.expect(201).json();
    let id = text(&banner, "id");
    assert_eq!(entry(&desk, id, "banner_created").await["after"]["title"], "Onam");
    desk.send("PATCH", &format!("banners/{id}"), &json!({ "title": "Pongal" })).await.expect(200);
    let changed = json!({ "before": { "title": "Onam" }, "after": { "title": "Pongal" } });
    assert_eq!(entry(&desk, id, "banner_changed").await, changed);
    desk.managing("DELETE", &format!("banners/{id}")).send().await.expect(204);
    assert_eq!(entry(&desk, id, "banner_deleted").await["before"]["title"], "Pongal");

    for percent in [10, 20] {
        desk.send("PUT", "admin/flags/beta", &json!({ "enabled": true, "percent": percent })).await.expect(200);
    }
    assert_eq!(entry(&desk, "beta", "flag_created").await["after"]["percent"], 10);
    let changed = json!({ "before": { "percent": 10 }, "after": { "percent": 20 } });
    assert_eq!(entry(&desk, "beta", "flag_changed").await, changed);
    desk.managing("DELETE", "admin/flags/beta").send().await.expect(204);
    assert_eq!(entry(&desk, "beta", "flag_deleted").await["before"]["percent"], 20);
}
