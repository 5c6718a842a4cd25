//! Somebody who shops, with or without an account, and things made for a test to buy.

use std::sync::Mutex;

use bharatmart_core::cart::CART;
use bharatmart_core::catalog::Product;
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::inventory::Location;
use bharatmart_core::record::RecordKey;
use bharatmart_core::{Changes, Expect, ProductId, Sku, Tenant, Timestamp, Write};
use serde_json::{Value, json};

use crate::client::{Answer, Ask};
use crate::identity::beside;
use crate::identity::people::Person;
use crate::world::{Shop, product};

/// A browser window: it keeps the cart's token that it is given, and the access token of whoever logged in.
pub struct Shopper<'a> {
    shop: &'a Shop,
    host: Option<String>,
    cart: Mutex<Option<String>>,
    access: Option<String>,
}

impl<'a> Shopper<'a> {
    pub fn guest(shop: &'a Shop) -> Self {
        Shopper { shop, host: None, cart: Mutex::new(None), access: None }
    }

    /// A guest of another shop of the deployment.
    pub fn of_shop(shop: &'a Shop, host: &str) -> Self {
        Shopper { host: Some(host.to_owned()), ..Self::guest(shop) }
    }

    pub fn customer(shop: &'a Shop, person: &Person) -> Self {
        Shopper { access: Some(person.access.clone()), ..Self::guest(shop) }
    }

    /// The same cart in another tab.
    pub fn another_tab(&self) -> Self {
        Shopper {
            shop: self.shop,
            host: self.host.clone(),
            cart: Mutex::new(self.cart_token()),
            access: self.access.clone(),
        }
    }

    /// The same window after a login.
    pub fn logged_in(self, person: &Person) -> Self {
        Shopper { access: Some(person.access.clone()), ..self }
    }

    pub fn cart_token(&self) -> Option<String> {
        self.cart.lock().unwrap().clone()
    }

    pub fn with_token(self, token: &str) -> Self {
        *self.cart.lock().unwrap() = Some(token.to_owned());
        self
    }

    pub fn ask(&self, method: &str, path: &str) -> Ask<'a> {
        let mut ask = self.shop.client.ask(method, &format!("/api/v1/{path}"));
        if let Some(host) = &self.host {
            ask = ask.header("host", host);
        }
        if let Some(access) = &self.access {
            ask = ask.token(access);
        }
        match self.cart_token() {
            Some(token) => ask.header("x-cart-token", &token),
            None => ask,
        }
    }

    async fn sent(&self, ask: Ask<'a>) -> Answer {
        let answer = ask.send().await;
        if let Some(token) = answer.headers.get("x-cart-token") {
            *self.cart.lock().unwrap() = Some(token.to_str().unwrap().to_owned());
        }
        answer
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.sent(self.ask("GET", path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.sent(self.ask("POST", path).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.sent(self.ask("DELETE", path)).await
    }

    /// The cart as it is.
    pub async fn cart(&self) -> Value {
        self.get("cart").await.expect(200).json()
    }

    pub async fn add(&self, sku: &str, quantity: i64) -> Answer {
        self.post("cart/items", &json!({ "sku": sku, "quantity": quantity })).await
    }

    pub async fn set(&self, sku: &str, quantity: i64) -> Answer {
        let body = json!({ "quantity": quantity });
        self.sent(self.ask("PUT", &format!("cart/items/{sku}")).json(&body)).await
    }

    pub async fn apply(&self, code: &str) -> Answer {
        self.sent(self.ask("PUT", "cart/coupon").json(&json!({ "code": code }))).await
    }

    pub async fn quote(&self, pincode: &str) -> Value {
        self.get(&format!("cart/quote?pincode={pincode}")).await.expect(200).json()
    }
}

/// Whether an edit was made; if not, its sender was told that others were first.
pub fn made(answer: Answer) -> bool {
    let made = answer.status == 200;
    if !made {
        answer.expect_problem(409, "cart_version_conflict");
    }
    made
}

/// How many of a SKU a cart holds.
pub fn quantity(cart: &Value, sku: &str) -> u64 {
    let lines = cart["lines"].as_array().unwrap();
    let of_sku: Vec<_> = lines.iter().filter(|line| line["sku"] == sku).collect();
    assert!(of_sku.len() <= 1, "two lines of {sku}: {cart}");
    of_sku.first().map_or(0, |line| line["quantity"].as_u64().unwrap())
}

pub fn rupees(amount: i64) -> Value {
    paise(amount * 100)
}

pub fn paise(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "INR" })
}

