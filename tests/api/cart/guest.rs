//! Whose cart it is: a guest's is held by its token, a customer's by the account.

use std::time::Duration;

use bharatmart_core::Timestamp;
use bharatmart_core::cart::KEPT;
use serde_json::{Value, json};

use super::shopping::{Shopper, ends_at, for_sale, quantity, rupees};
use crate::client::Answer;
use crate::identity::beside::now;
use crate::identity::people::Person;
use crate::world::{Shop, on_every_shop};

on_every_shop!(
    a_guest_is_given_a_token_with_the_first_edit,
    looking_at_a_cart_keeps_none,
    a_made_up_token_is_refused,
    a_token_is_good_in_its_own_shop_alone,
    a_guests_token_opens_no_customers_cart,
    a_customer_has_one_cart_on_every_device_whatever_token_comes_along,
    a_browser_is_given_the_token_where_no_script_reads_it,
    a_bad_cookie_is_taken_away,
    a_first_edit_that_is_repeated_under_its_key_makes_one_cart,
    a_cart_lives_for_a_week_from_its_last_change,
    an_expired_cart_is_as_good_as_none,
    an_emptied_cart_goes_on_counting_its_versions,
);

async fn a_guest_is_given_a_token_with_the_first_edit(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 5_000, 10).await);
    let added = guest.add(&sku, 2).await.expect(200).json();
    assert!(added["id"].as_str().unwrap().starts_with("crt_"), "{added}");
    let token = guest.cart_token().unwrap();
    assert!(!token.contains("crt_") && token.contains('.'), "{token}");
    assert_eq!(guest.cart().await, added);
    let again = guest.add(&sku, 1).await.expect(200).json();
    assert_eq!((quantity(&again, &sku), &again["id"]), (3, &added["id"]));
    let other = Shopper::guest(shop);
    other.add(&sku, 1).await.expect(200);
    assert_ne!(other.cart_token(), guest.cart_token());
    assert_eq!(quantity(&guest.cart().await, &sku), 3, "another's edit is in it");
}

async fn looking_at_a_cart_keeps_none(shop: &Shop) {
    let person = Person::new(shop).await;
    for who in [Shopper::guest(shop), Shopper::customer(shop, &person)] {
        let answer = who.get("cart").await.expect(200);
        let cart = answer.json();
        assert!(cart.get("id").is_none() && cart.get("coupon").is_none(), "{cart}");
        assert_eq!((&cart["version"], &cart["lines"], &cart["subtotal"]), (&json!(0), &json!([]), &rupees(0)));
        assert_eq!((answer.header("x-cart-token"), answer.header("set-cookie")), ("", ""));
        assert_eq!(answer.header("cache-control"), "private, no-cache");
        who.delete("cart").await.expect(204);
        assert_eq!(who.cart().await["version"], 0);
    }
}

async fn a_made_up_token_is_refused(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 5_000, 10).await);
    guest.add(&sku, 2).await.expect(200);
    let token = guest.cart_token().unwrap();
    let (id, tag) = token.split_once('.').unwrap();
    let last = if id.ends_with('0') { '1' } else { '0' };
    let another_id = format!("{}{last}.{tag}", &id[..id.len() - 1]);
    let without_tag = format!("{id}.");
    for wrong in [another_id.as_str(), &without_tag, id, "x", "x.y", &token.to_uppercase()] {
        let thief = Shopper::guest(shop).with_token(wrong);
        for answer in [
            thief.get("cart").await,
            thief.add(&sku, 1).await,
            thief.set(&sku, 1).await,
            thief.delete("cart").await,
            thief.get("cart/quote").await,
            thief.post("cart/validate", &json!({})).await,
        ] {
            assert_ne!(answer.header("www-authenticate"), "");
            answer.expect_problem(401, "cart_token_invalid");
        }
    }
    assert_eq!(quantity(&guest.cart().await, &sku), 2);
}

