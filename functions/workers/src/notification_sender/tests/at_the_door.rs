//! The code of an order that is paid at the door, from its notice over the phone to the route that confirms.

use bharatmart_core::identity::CODE;
use bharatmart_runtime::http::{Method, StatusCode};
use bharatmart_runtime::lambda_http::{Body, Request};
use bharatmart_runtime::{Access, Ctx, Dispatcher, Idempotency, Limit, Problem, Reply, Route, codes};
use futures_util::future::join_all;
use serde_json::Value;

use super::*;

const ORDER: &str = "ord_0199";

/// As the shop's own route uses it.
static CONFIRM: Route = Route {
    name: "cod-confirm",
    service: "test",
    method: Method::POST,
    path: "/api/v1/confirm",
    summary: "",
    access: Access::Public,
    limit: Limit::Unlimited,
    idempotency: Idempotency::None,
    needs: &[Need::reads(&CODE), Need::COMMITS],
    memory_mb: 128,
    timeout_s: 10,
    handler: |ctx| Box::pin(confirm(ctx)),
};

async fn confirm(ctx: &Ctx) -> Result<Reply, Problem> {
    let given = ctx.json::<Value>()?;
    let text = |name: &str| given[name].as_str().unwrap_or_default();
    let code = codes::cash_on_delivery(ctx, text("order"), text("code")).await?;
    let reply = Reply::json(StatusCode::OK, &json!({}))?;
    ctx.commit(Changes::new(&ctx.tenant).remove(&code), &reply).await?;
    Ok(reply)
}

impl Shop {
    /// `confirmed`, or the code of the problem.
    async fn confirm(&self, order: &str, code: &str) -> String {
        let body = Body::from(json!({ "order": order, "code": code }).to_string());
        let request =
            bharatmart_runtime::http::Request::post("/api/v1/confirm").header("content-type", "application/json");
        let dispatcher = Dispatcher { app: self.runner.app.clone(), traces: Traces::default() };
        let request: Request = request.body(body).unwrap();
        let response = dispatcher.answer(&CONFIRM, request).await;
        if response.status() == StatusCode::OK {
            return "confirmed".to_owned();
        }
        let problem: Value = serde_json::from_slice(response.body().as_ref()).unwrap();
        format!("{} {}", response.status().as_u16(), problem["code"].as_str().unwrap())
    }

    /// The digits that were sent last.
    async fn digits(&self) -> String {
        self.sent().await[0].text.split(' ').next().unwrap().to_owned()
    }

    fn asked(&self, order_id: &str, phone: &str, nth: u64) -> Event {
        let user_id = UserId::new(self.runner.app.ids.as_ref());
        let (order_id, phone) = (order_id.to_owned(), phone.to_owned());
        let event = self.event(&Notice::CodCode { user_id, order_id, number: "BM-1001".to_owned(), phone });
        Event { time: event.time.after(Duration::from_millis(nth)), ..event }
    }
}

fn another(code: &str, by: u32) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + by) % 1_000_000)
}

const WRONG: &str = "422 cod_code_invalid";
const ENOUGH: &str = "429 cod_code_attempts_exceeded";

#[tokio::test]
async fn the_digits_that_were_sent_confirm_their_order_once() {
    let folder = folder();
    let shop = Shop::open(folder.path(), &[]).await;
    assert_eq!(shop.confirm(ORDER, "000000").await, WRONG, "none was sent");
    let event = shop.asked(ORDER, PHONE, 0);
    assert!(shop.hears(&event).await && shop.hears(&event).await);
    let sent = shop.sent().await;
    let [letter] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!((letter.channel, letter.to.as_str(), letter.id.clone()), (Channel::Sms, PHONE, event.id.to_string()));
    let digits = shop.digits().await;
    assert!(digits.len() == 6 && letter.text.contains("BM-1001") && letter.text.contains("5 minutes"));
    assert!(!serde_json::to_string(&event).unwrap().contains(&digits));

    assert_eq!(shop.confirm("ord_0200", &digits).await, WRONG, "of another order");
    assert_eq!(shop.confirm(ORDER, &another(&digits, 1)).await, WRONG);
    assert_eq!(shop.confirm(ORDER, &digits).await, "confirmed");
    assert_eq!(shop.confirm(ORDER, &digits).await, WRONG, "used");
}

