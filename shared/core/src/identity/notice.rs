//! What somebody is to be written about: the data of `notification.requested.v1`. No secret is in it: what sends the
//! message makes the code, so that asking for one takes the same time whether there is an account or not.

use serde::{Deserialize, Serialize};

use crate::event::{Event, EventKind};
use crate::ids::UserId;
use crate::ports::{Clock, Ids};
use crate::tenant::Tenant;
use crate::text::Sku;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
}

impl Notice {
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
        };
        // A plain enum of texts always is JSON.
        let data = serde_json::to_value(self).unwrap_or_default();
        Event::new(EventKind::NotificationRequested, tenant, subject, data, clock, ids)
    }

    pub fn read(event: &Event) -> Result<Self, serde_json::Error> {
        Notice::deserialize(&event.data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

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
}
