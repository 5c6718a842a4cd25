//! Ids carry a prefix that says what they name, and a UUIDv7 that sorts by the time it was made.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::check::Invalid;
use crate::ports::Ids;
use crate::time::Timestamp;

macro_rules! prefixed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            pub fn new(ids: &dyn Ids) -> Self {
                Self(ids.uuid())
            }

            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            pub const fn uuid(&self) -> Uuid {
                self.0
            }

            /// The least id that can have been made at this moment: whatever was made before it has a lesser one.
            pub fn first_of(moment: Timestamp) -> Self {
                let millis = u128::try_from(moment.millis()).unwrap_or(0) & ((1 << 48) - 1);
                // Version 7 and the variant stand among the random bits.
                Self(Uuid::from_u128((millis << 80) | (7 << 76) | (2 << 62)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $prefix, self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = Invalid;
            fn from_str(text: &str) -> Result<Self, Invalid> {
                text.strip_prefix($prefix)
                    .filter(|rest| rest.len() == 32 && !rest.bytes().any(|b| b.is_ascii_uppercase()))
                    .and_then(|rest| Uuid::try_parse(rest).ok())
                    .map(Self)
                    .ok_or_else(|| Invalid::new("invalid_id", concat!("must be an id that begins with ", $prefix)))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": concat!("^", $prefix, "[0-9a-f]{32}$") })
            }
        }
    };
}

prefixed_id!(ProductId, "prd_");
prefixed_id!(CategoryId, "cat_");
prefixed_id!(EventId, "evt_");
prefixed_id!(UserId, "usr_");
prefixed_id!(SessionId, "ses_");
prefixed_id!(AddressId, "adr_");
prefixed_id!(AuditId, "aud_");
prefixed_id!(CartId, "crt_");
prefixed_id!(BannerId, "bnr_");
prefixed_id!(ReservationId, "rsv_");
prefixed_id!(OrderId, "ord_");
prefixed_id!(PaymentId, "pay_");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_another_kind_is_refused() {
        let id = ProductId::from_uuid(Uuid::from_u128(7));
        assert_eq!(id.to_string().parse::<ProductId>().unwrap(), id);
        assert!(id.to_string().parse::<CategoryId>().is_err());
        assert!("prd_7".parse::<ProductId>().is_err());
    }

    #[test]
    fn the_first_id_of_a_moment_parts_what_came_before_from_what_came_after() {
        let at = |millis| Timestamp::from_millis(millis);
        let made_at = |millis: u64, random: u128| {
            let uuid =
                uuid::Builder::from_unix_timestamp_millis(millis, &random.to_be_bytes()[..10].try_into().unwrap());
            ReservationId::from_uuid(uuid.into_uuid())
        };
        let bound = ReservationId::first_of(at(1_790_000_000_123)).to_string();
        assert!(made_at(1_790_000_000_122, u128::MAX).to_string() < bound);
        assert_eq!(made_at(1_790_000_000_123, 0).to_string(), bound);
        assert!(made_at(1_790_000_000_123, 1 << 100).to_string() > bound);
        assert_eq!(ReservationId::first_of(at(-1)), ReservationId::first_of(at(0)));
    }
}
