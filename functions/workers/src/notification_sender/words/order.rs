//! News of an order, as mail and as SMS.

use bharatmart_core::notice::{OrderNews, OrderNotice, OrderTold};

use super::Words;
use super::page::Page;

pub fn mail(url: &str, notice: &OrderNotice) -> Words {
    let order = &notice.order;
    let goods = order.lines.iter().map(|line| (format!("{} × {}", line.quantity, line.name), line.total.to_string()));
    let page = Page {
        says: says(notice),
        goods: goods.collect(),
        sums: sums(order),
        facts: vec![
            ("Payment", payment(&order.payment_method).to_owned()),
            ("Placed", order.placed_on.in_india()),
            ("Goes to", order.address.clone()),
        ],
        link: format!("{url}/orders/{}", order.id),
    };
    Words { subject: brief(notice), text: page.text(), html: Some(page.html()) }
}

/// To whoever has no address: that it happened, and no more.
pub fn sms(notice: &OrderNotice) -> Words {
    Words::sms(format!("BharatMart: {}.", brief(notice)))
}

fn brief(notice: &OrderNotice) -> String {
    let number = &notice.order.number;
    match &notice.news {
        OrderNews::Placed if is_cod(&notice.order) => format!("Confirm your order {number}"),
        OrderNews::Placed => format!("We have your order {number}"),
        OrderNews::PaymentFailed => format!("The payment of order {number} failed"),
        OrderNews::Confirmed => format!("Order {number} is confirmed"),
        OrderNews::Shipped { carrier, tracking } => {
            let with = carrier.iter().map(|carrier| format!(" with {carrier}"));
            let by = tracking.iter().map(|tracking| format!(", tracking number {tracking}"));
            format!("Order {number} is on its way{}", with.chain(by).collect::<String>())
        }
        OrderNews::Delivered => format!("Order {number} was delivered"),
        OrderNews::Cancelled { .. } => format!("Order {number} was cancelled"),
        OrderNews::Refunded { amount } => format!("{amount} of order {number} was refunded"),
    }
}

/// Paragraph by paragraph.
fn says(notice: &OrderNotice) -> Vec<String> {
    let order = &notice.order;
    let (number, total, cod) = (&order.number, order.total, is_cod(order));
    let at_the_door = || cod.then(|| format!("Have {total} ready when it comes."));
    let (first, more) = match &notice.news {
        OrderNews::Placed => {
            let next = match cod {
                true => "We sent a code to your phone. Enter it on the order's page, and we begin to pack.",
                false => "As soon as it is paid, we begin to pack.",
            };
            (format!("thank you: we have your order {number}."), Some(next.to_owned()))
        }
        OrderNews::PaymentFailed => (
            format!("the payment of {total} for your order {number} did not go through. You can pay again on its page."),
            Some(
                "If money was taken from you all the same, it is counted for this order or comes back to you by itself."
                    .to_owned(),
            ),
        ),
        OrderNews::Confirmed => (format!("your order {number} is confirmed, and we begin to pack it."), at_the_door()),
        OrderNews::Shipped { .. } => {
            let brief = brief(notice);
            let way = brief.strip_prefix("Order ").unwrap_or(&brief);
            (format!("your order {way}."), at_the_door())
        }
        OrderNews::Delivered => (
            format!("your order {number} was delivered."),
            Some("If it has not reached you, write to the shop.".to_owned()),
        ),
        OrderNews::Cancelled { reason } => {
            let why = reason.iter().map(|reason| format!(" Reason: {reason}")).collect::<String>();
            let back = "If you have paid for it, the money comes back to you, and we write when it does.";
            (format!("your order {number} was cancelled.{why}"), Some(back.to_owned()))
        }
        OrderNews::Refunded { amount } => (
            format!("{amount} of your order {number} was refunded."),
            Some("Your bank may take some days to show it.".to_owned()),
        ),
    };
    std::iter::once(first).chain(more).collect()
}

fn sums(order: &OrderTold) -> Vec<(&'static str, String)> {
    let mut sums = vec![("Subtotal", order.subtotal.to_string())];
    if order.discount.amount != 0 {
        sums.push(("Discount", format!("−{}", order.discount)));
    }
    let free = order.delivery.amount == 0;
    sums.push(("Delivery", if free { "free".to_owned() } else { order.delivery.to_string() }));
    sums.push(("Total", order.total.to_string()));
    sums
}

fn is_cod(order: &OrderTold) -> bool {
    order.payment_method == "cod"
}

/// A method that came later is told by its own name.
fn payment(method: &str) -> &str {
    match method {
        "upi" => "UPI",
        "card" => "Card",
        "netbanking" => "Net banking",
        "wallet" => "Wallet",
        "cod" => "Cash on delivery",
        other => other,
    }
}
