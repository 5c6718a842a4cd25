//! E-mail by SES, as the very bytes SMTP would carry.

use std::sync::Arc;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::error::ProvideErrorMetadata;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{Destination, EmailContent, RawMessage};
use bharatmart_core::ports::{Channel, Clock, Fault, Letter, Messages};

use super::mime::Sender;
use super::{PORT, no_way};
use crate::aws::{Failed, call};
use crate::dependency::{Dependency, Depends};

/// What is wrong with the account and not with the message: somebody sees to it, and the message goes then.
const PASSING: &[&str] = &[
    "AccountSuspendedException",
    "LimitExceededException",
    "MailFromDomainNotVerifiedException",
    "SendingPausedException",
];

pub struct SesMessages {
    client: Client,
    sender: Sender,
    dependency: Arc<Dependency>,
}

impl SesMessages {
    /// `from` is an address that SES knows to be the shop's, or `BharatMart <shop@example.in>`. Nobody is called before
    /// the first message.
    pub fn new(config: &SdkConfig, from: &str, clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        let (client, sender) = (Client::new(config), Sender::new(from, clock)?);
        Ok(SesMessages { client, sender, dependency: Arc::new(Dependency::new("ses", PORT)) })
    }
}

#[async_trait]
impl Messages for SesMessages {
    async fn send(&self, message: &Letter) -> Result<(), Fault> {
        if message.channel != Channel::Email {
            return Err(no_way(message.channel));
        }
        let mail = self.sender.mail(message)?.formatted();
        let raw = RawMessage::builder().data(Blob::new(mail)).build().map_err(|error| Fault::broken(PORT, error))?;
        let content = EmailContent::builder().raw(raw).build();
        let to = Destination::builder().to_addresses(&message.to).build();
        // A repetition of one whose answer was lost may arrive twice, as the port allows.
        let send = || self.client.send_email().destination(to.clone()).content(content.clone()).send();
        match call(&self.dependency, send).await {
            Ok(_) => Ok(()),
            Err(Failed::Told(error, _)) if error.code().is_some_and(|code| PASSING.contains(&code)) => {
                Err(Fault::away(PORT, error))
            }
            Err(failed) => Err(failed.into_fault(PORT)),
        }
    }

    fn sends(&self, channel: Channel) -> bool {
        channel == Channel::Email
    }
}

impl Depends for SesMessages {
    fn dependency(&self) -> &Arc<Dependency> {
        &self.dependency
    }
}
