//! E-mail by SMTP: a connection a message. A worker sleeps between batches, and a connection that was kept over that is
//! dead; and one whose command was broken off would answer the next message with what was meant for the last.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::ports::{Channel, Clock, Fault, Letter, Messages, Secret};
use lettre::transport::smtp::Error;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::mime::Sender;
use super::{PORT, no_way};
use crate::budget;
use crate::dependency::{Dependency, Depends};

/// A server that has not taken a message by then is slow enough to be left for later.
const PATIENCE: Duration = Duration::from_secs(10);

pub struct SmtpMessages {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Sender,
    dependency: Arc<Dependency>,
}

impl SmtpMessages {
    /// `url` is `smtps://user:password@host:465`, or `smtp://…?tls=required` for STARTTLS; `from` an address, or
    /// `BharatMart <shop@example.in>`. Nobody is called before the first message.
    pub fn new(url: &Secret, from: &str, clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        // The error of a URL would show it, and it holds a password.
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.reveal())
            .map_err(|_| Fault::broken(PORT, "the SMTP URL cannot be used"))?;
        let sender = Sender::new(from, clock)?;
        Ok(SmtpMessages {
            transport: builder.timeout(Some(PATIENCE)).build(),
            sender,
            dependency: Arc::new(Dependency::new("smtp", PORT)),
        })
    }
}

#[async_trait]
impl Messages for SmtpMessages {
    async fn send(&self, message: &Letter) -> Result<(), Fault> {
        if message.channel != Channel::Email {
            return Err(no_way(message.channel));
        }
        let mail = self.sender.mail(message)?;
        let limit = PATIENCE.min(budget::remaining());
        let unheard = |sent: &Result<_, Error>| sent.as_ref().is_err_and(|error| !answered(error));
        let sent = self.dependency.ask(limit, self.transport.send(mail), unheard).await?;
        sent.map(drop).map_err(|error| fault(&error))
    }

    fn sends(&self, channel: Channel) -> bool {
        channel == Channel::Email
    }
}

impl Depends for SmtpMessages {
    fn dependency(&self) -> &Arc<Dependency> {
        &self.dependency
    }
}

/// A server that says no, for now or for good, is there.
fn answered(error: &Error) -> bool {
    error.is_permanent() || error.is_transient() || error.is_client()
}

