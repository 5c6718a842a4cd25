//! The local cloud as a process of its own, in release, filled with the first stock.

use std::process::Stdio;
use std::time::{Duration, Instant};

use bharatmart_tests::free_port;
use serde_json::Value;
use tokio::process::{Child, Command};

use crate::client::Connection;
use crate::figures::root;
use crate::settings::{Settings, pairs};
use crate::{admin, process};

/// Products of the first stock.
pub const SEEDED: u64 = 240;

pub struct Shop {
    child: Child,
    pub port: u16,
    /// The newest hundred, as a list shows them.
    pub products: Vec<Value>,
}

impl Shop {
    /// Answers once so many products are found.
    pub async fn start(engine: &Settings, products: u64) -> Self {
        let port = free_port();
        let mut settings = engine.clone();
        settings.extend(pairs(&[("LISTEN", &format!("127.0.0.1:{port}"))]));
        let program = root().join("target/release/bharatmart-local");
        let command = || {
            let mut command = Command::new(&program);
            command.env_clear().envs(settings.clone()).current_dir(root().join("docs")).kill_on_drop(true);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        let made = command().args(["run", "admin-create"]).status().await;
        assert!(made.is_ok_and(|made| made.success()), "no admin was made");
        let child = command().spawn().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let products = until_indexed(port, products).await;
        Shop { child, port, products }
    }

    pub fn pid(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    pub async fn connection(&self) -> Connection {
        Connection::open(self.port).await.unwrap_or_else(|error| panic!("the shop does not answer: {error}"))
    }

    pub async fn admin_token(&self) -> String {
        let answer = self.connection().await.post("/api/v1/auth/login", &[], &admin::login()).await;
        let answer = answer.unwrap_or_else(|error| panic!("the admin could not log in: {error}"));
        admin::token(&String::from_utf8_lossy(&answer.body))
    }

    pub fn cpu(&self) -> Duration {
        process::cpu(self.pid())
    }
}

async fn until_indexed(port: u16, products: u64) -> Vec<Value> {
    let deadline = Instant::now() + Duration::from_secs(300);
    loop {
        if let Some(page) = first_page(port).await
            && page["total"].as_u64().is_some_and(|total| total >= products)
        {
            return page["data"].as_array().cloned().unwrap_or_default();
        }
        assert!(Instant::now() < deadline, "the shop did not come up");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn first_page(port: u16) -> Option<Value> {
    let answer = Connection::open(port).await.ok()?.get("/api/v1/products?limit=100").await.ok()?;
    serde_json::from_slice(&answer.body).ok()
}
