//! News of an order: by mail as text and as a page, by SMS to who has no address, and with what was true at the time.

use bharatmart_core::notice::{LineTold, OrderNews, OrderTold};
use bharatmart_core::{Money, Paise, Timestamp};

use super::*;

fn told(payment_method: &str) -> OrderTold {
    let money = |paise| Money::from(Paise::parse(paise).unwrap());
    let line = |name: &str, quantity, paise| LineTold { name: name.to_owned(), quantity, total: money(paise) };
    OrderTold {
        id: "ord_0199".to_owned(),
        number: "BM-1001".to_owned(),
        placed_on: Timestamp::parse("2026-11-20T14:12:09Z").unwrap(),
        lines: vec![line("Kanjeevaram <Silk> Saree", 2, 12_345_650), line("Salt & Pepper", 1, 9_900)],
        subtotal: money(12_355_550),
        discount: money(5_550),
        delivery: Money::from(Paise::ZERO),
        total: money(12_350_000),
        address: "Asha Rao,\n12 \"MG\" Road, Bengaluru 560001".to_owned(),
        payment_method: payment_method.to_owned(),
    }
}

async fn written(news: OrderNews, payment_method: &str) -> Kept {
    let folder = folder();
    let shop = Shop::open(folder.path(), &[]).await;
    let user = shop.account().await;
    let event = shop.event(&Notice::order(user.id, news, told(payment_method)));
    // It comes twice, and is one message.
    assert!(shop.hears(&event).await && shop.hears(&event).await);
    let mut sent = shop.sent().await;
    assert_eq!(sent.len(), 1);
    let letter = sent.remove(0);
    assert_eq!((letter.to.as_str(), letter.channel, letter.id.clone()), (EMAIL, Channel::Email, event.id.to_string()));
    letter
}

#[tokio::test]
async fn a_placed_order_is_told_whole_as_text() {
    let letter = written(OrderNews::Placed, "upi").await;
    assert_eq!(letter.subject, "We have your order BM-1001");
    assert_eq!(
        letter.text,
        "Hello,\n\n\
         thank you: we have your order BM-1001.\n\n\
         As soon as it is paid, we begin to pack.\n\n\
         2 × Kanjeevaram <Silk> Saree: ₹1,23,456.50\n\
         1 × Salt & Pepper: ₹99.00\n\n\
         Subtotal: ₹1,23,555.50\n\
         Discount: −₹55.50\n\
         Delivery: free\n\
         Total: ₹1,23,500.00\n\n\
         Payment: UPI\n\
         Placed: 20 Nov 2026, 7:42 pm IST\n\
         Goes to: Asha Rao, 12 \"MG\" Road, Bengaluru 560001\n\n\
         http://127.0.0.1:8080/orders/ord_0199\n"
    );
}

#[tokio::test]
async fn the_page_says_the_same_and_nothing_that_was_typed_is_markup() {
    let page = written(OrderNews::Placed, "upi").await.html.unwrap();
    for part in [
        "2 × Kanjeevaram &lt;Silk&gt; Saree",
        "₹1,23,456.50",
        "Salt &amp; Pepper",
        "−₹55.50",
        "₹1,23,500.00",
        "20 Nov 2026, 7:42 pm IST",
        "Asha Rao, 12 &quot;MG&quot; Road, Bengaluru 560001",
        "<a href=\"http://127.0.0.1:8080/orders/ord_0199\">",
    ] {
        assert!(page.contains(part), "{part} is not in:\n{page}");
    }
    assert!(!page.contains("<Silk>") && !page.contains("Salt & Pepper"));
}

