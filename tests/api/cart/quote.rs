//! What a cart would cost: to the paisa, with the tax of the place it goes to.

use bharatmart_core::Paise;
use bharatmart_core::catalog::Status;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::coupons::make_coupon;
use super::shopping::{Shopper, change_product, for_sale, paise, quantity, rupees, sell, sold_as, taxed};
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    a_quote_adds_up_whatever_is_in_the_cart,
    the_tax_is_cgst_and_sgst_at_home_and_igst_elsewhere,
    delivery_costs_forty_rupees_and_is_free_from_499,
    the_least_an_order_may_come_to_is_199,
    a_quote_knows_whether_and_when_it_is_brought,
    without_a_pin_code_the_tax_is_the_sellers,
    a_wrong_pin_code_names_the_field,
    what_cannot_be_ordered_is_told_and_not_counted,
    a_new_price_is_told_and_counted,
    the_order_of_lines_makes_no_difference,
    an_empty_cart_costs_nothing,
);

const HOME: &str = "560001";
const ELSEWHERE: &str = "600001";

fn amount(of: &Value, part: &str) -> i64 {
    assert_eq!(of[part]["currency"], "INR", "{part}: {of}");
    let amount = of[part]["amount"].as_i64().unwrap_or_else(|| panic!("{part}: {of}"));
    assert!(amount >= 0, "{part}: {of}");
    amount
}

/// `subtotal − discount + delivery = total = taxable + cgst + sgst + igst`, of the whole, of each line, and as sums.
fn assert_adds_up(quote: &Value) {
    const PARTS: [&str; 8] = ["subtotal", "discount", "delivery", "total", "taxable", "cgst", "sgst", "igst"];
    let lines = quote["lines"].as_array().unwrap();
    for of in lines.iter().chain([quote]) {
        let [subtotal, discount, delivery, total, taxable, cgst, sgst, igst] = PARTS.map(|part| amount(of, part));
        assert_eq!(subtotal - discount + delivery, total, "{of}");
        assert_eq!(taxable + cgst + sgst + igst, total, "{of}");
        assert_eq!(cgst, sgst, "{of}");
    }
    for part in PARTS {
        assert_eq!(lines.iter().map(|line| amount(line, part)).sum::<i64>(), amount(quote, part), "{part}: {quote}");
    }
    for line in lines {
        let quantity = line["quantity"].as_i64().unwrap();
        assert_eq!(amount(line, "unit_price") * quantity, amount(line, "subtotal"), "{line}");
    }
}

fn codes(quote: &Value) -> Vec<&str> {
    quote["problems"].as_array().unwrap().iter().map(|problem| problem["code"].as_str().unwrap()).collect()
}

async fn a_quote_adds_up_whatever_is_in_the_cart(shop: &Shop) {
    let prices = [(1, 0), (33, 5), (9_999, 12), (14_950, 18), (123_457, 28), (50_000, 3), (7, 40)];
    let skus = join_all(prices.map(|(price, rate)| taxed(shop, price, rate))).await;
    let codes = [
        make_coupon(shop, json!({ "benefit": "percent", "percent": 33 })).await,
        make_coupon(shop, json!({ "benefit": "amount", "amount": paise(77_777) })).await,
        make_coupon(shop, json!({ "benefit": "free_delivery" })).await,
    ];
    let guest = Shopper::guest(shop);
    for (nth, sku) in skus.iter().enumerate() {
        guest.add(sku, 1 + nth as i64).await.expect(200);
        for pincode in [HOME, ELSEWHERE] {
            let quote = guest.quote(pincode).await;
            assert_eq!(quote["lines"].as_array().unwrap().len(), nth + 1);
            assert_adds_up(&quote);
        }
    }
    for code in codes {
        guest.apply(&code).await.expect(200);
        let quote = guest.quote(ELSEWHERE).await;
        assert_adds_up(&quote);
        assert!(amount(&quote, "discount") > 0 || amount(&quote, "delivery") == 0, "{code}: {quote}");
    }
}

async fn the_tax_is_cgst_and_sgst_at_home_and_igst_elsewhere(shop: &Shop) {
    let guest = Shopper::guest(shop);
    guest.add(&taxed(shop, 59_000, 18).await, 2).await.expect(200);
    let home = guest.quote(HOME).await;
    let parts = ["taxable", "cgst", "sgst", "igst"];
    assert_eq!(parts.map(|part| amount(&home, part)), [100_000, 9_000, 9_000, 0]);
    for pincode in [ELSEWHERE, "110001", "403001", "744101"] {
        let elsewhere = guest.quote(pincode).await;
        assert_eq!(parts.map(|part| amount(&elsewhere, part)), [100_000, 0, 0, 18_000], "{pincode}");
    }
    assert_eq!(home["total"], rupees(1_180), "the price holds the tax");
}

async fn delivery_costs_forty_rupees_and_is_free_from_499(shop: &Shop) {
    let delivery = async |price| {
        let guest = Shopper::guest(shop);
        guest.add(&for_sale(shop, price, 10).await, 1).await.expect(200);
        let quote = guest.quote(HOME).await;
        assert_adds_up(&quote);
        amount(&quote, "delivery")
    };
    assert_eq!((delivery(49_899).await, delivery(49_900).await), (4_000, 0));
}

