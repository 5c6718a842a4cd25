//! What the shop is: its types, rules and use cases, and the ports it needs.
//! No I/O, no clock and no randomness of its own; no AWS, SQL or HTTP.

pub mod access;
pub mod bench;
pub mod cart;
pub mod catalog;
pub mod changes;
pub mod check;
pub mod cursor;
pub mod delivery;
pub mod event;
pub mod figures;
pub mod flags;
pub mod hand;
pub mod identity;
pub mod ids;
pub mod inventory;
pub mod money;
pub mod notice;
pub mod once;
pub mod orders;
pub mod outbox;
pub mod payments;
pub mod place;
pub mod ports;
pub mod pricing;
pub mod queues;
pub mod record;
pub mod tenant;
pub mod text;
pub mod time;

pub use access::{Permission, Role};
pub use bench::Bench;
pub use changes::{Changes, Expect, Refusal, Write};
pub use check::{Check, FieldError, Invalid};
pub use cursor::{Cursor, CursorKey, PageSize};
pub use event::{Event, EventKind};
pub use hand::Hand;
pub use ids::{
    AddressId, AuditId, BannerId, CartId, CategoryId, EventId, OrderId, PaymentId, ProductId, ReservationId, SessionId,
    UserId,
};
pub use money::{Money, Paise};
pub use notice::Notice;
pub use place::{PinCode, State};
pub use record::{Kind, Record, RecordKey};
pub use tenant::Tenant;
pub use text::{Sku, Slug};
pub use time::Timestamp;