/// Puts something up for sale and answers its SKU: so many pieces, at so many paise each.
pub async fn for_sale(shop: &Shop, price: i64, stock: u32) -> String {
    sold_as(shop, price, stock, json!({})).await
}

/// The same with further fields of its one variant.
pub async fn sold_as(shop: &Shop, price: i64, stock: u32, more: Value) -> String {
    put_up(shop, price, stock, more, 5).await
}

pub async fn taxed(shop: &Shop, price: i64, gst_rate: u8) -> String {
    put_up(shop, price, 1_000, json!({}), gst_rate).await
}

async fn put_up(shop: &Shop, price: i64, stock: u32, more: Value, gst_rate: u8) -> String {
    let mut input = product("For The Cart");
    input["gst_rate"] = json!(gst_rate);
    let variant = input["variants"][0].as_object_mut().unwrap();
    variant.extend([("price".to_owned(), paise(price)), ("stock".to_owned(), json!(stock))]);
    variant.extend(more.as_object().unwrap().clone());
    let created = shop.create(&input).await.expect(201).json();
    created["variants"][0]["sku"].as_str().unwrap().to_owned()
}

/// Many kinds of few products, as many of each as one likes: so a cart is filled quickly.
pub async fn many_for_sale(shop: &Shop, count: usize) -> Vec<String> {
    let mut skus = Vec::new();
    while skus.len() < count {
        let mut input = product("In Many Kinds");
        let kinds = (count - skus.len()).min(25);
        let sku = || format!("T-{}", shop.unique());
        let variant = |_| json!({ "sku": sku(), "price": rupees(10), "stock": 1_000, "max_quantity": 1_000 });
        input["variants"] = (0..kinds).map(variant).collect();
        let created = shop.create(&input).await.expect(201).json();
        let made = created["variants"].as_array().unwrap().iter();
        skus.extend(made.map(|variant| variant["sku"].as_str().unwrap().to_owned()));
    }
    skus
}

async fn product_of(shop: &Shop, sku: &str) -> ProductId {
    let owner = shop.store().owner(&Tenant::main(), ClaimKind::Sku, sku).await.unwrap();
    owner.unwrap().parse().unwrap()
}

/// Changes a product from beside.
pub async fn change_product(shop: &Shop, sku: &str, change: impl FnOnce(&mut Product)) {
    let id = product_of(shop, sku).await;
    let found = shop.store().products(&Tenant::main(), &[id]).await.unwrap().remove(0);
    let mut product = found.product;
    let expect = Expect::Version(product.version);
    product.version += 1;
    change(&mut product);
    let write = Write::Product { product: Box::new(product), expect };
    shop.store().commit(Changes::new(&Tenant::main()).write(write)).await.unwrap();
}

/// Takes this much out of the stock, as others who buy would.
pub async fn sell(shop: &Shop, sku: &str, quantity: i64) {
    let write = Write::MoveStock {
        product: product_of(shop, sku).await,
        sku: Sku::parse(sku).unwrap(),
        location: Location::main(),
        available: -quantity,
        reserved: 0,
        sold: 0,
    };
    shop.store().commit(Changes::new(&Tenant::main()).write(write)).await.unwrap();
}

/// As if the cart's last change were so much longer ago that it ends at this moment.
pub async fn ends_at(shop: &Shop, cart: &Value, at: Timestamp) {
    let key = RecordKey::alone(cart["id"].as_str().unwrap());
    beside::edit(shop, &CART, &key, |fields| drop(fields.insert("expires_at".to_owned(), json!(at)))).await;
}
