//! The catalogue while there is no search index, or none that can be read: plain lists come from the store and say so,
//! what only the index can answer is refused for the time being, and with the index all is as it should be.

use std::collections::BTreeMap;
use std::sync::Arc;

use bharatmart_runtime::telemetry::Traces;
use bharatmart_runtime::{App, Dispatcher, OpenPorts};
use bharatmart_tests::steps::{Steps, Taken};
use bharatmart_tests::{eventually, on_every};
use serde_json::{Value, json};

use crate::alone::{Alone, Settings, open};
use crate::client::Answer;
use crate::world::{call, product};

on_every!(crate::alone::engines: sqlite, postgres, dynamodb => [
    plain_lists_come_from_the_store_and_a_search_is_refused_until_the_index_is_there,
    a_category_of_many_children_is_asked_for_as_often_as_one_of_few,
]);

/// What is in force of the index.
const MANIFEST: &str = "search/current.json";

/// A shop without workers: nothing comes into its index but by a rebuild.
struct Unindexed {
    shop: Alone,
    admin: String,
}

impl Unindexed {
    async fn open(engine: Settings) -> Self {
        let shop = open(engine, &[("WORKER_MODE", "none"), ("CACHE_TYPE", "memory")]).await;
        let admin = shop.admin().await;
        Unindexed { shop, admin }
    }

    async fn make(&self, path: &str, body: &Value) -> Value {
        let ask = self.shop.client.ask("POST", &format!("/api/v1/{path}")).token(&self.admin);
        ask.json(body).send().await.expect(201).json()
    }

    async fn category(&self, name: &str, parent: Option<&str>) {
        self.make("categories", &json!({ "name": name, "parent": parent })).await;
    }

    /// Its id.
    async fn product(&self, category: &str) -> String {
        let mut input = product(&format!("Some {category}"));
        input["category"] = json!(category);
        self.make("products", &input).await["id"].as_str().unwrap().to_owned()
    }

    async fn get(&self, path: &str) -> Answer {
        self.shop.client.get(&format!("/api/v1/{path}")).await
    }

    /// The ids of a whole list, by its cursors, from this page on; each page says where it comes from.
    async fn walk_from(&self, path: &str, mut cursor: Option<String>) -> Vec<String> {
        let mut walked = Vec::new();
        loop {
            let after = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let page = self.get(&format!("{path}{after}")).await.expect(200).json();
            assert_eq!((&page["degraded"], &page["total"]), (&json!(true), &Value::Null), "{page}");
            walked.extend(ids(&page));
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            if cursor.is_none() {
                return walked;
            }
        }
    }

    async fn walk(&self, path: &str) -> Vec<String> {
        self.walk_from(path, None).await
    }

    /// Whatever needs the index is refused, and said when to come again.
    async fn only_plain_lists_are_answered(&self) {
        let filtered = ["brand=x", "tag=spice", "min_price=1", "max_price=9", "min_rating=1", "in_stock=true"];
        let lists = filtered.into_iter().chain(["featured=true", "sort=name", "category=pantry&sort=price_asc"]);
        let lists = lists.map(|filter| format!("products?{filter}"));
        let searches = ["search?q=tea", "search?q=tea&category=pantry", "search/suggest?q=te"].map(str::to_owned);
        for path in lists.chain(searches) {
            let answer = self.get(&path).await;
            assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|wait| wait > 0), "{path}: {answer:?}");
            let problem = answer.expect_problem(503, "search_unavailable");
            assert_eq!(problem["retryable"], true, "{path}: {problem}");
        }
    }
}

fn ids(page: &Value) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

