//! What somebody is to be written about: the data of `notification.requested.v1`. No secret is in it: what sends the
//! message makes the code, so that asking for one takes the same time whether there is an account or not.

mod code;
mod deliver;
mod order;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use code::{Mint, Minted, mint};
pub use deliver::deliver;
pub use order::{LineTold, OrderNews, OrderNotice, OrderTold};

use crate::event::{Event, EventKind};
use crate::ids::UserId;
use crate::ports::{Clock, Ids};
use crate::tenant::Tenant;
use crate::text::Sku;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "template", rename_all = "snake_case")]
pub enum Notice {
    /// A code to log in by, or to prove the phone with.
    Otp {
        phone: String,
    },
    /// A link that proves the address.
    VerifyEmail {
        user_id: UserId,
        email: String,
    },
    /// A link to whoever the address logs in; to nobody, when it logs in nobody.
    ResetPassword {
        email: String,
    },
    /// After the address was proved.
    Welcome {
        user_id: UserId,
    },
    PasswordChanged {
        user_id: UserId,
    },
    /// Told to the address that was the account's until then.
    EmailChanged {
        user_id: UserId,
        email: String,
    },
    /// Told to the number that was the account's until then; to the e-mail address where there was none.
    PhoneChanged {
        user_id: UserId,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schemars(with = "String")]
        phone: Option<String>,
    },
    /// A session was ended because an old token of it was used.
    SessionEnded {
        user_id: UserId,
    },
    /// Told to whoever runs the shop: a SKU has few left, or none.
    LowStock {
        sku: Sku,
        product: String,
        available: u32,
    },
    /// A code that confirms an order to be paid at the door, to the phone it was placed with.
    CodCode {
        user_id: UserId,
        /// `ord_…`
        order_id: String,
        /// What the customer calls the order.
        number: String,
        phone: String,
    },
    /// Its template is told by the news.
    #[serde(untagged)]
    Order(Box<OrderNotice>),
}

impl Notice {
    /// To whoever placed the order.
    pub fn order(user_id: UserId, news: OrderNews, order: OrderTold) -> Self {
        Notice::Order(Box::new(OrderNotice { user_id, news, order }))
    }

    pub fn event(&self, tenant: &Tenant, clock: &dyn Clock, ids: &dyn Ids) -> Event {
        let subject = match self {
            Notice::Otp { .. } | Notice::ResetPassword { .. } => "guest".to_owned(),
            Notice::LowStock { sku, .. } => sku.to_string(),
            Notice::VerifyEmail { user_id, .. }
            | Notice::Welcome { user_id }
            | Notice::PasswordChanged { user_id }
            | Notice::EmailChanged { user_id, .. }
            | Notice::PhoneChanged { user_id, .. }
            | Notice::SessionEnded { user_id } => user_id.to_string(),
            Notice::CodCode { order_id, .. } => order_id.clone(),
            Notice::Order(notice) => notice.order.id.clone(),
        };
        Event::new(EventKind::NotificationRequested, tenant, subject, self, clock, ids)
    }

    pub fn read(event: &Event) -> Result<Self, serde_json::Error> {
        event.told()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::money::{Money, Paise};
    use crate::time::Timestamp;

    #[test]
    fn a_notice_is_told_by_its_template() {
        let user_id = UserId::from_uuid(Uuid::from_u128(7));
        let notice = Notice::VerifyEmail { user_id, email: "asha@example.in".to_owned() };
        let data = serde_json::to_value(&notice).unwrap();
        let expected =
            serde_json::json!({ "template": "verify_email", "user_id": user_id, "email": "asha@example.in" });
        assert_eq!(data, expected);
        assert_eq!(Notice::deserialize(&data).unwrap(), notice);
    }

    fn told() -> OrderTold {
        let money = |rupees| Money::from(Paise::from_rupees(rupees));
        OrderTold {
            id: "ord_1".to_owned(),
            number: "BM-1001".to_owned(),
            placed_on: Timestamp::from_millis(1_790_000_000_000),
            lines: vec![LineTold { name: "Tata Salt 1 kg".to_owned(), quantity: 2, total: money(56) }],
            subtotal: money(56),
            discount: money(6),
            delivery: money(40),
            total: money(90),
            address: "12 MG Road, Bengaluru 560001".to_owned(),
            payment_method: "upi".to_owned(),
        }
    }

    #[test]
    fn each_news_of_an_order_is_a_template_of_its_own_and_reads_back() {
        let user_id = UserId::from_uuid(Uuid::from_u128(7));
        let text = |text: &str| Some(text.to_owned());
        let rupees = Money::from(Paise::from_rupees(1));
        for (news, template, more) in [
            (OrderNews::Placed, "order_placed", json!({})),
            (OrderNews::PaymentFailed, "payment_failed", json!({})),
            (OrderNews::Confirmed, "order_confirmed", json!({})),
            (
                OrderNews::Shipped { carrier: text("Delhivery"), tracking: text("DL1") },
                "order_shipped",
                json!({ "carrier": "Delhivery", "tracking": "DL1" }),
            ),
            (OrderNews::Shipped { carrier: None, tracking: None }, "order_shipped", json!({})),
            (OrderNews::Delivered, "order_delivered", json!({})),
            (OrderNews::Cancelled { reason: text("Not paid") }, "order_cancelled", json!({ "reason": "Not paid" })),
            (OrderNews::Refunded { amount: rupees }, "order_refunded", json!({ "amount": rupees })),
        ] {
            let notice = Notice::order(user_id, news, told());
            let mut expected = json!({ "template": template, "user_id": user_id, "order": told() });
            for (name, value) in more.as_object().unwrap() {
                expected[name] = value.clone();
            }
            let data = serde_json::to_value(&notice).unwrap();
            assert_eq!(data, expected);
            assert_eq!(Notice::deserialize(&data).unwrap(), notice);
        }
    }

    #[test]
    fn a_template_nobody_knows_is_no_notice() {
        let order = serde_json::to_value(Notice::order(UserId::from_uuid(Uuid::nil()), OrderNews::Placed, told()));
        let unknown = |mut data: Value| {
            data["template"] = "order_eaten".into();
            Notice::deserialize(&data).is_err()
        };
        assert!(unknown(order.unwrap()) && unknown(json!({ "phone": "+919876543210" })));
    }
}
