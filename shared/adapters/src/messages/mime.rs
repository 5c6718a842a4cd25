//! A letter as mail: headers and body, the same whoever carries it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bharatmart_core::ports::{Clock, Fault, Letter};
use lettre::Address;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};

use super::PORT;

/// Whom mail is from, and when.
pub struct Sender {
    from: Mailbox,
    clock: Arc<dyn Clock>,
}

impl Sender {
    /// `from` is an address, or `BharatMart <shop@example.in>`.
    pub fn new(from: &str, clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        let from = from.parse().map_err(|error| Fault::broken(PORT, format!("{from:?} sends no mail: {error}")))?;
        Ok(Sender { from, clock })
    }

    pub fn mail(&self, letter: &Letter) -> Result<Message, Fault> {
        let to: Address = letter.to.parse().map_err(unwritable)?;
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(self.clock.now().millis().max(0) as u64);
        let header = |name, value: &str| HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned());
        let mail = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject.as_str())
            .message_id(Some(format!("<{}@{}>", letter.id, self.from.email.domain())))
            // SES puts a Message-ID of its own in the place of ours.
            .raw_header(header("X-Event-Id", &letter.id))
            .date(at)
            // Nobody's out-of-office need answer it.
            .raw_header(header("Auto-Submitted", "auto-generated"));
        let text = letter.text.clone();
        match &letter.html {
            None => mail.singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(text)),
            Some(html) => mail.multipart(MultiPart::alternative_plain_html(text, html.clone())),
        }
        .map_err(unwritable)
    }
}

fn unwritable(error: impl std::fmt::Display) -> Fault {
    Fault::broken(PORT, error)
}