#[tokio::test]
async fn a_code_to_log_in_by_confirms_no_order_and_the_reverse() {
    let folder = folder();
    let shop = Shop::open(folder.path(), &[]).await;
    assert!(shop.hears(&shop.event(&otp())).await);
    let login = shop.digits().await;
    assert_eq!(shop.confirm(PHONE, &login).await, WRONG);
    assert_eq!(shop.confirm(ORDER, &login).await, WRONG);
    assert!(shop.hears(&shop.asked(ORDER, PHONE, 1)).await);
    let kept = shop.code(Purpose::PhoneLogin, PHONE).await.unwrap();
    assert!(kept.matches(&login) && kept.tries == 0, "the code to log in by is as it was");
    let at_the_door = shop.code(Purpose::CashOnDelivery, ORDER).await.unwrap();
    assert!(at_the_door.hash != kept.hash && at_the_door.id != kept.id);
}

#[tokio::test]
async fn of_twenty_wrong_codes_at_once_three_are_looked_at() {
    let folder = folder();
    let shop = Shop::open(folder.path(), &[]).await;
    assert!(shop.hears(&shop.asked(ORDER, PHONE, 0)).await);
    let digits = shop.digits().await;
    let wrong: Vec<_> = (1..=20).map(|by| another(&digits, by)).collect();
    let said = join_all(wrong.iter().map(|wrong| shop.confirm(ORDER, wrong))).await;
    assert_eq!(said.iter().filter(|said| *said == WRONG).count(), 3, "{said:?}");
    assert!(said.iter().all(|said| said == WRONG || said == ENOUGH), "{said:?}");
    assert_eq!(shop.confirm(ORDER, &digits).await, ENOUGH, "the right one comes too late");

    // A new one may be tried again, and the one before is no good.
    assert!(shop.hears(&shop.asked(ORDER, PHONE, 5_000)).await);
    assert_eq!(shop.confirm(ORDER, &digits).await, WRONG);
    assert_eq!(shop.confirm(ORDER, &shop.digits().await).await, "confirmed");
}

#[tokio::test]
async fn a_code_is_good_for_five_minutes() {
    let folder = folder();
    let shop = Shop::open(folder.path(), &[]).await;
    let event = shop.asked(ORDER, PHONE, 0);
    // Asked for a second less than five minutes ago: sent, and soon over.
    let early = Event { time: event.time.before(Duration::from_secs(299)), ..event };
    assert!(shop.hears(&early).await);
    let code = shop.code(Purpose::CashOnDelivery, ORDER).await.unwrap();
    assert_eq!(code.expires_at, early.time.after(Duration::from_secs(300)));
    let over = Code { expires_at: early.time, version: code.version + 1, ..code.clone() };
    shop.commit(|changes| changes.put(&over, Expect::Version(code.version))).await;
    assert_eq!(shop.confirm(ORDER, &shop.digits().await).await, "422 cod_code_expired");
}

#[tokio::test]
async fn a_phone_is_sent_five_codes_an_hour_and_the_last_of_them_stays_good() {
    let folder = folder();
    let shop = Shop::open(folder.path(), &[]).await;
    for nth in 0..8 {
        assert!(shop.hears(&shop.asked(ORDER, PHONE, nth)).await);
    }
    assert_eq!(shop.sent().await.len(), 5);
    assert!(shop.hears(&shop.asked("ord_0200", PHONE, 9)).await);
    assert_eq!(shop.sent().await.len(), 5, "whichever order it is for");
    let last = shop.digits().await;
    assert!(shop.hears(&shop.asked("ord_0200", "+916000000000", 9)).await);
    assert_eq!(shop.sent().await.len(), 6, "another phone is none the worse for it");
    assert_eq!(shop.confirm(ORDER, &last).await, "confirmed");
}