/// What the server refuses for good, it refuses again; all else may be over in a while.
fn fault(error: &Error) -> Fault {
    if error.is_permanent() || error.is_client() {
        return Fault::broken(PORT, error);
    }
    let cause = std::error::Error::source(error).map_or_else(String::new, |cause| format!(": {cause}"));
    Fault::away(PORT, format!("{error}{cause}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::system::System;

    /// A mail server that takes every message, or answers the recipient with `refusal`.
    struct Server {
        url: String,
        taken: Arc<Mutex<Vec<String>>>,
    }

    impl Server {
        async fn start(refusal: Option<&'static str>) -> Server {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("smtp://shop:s3cret@{}", listener.local_addr().unwrap());
            let taken: Arc<Mutex<Vec<String>>> = Arc::default();
            let server = Server { url, taken: taken.clone() };
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let taken = taken.clone();
                    tokio::spawn(async move { converse(stream, refusal, &taken).await.unwrap() });
                }
            });
            server
        }

        fn messages(&self) -> SmtpMessages {
            messages(&self.url)
        }

        fn taken(&self) -> Vec<String> {
            self.taken.lock().unwrap().clone()
        }
    }

    async fn converse(stream: TcpStream, refusal: Option<&str>, taken: &Mutex<Vec<String>>) -> std::io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 mail.example\r\n").await?;
        let mut envelope = String::new();
        while let Some(line) = lines.next_line().await? {
            let answer = match line.split([' ', ':']).next().unwrap_or_default() {
                "EHLO" => "250-mail.example\r\n250 AUTH PLAIN".to_owned(),
                // PLAIN with \0shop\0s3cret.
                "AUTH" if line == "AUTH PLAIN AHNob3AAczNjcmV0" => "235 welcome".to_owned(),
                "AUTH" => "535 who are you".to_owned(),
                "RCPT" if refusal.is_some() => refusal.unwrap_or_default().to_owned(),
                "MAIL" | "RCPT" => {
                    envelope.push_str(&format!("{line}\n"));
                    "250 ok".to_owned()
                }
                "DATA" => {
                    write.write_all(b"354 go on\r\n").await?;
                    let mut mail = std::mem::take(&mut envelope);
                    while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                        mail.push_str(&format!("{line}\n"));
                    }
                    taken.lock().unwrap().push(mail);
                    "250 taken".to_owned()
                }
                "QUIT" => "221 bye".to_owned(),
                _ => "502 what".to_owned(),
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }

    fn messages(url: &str) -> SmtpMessages {
        SmtpMessages::new(&Secret::new(url), "BharatMart <shop@bharatmart.example>", Arc::new(System)).unwrap()
    }

    fn message() -> Letter {
        Letter {
            id: "evt_0199".to_owned(),
            channel: Channel::Email,
            to: "asha@example.in".to_owned(),
            subject: "Confirm your e-mail address".to_owned(),
            text: "Open this link:\nhttps://shop.example/verify-email?token=abc".to_owned(),
            html: None,
        }
    }

    #[tokio::test]
    async fn a_message_arrives_as_it_was_written_and_a_repetition_under_the_same_id() {
        let server = Server::start(None).await;
        let messages = server.messages();
        messages.send(&message()).await.unwrap();
        messages.send(&message()).await.unwrap();
        let taken = server.taken();
        assert_eq!(taken.len(), 2);
        for mail in taken {
            for line in [
                "MAIL FROM:<shop@bharatmart.example>",
                "RCPT TO:<asha@example.in>",
                "From: BharatMart <shop@bharatmart.example>",
                "To: asha@example.in",
                "Subject: Confirm your e-mail address",
                "Message-ID: <evt_0199@bharatmart.example>",
                "X-Event-Id: evt_0199",
                "Auto-Submitted: auto-generated",
                "https://shop.example/verify-email?token=abc",
            ] {
                assert!(mail.lines().any(|found| found == line), "{line} is not in:\n{mail}");
            }
        }
    }

    #[tokio::test]
    async fn a_page_goes_beside_its_text_for_who_reads_no_pages() {
        let server = Server::start(None).await;
        let page = Letter { html: Some("<p>Open <b>this</b> link</p>".to_owned()), ..message() };
        server.messages().send(&page).await.unwrap();
        let taken = server.taken();
        let lines: Vec<_> = taken[0].lines().collect();
        let at = |wanted: &str| lines.iter().position(|line| line.starts_with(wanted)).expect(wanted);
        let kinds =
            [at("Content-Type: multipart/alternative"), at("Content-Type: text/plain"), at("Content-Type: text/html")];
        // The last is the one a reader of mail shows if it can.
        assert!(kinds.is_sorted(), "{lines:#?}");
        assert!(at("https://shop.example/verify-email?token=abc") < kinds[2]);
        assert!(at("<p>Open <b>this</b> link</p>") > kinds[2]);
    }

    #[tokio::test]
    async fn a_refusal_for_good_is_told_from_one_for_now() {
        let refused = |refusal| async move { Server::start(Some(refusal)).await.messages().send(&message()).await };
        assert!(matches!(refused("550 nobody here").await, Err(Fault::Broken { .. })));
        assert!(matches!(refused("451 come again").await, Err(Fault::Away { .. })));
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_or_says_nothing_is_away() {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = silent.local_addr().unwrap();
        let told = budget::within(Duration::from_millis(100), async {
            messages(&format!("smtp://{address}")).send(&message()).await
        });
        assert!(matches!(told.await, Err(Fault::Away { .. })));
        drop(silent);
        for scheme in ["smtp", "smtps"] {
            let told = messages(&format!("{scheme}://{address}")).send(&message()).await;
            assert!(matches!(told, Err(Fault::Away { .. })), "{told:?}");
        }
    }

    #[tokio::test]
    async fn it_sends_no_sms_and_shows_no_password() {
        let server = Server::start(None).await;
        let sms = Letter { channel: Channel::Sms, to: "+919876543210".to_owned(), ..message() };
        assert!(!server.messages().sends(Channel::Sms));
        assert!(server.messages().send(&sms).await.is_err());
        let broken = SmtpMessages::new(&Secret::new("imap://shop:s3cret@host"), "a@b.example", Arc::new(System));
        assert!(!broken.err().unwrap().to_string().contains("s3cret"));
    }
}