async fn plain_lists_come_from_the_store_and_a_search_is_refused_until_the_index_is_there(engine: Settings) {
    let shop = Unindexed::open(engine).await;
    let tree = [("Pantry", None), ("Tea", Some("pantry")), ("Rice", Some("pantry")), ("Basmati", Some("rice"))];
    for (name, parent) in tree.into_iter().chain([("Toys", None)]) {
        shop.category(name, parent).await;
    }
    // Newest first, and each with whether it lies in the pantry.
    let mut made = Vec::new();
    for category in ["tea", "toys", "rice", "basmati", "pantry", "basmati", "tea", "toys", "rice", "tea", "pantry"] {
        made.insert(0, (shop.product(category).await, category));
    }
    // What is hidden or deleted leaves its page shorter, and the walk goes on.
    let (hidden, deleted) = (made.remove(2).0, made.remove(5).0);
    let managed = |method: &str, id: &str| {
        let ask = shop.shop.client.ask(method, &format!("/api/v1/products/{id}"));
        ask.token(&shop.admin).header("if-match", "*")
    };
    managed("PATCH", &hidden).json(&json!({ "status": "hidden" })).send().await.expect(200);
    managed("DELETE", &deleted).send().await.expect(204);
    let of = |categories: &[&str]| -> Vec<String> {
        made.iter().filter(|(_, category)| categories.contains(category)).map(|(id, _)| id.clone()).collect()
    };
    let all: Vec<_> = made.iter().map(|(id, _)| id.clone()).collect();
    let pantry = of(&["pantry", "tea", "rice", "basmati"]);

    let come_from_the_store = async || {
        for limit in [1, 2, 4, 100] {
            assert_eq!(shop.walk(&format!("products?limit={limit}")).await, all);
            assert_eq!(shop.walk(&format!("products?category=pantry&limit={limit}")).await, pantry);
            assert_eq!(shop.walk(&format!("products?category=rice&limit={limit}")).await, of(&["rice", "basmati"]));
        }
        assert_eq!(shop.walk("products?category=basmati").await, of(&["basmati"]));
        assert_eq!(shop.walk("products?category=nowhere").await, Vec::<String>::new());
        shop.only_plain_lists_are_answered().await;
    };
    // There never was an index; then one that nobody can read.
    come_from_the_store().await;
    let blobs = shop.shop.cloud.app().ports().blobs.unwrap().clone();
    blobs.put(MANIFEST, b"{ \"shape\":".to_vec(), "application/json").await.unwrap();
    eventually("it is seen that it cannot be read", || async {
        let search = shop.shop.cloud.app().ports().search.unwrap();
        search.snapshot().await.is_err_and(|fault| fault.to_string().contains("must be rebuilt"))
    })
    .await;
    come_from_the_store().await;

    let begun = shop.get("products?category=pantry&limit=2").await.expect(200).json();
    call(&shop.shop.cloud, "search-rebuild").await.unwrap();
    eventually("lists come from the index", || async {
        let page = shop.get("products?limit=100").await.expect(200).json();
        page["degraded"].is_null() && page["total"] == all.len() && ids(&page) == all
    })
    .await;
    let found = shop.get("search?q=basmati").await.expect(200).json();
    assert_eq!(found["total"], 2, "{found}");
    let named = shop.get("products?category=pantry&sort=name&limit=100").await.expect(200).json();
    assert_eq!(ids(&named).len(), pantry.len());
    // Who began to walk before goes on where he was, from the store, to the end.
    let rest = shop.walk_from("products?category=pantry&limit=2", begun["next_cursor"].as_str().map(str::to_owned));
    assert_eq!([ids(&begun), rest.await].concat(), pantry);
    shop.shop.cloud.stop().await;
}

async fn a_category_of_many_children_is_asked_for_as_often_as_one_of_few(engine: Settings) {
    let shop = Unindexed::open(engine).await;
    for (parent, children) in [("few", 1), ("many", 20)] {
        shop.category(parent, None).await;
        for nth in 0..children {
            let child = format!("{parent}-{nth}");
            shop.category(&child, Some(parent)).await;
            shop.product(&child).await;
        }
    }
    let app = shop.shop.cloud.app();
    let (steps, store) = Steps::of(app.ports().store.unwrap().clone());
    let (store, search) = (Some(store), app.ports().search.cloned());
    let system = OpenPorts::new(app.clock.clone(), app.ids.clone(), app.random.clone());
    let app = Arc::new(App::from_ports(app.config.clone(), OpenPorts { store, search, ..system }));
    let list =
        bharatmart_functions::endpoints().iter().find(|known| known.route.name == "products-list").unwrap().route;
    // The categories are remembered.
    app.warm(list.needs).await;
    let dispatcher = Dispatcher { app, traces: Traces::default() };
    let asked = async |category: &str| {
        steps.take();
        let path = format!("/api/v1/products?category={category}&limit=100");
        let answer = dispatcher.answer(list, http::Request::get(path).body(Default::default()).unwrap()).await;
        assert_eq!(answer.status(), 200, "{answer:?}");
        (ids(&serde_json::from_slice(answer.body()).unwrap()).len(), steps.take())
    };
    let taken = Taken { steps: 2, calls: BTreeMap::from([("newest_products", 1), ("products", 1)]) };
    assert_eq!(asked("few").await, (1, taken.clone()));
    assert_eq!(asked("many").await, (20, taken));
    shop.shop.cloud.stop().await;
}