async fn the_least_an_order_may_come_to_is_199(shop: &Shop) {
    let guest = Shopper::guest(shop);
    let sku = for_sale(shop, 9_950, 10).await;
    guest.add(&sku, 1).await.expect(200);
    let short = guest.quote(HOME).await;
    let told = json!([{ "code": "minimum_order_not_met", "minimum": rupees(199), "short_by": paise(9_950) }]);
    assert_eq!(short["problems"], told);
    guest.add(&sku, 1).await.expect(200);
    assert_eq!(guest.quote(HOME).await["problems"], json!([]), "199 rupees are enough");
}

async fn a_quote_knows_whether_and_when_it_is_brought(shop: &Shop) {
    let guest = Shopper::guest(shop);
    guest.add(&for_sale(shop, 30_000, 10).await, 1).await.expect(200);
    let served = guest.quote(HOME).await;
    assert_eq!((&served["serviceable"], served["delivery_slots"].as_array().unwrap().len()), (&json!(true), 12));
    let not_served = guest.quote("744101").await;
    assert_eq!((&not_served["serviceable"], &not_served["delivery_slots"]), (&json!(false), &json!([])));
    assert_eq!(not_served["problems"], json!([{ "code": "not_serviceable", "pincode": "744101" }]));
    assert_adds_up(&not_served);
}

async fn without_a_pin_code_the_tax_is_the_sellers(shop: &Shop) {
    let guest = Shopper::guest(shop);
    guest.add(&taxed(shop, 59_000, 18).await, 1).await.expect(200);
    let quote = guest.get("cart/quote").await.expect(200).json();
    assert_eq!((&quote["serviceable"], &quote["delivery_slots"]), (&json!(null), &json!([])));
    assert!(amount(&quote, "cgst") > 0 && amount(&quote, "igst") == 0, "{quote}");
    assert_eq!(codes(&quote), Vec::<&str>::new());
}

async fn a_wrong_pin_code_names_the_field(shop: &Shop) {
    let guest = Shopper::guest(shop);
    for wrong in ["56000", "5600011", "056001", "540000", "abcdef", "%00", "56000a"] {
        let answer = guest.get(&format!("cart/quote?pincode={wrong}")).await;
        answer.expect_field(422, "validation_failed", "pincode");
    }
    guest.get("cart/quote?total=1").await.expect_field(422, "validation_failed", "total");
}

async fn what_cannot_be_ordered_is_told_and_not_counted(shop: &Shop) {
    let guest = Shopper::guest(shop);
    let good = for_sale(shop, 30_000, 10).await;
    let (short, hidden, ruled) = (for_sale(shop, 5_000, 5).await, for_sale(shop, 5_000, 5).await, {
        sold_as(shop, 5_000, 50, json!({ "max_quantity": 20 })).await
    });
    for (sku, quantity) in [(&good, 1), (&short, 4), (&hidden, 1), (&ruled, 15)] {
        guest.add(sku, quantity).await.expect(200);
    }
    sell(shop, &short, 2).await;
    change_product(shop, &hidden, |product| product.status = Status::Hidden).await;
    change_product(shop, &ruled, |product| product.variants[0].quantity.max = 10).await;
    let quote = guest.quote(HOME).await;
    let told = json!([
        { "code": "insufficient_stock", "sku": short, "available": 3 },
        { "code": "product_unavailable", "sku": hidden },
        { "code": "quantity_rule", "sku": ruled, "min": 1, "max": 10, "step": 1 },
    ]);
    assert_eq!(quote["problems"], told);
    assert_eq!((quantity(&quote, &good), amount(&quote, "subtotal")), (1, 30_000));
    assert_adds_up(&quote);
}

async fn a_new_price_is_told_and_counted(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 30_000, 10).await);
    guest.add(&sku, 1).await.expect(200);
    change_product(shop, &sku, |product| product.variants[0].price = Paise::from_rupees(250)).await;
    let quote = guest.quote(HOME).await;
    assert_eq!(quote["problems"], json!([{ "code": "price_changed", "sku": sku, "was": rupees(300) }]));
    assert_eq!(quote["subtotal"], rupees(250));
}

async fn the_order_of_lines_makes_no_difference(shop: &Shop) {
    let skus = join_all([(9_999, 18), (3_333, 5), (1, 28)].map(|(price, rate)| taxed(shop, price, rate))).await;
    let code = make_coupon(shop, json!({ "benefit": "percent", "percent": 7 })).await;
    let mut quotes = Vec::new();
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let guest = Shopper::guest(shop);
        for nth in order {
            guest.add(&skus[nth], 1).await.expect(200);
        }
        guest.apply(&code).await.expect(200);
        let mut quote = guest.quote(HOME).await;
        quote["lines"].as_array_mut().unwrap().sort_by_key(|line| line["sku"].as_str().unwrap().to_owned());
        quotes.push(quote);
    }
    assert!(quotes.iter().all(|quote| *quote == quotes[0]), "{quotes:#?}");
}

async fn an_empty_cart_costs_nothing(shop: &Shop) {
    let quote = Shopper::guest(shop).quote(HOME).await;
    assert_adds_up(&quote);
    assert_eq!((amount(&quote, "total"), codes(&quote)), (0, vec!["minimum_order_not_met"]));
}
