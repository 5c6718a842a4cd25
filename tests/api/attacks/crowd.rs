//! More passwords at once than there is room to look at.

use bharatmart_core::Tenant;
use bharatmart_core::identity::lock::{Lock, WINDOW};
use bharatmart_tests::on_every;
use futures_util::future::join_all;
use serde_json::json;

use crate::alone::{Alone, Settings, open};
use crate::identity::people::new_email;

on_every!(crate::alone::engines: sqlite => [a_login_that_found_no_room_is_no_wrong_password]);

/// Several times what may wait: the shop has a place a core, but one, and thirty-two wait for each.
fn crowd() -> usize {
    100 * std::thread::available_parallelism().map_or(1, usize::from)
}

/// Or whoever keeps the shop hashing would lock owners out of their accounts.
async fn a_login_that_found_no_room_is_no_wrong_password(engine: Settings) {
    let shop = open(engine, &[("LIMITS", "off")]).await;
    for _ in 0..5 {
        let victim = new_email();
        let crowd: Vec<String> = (0..crowd()).map(|_| new_email()).collect();
        let emails = crowd.iter().chain([&victim; 4]);
        let mut answers = join_all(emails.map(|email| login(&shop, email))).await;
        let of_victim = answers.split_off(crowd.len());
        let looked_at = of_victim.iter().filter(|status| **status == 401).count();
        let no_room = of_victim.iter().filter(|status| **status == 503).count();
        assert_eq!(looked_at + no_room, 4, "{of_victim:?}");
        let lock = Lock::of(&victim, "127.0.0.1");
        let (store, now) = (shop.cloud.app().ports().store.unwrap(), shop.cloud.app().clock.now());
        let tries = store.count(&Tenant::main(), &lock.tries, 0, WINDOW, now).await.unwrap();
        assert_eq!(tries.value, looked_at as u64, "{no_room} found no room");
        if no_room > 0 {
            shop.cloud.stop().await;
            return;
        }
    }
    panic!("there was always room: this shows nothing");
}

async fn login(shop: &Alone, email: &str) -> u16 {
    let body = json!({ "email": email, "password": "not the password" });
    shop.client.ask("POST", "/api/v1/auth/login").json(&body).send().await.status.as_u16()
}
