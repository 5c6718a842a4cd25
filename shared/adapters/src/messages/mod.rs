//! Messages to customers: by SES, by SMTP, or as blobs that a person or a test can read.

mod blobs;
#[cfg(any(feature = "ses", feature = "smtp"))]
mod mime;
#[cfg(feature = "ses")]
mod ses;
#[cfg(feature = "smtp")]
mod smtp;

use std::sync::Arc;

use async_trait::async_trait;
use bharatmart_core::ports::{Channel, Fault, Letter, Messages};

pub use blobs::{BlobMessages, Kept, Looked, kept};
#[cfg(feature = "ses")]
pub use ses::SesMessages;
#[cfg(feature = "smtp")]
pub use smtp::SmtpMessages;

const PORT: &str = "messages";

/// Each channel by its own way, or by none.
pub struct ByChannel {
    pub email: Option<Arc<dyn Messages>>,
    pub sms: Option<Arc<dyn Messages>>,
}

impl ByChannel {
    fn way(&self, channel: Channel) -> Option<&Arc<dyn Messages>> {
        match channel {
            Channel::Email => self.email.as_ref(),
            Channel::Sms => self.sms.as_ref(),
        }
    }
}

#[async_trait]
impl Messages for ByChannel {
    async fn send(&self, message: &Letter) -> Result<(), Fault> {
        match self.way(message.channel) {
            Some(way) => way.send(message).await,
            None => Err(no_way(message.channel)),
        }
    }

    fn sends(&self, channel: Channel) -> bool {
        self.way(channel).is_some_and(|way| way.sends(channel))
    }
}

fn no_way(channel: Channel) -> Fault {
    Fault::broken(PORT, format!("nothing sends {channel:?} here"))
}