#[tokio::test]
async fn each_news_says_what_happened() {
    let text = |text: &str| Some(text.to_owned());
    let amount = Money::from(Paise::parse(123_456).unwrap());
    let shipped = OrderNews::Shipped { carrier: text("Delhivery"), tracking: text("DL1") };
    for (news, method, subject, says) in [
        (OrderNews::Placed, "cod", "Confirm your order BM-1001", "We sent a code to your phone."),
        (OrderNews::PaymentFailed, "card", "The payment of order BM-1001 failed", "₹1,23,500.00 for your order"),
        (OrderNews::Confirmed, "wallet", "Order BM-1001 is confirmed", "Payment: Wallet"),
        (OrderNews::Confirmed, "cod", "Order BM-1001 is confirmed", "Have ₹1,23,500.00 ready when it comes."),
        (
            shipped,
            "netbanking",
            "Order BM-1001 is on its way with Delhivery, tracking number DL1",
            "your order BM-1001 is on its way with Delhivery, tracking number DL1.",
        ),
        (
            OrderNews::Shipped { carrier: None, tracking: None },
            "cod",
            "Order BM-1001 is on its way",
            "Payment: Cash on delivery",
        ),
        (OrderNews::Delivered, "upi", "Order BM-1001 was delivered", "your order BM-1001 was delivered."),
        (
            OrderNews::Cancelled { reason: text("It was not paid in time.") },
            "upi",
            "Order BM-1001 was cancelled",
            "your order BM-1001 was cancelled. Reason: It was not paid in time.",
        ),
        (OrderNews::Refunded { amount }, "card", "₹1,234.56 of order BM-1001 was refunded", "Your bank may take"),
    ] {
        let letter = written(news.clone(), method).await;
        assert_eq!(letter.subject, subject);
        assert!(letter.text.contains(says), "{says} is not in:\n{}", letter.text);
        let online = method != "cod";
        assert!(!(online && letter.text.contains("ready when it comes")), "{news:?} was paid before");
    }
}

#[tokio::test]
async fn who_has_a_phone_alone_is_sent_an_sms() {
    let folder = folder();
    let shop = Shop::open(folder.path(), &[]).await;
    let account = shop.account().await;
    let by_phone = User {
        email: None,
        email_verified: false,
        phone: Some(PHONE.to_owned()),
        phone_verified: true,
        ..account.next(account.created_at)
    };
    shop.commit(|changes| changes.put(&by_phone, Expect::Version(1))).await;
    let notice = Notice::order(account.id, OrderNews::Delivered, told("upi"));
    assert!(shop.hears(&shop.event(&notice)).await);
    let sent = shop.sent().await;
    let [sms] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!((sms.channel, sms.to.as_str()), (Channel::Sms, PHONE));
    assert_eq!((sms.text.as_str(), &sms.html), ("BharatMart: Order BM-1001 was delivered.", &None));

    // Where nothing sends an SMS the shop goes on without.
    let silent = Shop::open(folder.path(), &[("SMS_TYPE", "none")]).await;
    assert!(silent.hears(&silent.event(&notice)).await);
    assert_eq!(silent.sent().await.len(), 1);
}

#[tokio::test]
async fn an_order_of_nobody_who_proved_how_to_be_reached_is_told_to_nobody() {
    let folder = folder();
    let shop = Shop::open(folder.path(), &[]).await;
    let account = shop.account().await;
    let unproved = User { email_verified: false, phone: Some(PHONE.to_owned()), ..account.next(account.created_at) };
    shop.commit(|changes| changes.put(&unproved, Expect::Version(1))).await;
    let stranger = UserId::new(shop.runner.app.ids.as_ref());
    for user_id in [account.id, stranger] {
        assert!(shop.hears(&shop.event(&Notice::order(user_id, OrderNews::Placed, told("upi")))).await);
    }
    assert_eq!(shop.sent().await, []);
}

#[tokio::test]
async fn news_that_could_not_go_come_again_as_they_were() {
    let folder = folder();
    let broken = Shop::open(folder.path(), NO_SERVER).await;
    let user = broken.account().await;
    let event = broken.event(&Notice::order(user.id, OrderNews::Confirmed, told("upi")));
    assert!(!broken.hears(&event).await);
    let mended = Shop::open(folder.path(), &[]).await;
    assert!(mended.hears(&event).await);
    let sent = mended.sent().await;
    assert_eq!((sent.len(), sent[0].id.clone()), (1, event.id.to_string()));
}