async fn a_token_is_good_in_its_own_shop_alone(shop: &Shop) {
    const HOST: &str = "spices.shops.example";
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 5_000, 10).await);
    guest.add(&sku, 2).await.expect(200);
    let there = Shopper::of_shop(shop, HOST);
    assert_eq!(there.cart().await["lines"], json!([]));
    there.add(&sku, 1).await.expect_problem(409, "product_unavailable");
    let smuggled = Shopper::of_shop(shop, HOST).with_token(&guest.cart_token().unwrap());
    smuggled.get("cart").await.expect_problem(401, "cart_token_invalid");
    assert_eq!(quantity(&guest.cart().await, &sku), 2);
}

/// A customer's cart bears the account's own id; no token of it is ever given out, and none can be made.
async fn a_guests_token_opens_no_customers_cart(shop: &Shop) {
    let (person, sku) = (Person::new(shop).await, for_sale(shop, 5_000, 10).await);
    let customer = Shopper::customer(shop, &person);
    let answer = customer.add(&sku, 2).await.expect(200);
    assert_eq!((answer.header("x-cart-token"), answer.header("set-cookie")), ("", ""));
    let guest = Shopper::guest(shop);
    guest.add(&sku, 1).await.expect(200);
    let token = guest.cart_token().unwrap();
    let tag = token.split_once('.').unwrap().1;
    let theirs = format!("{}.{tag}", person.id.strip_prefix("usr_").unwrap());
    Shopper::guest(shop).with_token(&theirs).get("cart").await.expect_problem(401, "cart_token_invalid");
}

async fn a_customer_has_one_cart_on_every_device_whatever_token_comes_along(shop: &Shop) {
    let (person, sku) = (Person::new(shop).await, for_sale(shop, 5_000, 10).await);
    let guest = Shopper::guest(shop);
    guest.add(&sku, 1).await.expect(200);
    let token = guest.cart_token().unwrap();
    let phone = Shopper::customer(shop, &person).with_token(&token);
    phone.add(&sku, 4).await.expect(200);
    let laptop = Shopper::customer(shop, &person.on_another_device(shop).await).with_token("no.token");
    assert_eq!(quantity(&laptop.cart().await, &sku), 4);
    assert_eq!(quantity(&Shopper::guest(shop).with_token(&token).cart().await, &sku), 1);
    let stranger = Shopper::customer(shop, &Person::new(shop).await);
    assert_eq!(stranger.cart().await["lines"], json!([]));
}

/// The pair, as a browser sends it back, after it has looked at the rest.
fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    let (pair, rest) = set.split_once(';').unwrap_or_else(|| panic!("no cookie: {answer:?}"));
    let rest: Vec<_> = rest.split(';').map(str::trim).collect();
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/api/v1", "Max-Age=604800"] {
        assert!(rest.contains(&attribute), "{attribute} is missing: {set}");
    }
    assert!(pair.starts_with("cart_token="), "{set}");
    pair.to_owned()
}

async fn a_browser_is_given_the_token_where_no_script_reads_it(shop: &Shop) {
    let sku = for_sale(shop, 5_000, 10).await;
    let body = json!({ "sku": sku, "quantity": 1 });
    let first = Shopper::guest(shop).ask("POST", "cart/items").header("x-session-mode", "cookie");
    let first = first.json(&body).send().await.expect(200);
    let kept = cookie(&first);
    assert_eq!(first.header("x-cart-token"), "", "scripts can read it");
    assert!(!first.body.contains(kept.split_once('=').unwrap().1), "it stands in the body too");
    let with_cookie = |method, path| Shopper::guest(shop).ask(method, path).header("cookie", &format!("a=b; {kept}"));
    let again = with_cookie("POST", "cart/items").json(&body).send().await.expect(200);
    assert_eq!(cookie(&again), kept, "its week begins anew with the cart's");
    let seen = with_cookie("GET", "cart").send().await.expect(200);
    assert_eq!((quantity(&seen.json(), &sku), seen.header("set-cookie")), (2, ""));
}

