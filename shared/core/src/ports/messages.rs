//! Messages to a customer: e-mail and SMS.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::Fault;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Email,
    Sms,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Of the event that caused it: a repetition carries the same.
    pub id: String,
    pub channel: Channel,
    /// An e-mail address, or a phone number with its country.
    pub to: String,
    /// Empty for an SMS.
    pub subject: String,
    pub text: String,
    /// The same, for who reads mail as pages; never the only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
}

#[async_trait]
pub trait Messages: Send + Sync {
    /// MUST have handed the message on when it answers Ok. A message of one id MAY be sent again, and where the
    /// channel can tell (a file, a Message-ID), it is the same one.
    async fn send(&self, message: &Message) -> Result<(), Fault>;

    /// Whether anything can be sent this way here.
    fn sends(&self, channel: Channel) -> bool;
}