async fn a_bad_cookie_is_taken_away(shop: &Shop) {
    let ask = Shopper::guest(shop).ask("GET", "cart").header("cookie", "cart_token=of.yore");
    let answer = ask.send().await;
    let cleared = answer.header("set-cookie").to_owned();
    assert!(cleared.starts_with("cart_token=;") && cleared.contains("Max-Age=0"), "{cleared}");
    answer.expect_problem(401, "cart_token_invalid");
}

async fn a_first_edit_that_is_repeated_under_its_key_makes_one_cart(shop: &Shop) {
    let sku = for_sale(shop, 5_000, 10).await;
    let (body, key) = (json!({ "sku": sku, "quantity": 2 }), shop.unique());
    let add = || Shopper::guest(shop).ask("POST", "cart/items").header("idempotency-key", &key).json(&body).send();
    let first = add().await.expect(200);
    let again = add().await.expect(200);
    assert_eq!((again.header("idempotency-replayed"), &again.body), ("true", &first.body));
    assert_eq!(again.header("x-cart-token"), first.header("x-cart-token"));
    let guest = Shopper::guest(shop).with_token(first.header("x-cart-token"));
    assert_eq!(quantity(&guest.cart().await, &sku), 2);
}

fn left(shop: &Shop, cart: &Value) -> Duration {
    Timestamp::parse(cart["expires_at"].as_str().unwrap()).unwrap().since(now(shop))
}

async fn a_cart_lives_for_a_week_from_its_last_change(shop: &Shop) {
    const MINUTE: Duration = Duration::from_secs(60);
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 5_000, 10).await);
    let cart = guest.add(&sku, 1).await.expect(200).json();
    assert!(left(shop, &cart) > KEPT - MINUTE && left(shop, &cart) <= KEPT + MINUTE, "{cart}");
    ends_at(shop, &cart, now(shop).after(MINUTE)).await;
    assert!(left(shop, &guest.cart().await) <= MINUTE, "looking prolonged it");
    let changed = guest.set(&sku, 2).await.expect(200).json();
    assert!(left(shop, &changed) > KEPT - MINUTE, "{changed}");
}

async fn an_expired_cart_is_as_good_as_none(shop: &Shop) {
    let (sku, other) = (for_sale(shop, 5_000, 10).await, for_sale(shop, 5_000, 10).await);
    let person = Person::new(shop).await;
    for who in [Shopper::guest(shop), Shopper::customer(shop, &person)] {
        let cart = who.add(&sku, 1).await.expect(200).json();
        ends_at(shop, &cart, now(shop).before(Duration::from_secs(1))).await;
        let seen = who.cart().await;
        assert_eq!((&seen["lines"], &seen["subtotal"]), (&json!([]), &rupees(0)));
        who.delete(&format!("cart/items/{sku}")).await.expect_problem(404, "not_found");
        let begun = who.add(&other, 3).await.expect(200).json();
        assert_eq!((quantity(&begun, &sku), quantity(&begun, &other)), (0, 3));
        assert_eq!(who.cart().await, begun);
    }
}

async fn an_emptied_cart_goes_on_counting_its_versions(shop: &Shop) {
    let (guest, sku) = (Shopper::guest(shop), for_sale(shop, 5_000, 10).await);
    guest.add(&sku, 1).await.expect(200);
    let before = guest.add(&sku, 1).await.expect(200).json();
    guest.delete("cart").await.expect(204);
    let empty = guest.cart().await;
    assert_eq!((&empty["lines"], &empty["id"], &empty["version"]), (&json!([]), &before["id"], &json!(3)));
    guest.delete("cart").await.expect(204);
    assert_eq!(guest.cart().await["version"], 3, "there was nothing to empty");
}
