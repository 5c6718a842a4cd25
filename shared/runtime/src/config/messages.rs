//! How messages reach customers.

use bharatmart_core::ports::{Channel, Secret};

use super::AppEnv;
use super::reader::Reader;

#[derive(Clone, Debug)]
pub struct MessageSettings {
    pub mail: MailKind,
    pub sms: SmsKind,
}

#[derive(Clone, Debug)]
pub enum MailKind {
    /// Blobs that `/_local` shows.
    Files,
    /// Without a URL here it is the secret `smtp-url`.
    Smtp { url: Option<Secret>, from: String },
    /// By the keys of the function's role.
    Ses { from: String },
}

#[derive(Clone, Copy, PartialEq)]
enum MailType {
    Files,
    Smtp,
    Ses,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsKind {
    Files,
    None,
}

impl MessageSettings {
    /// Whether anything is sent this way here.
    pub fn sends(&self, channel: Channel) -> bool {
        match channel {
            Channel::Email => true,
            Channel::Sms => self.sms == SmsKind::Files,
        }
    }
}

pub(super) fn read(read: &mut Reader, app_env: AppEnv) -> MessageSettings {
    const MAIL: &[(&str, MailType)] = &[("files", MailType::Files), ("smtp", MailType::Smtp), ("ses", MailType::Ses)];
    const SMS: &[(&str, SmsKind)] = &[("files", SmsKind::Files), ("none", SmsKind::None)];
    let mail_type = read.choice("MAIL_TYPE", MAIL, MailType::Files);
    let url = read.url("SMTP_URL", &["smtp", "smtps"]);
    if !app_env.is_private() && url.as_deref().is_some_and(|url| !is_sealed(url)) {
        read.wrong("SMTP_URL", "must be smtps://, or smtp://…?tls=required: a mail holds a secret");
    }
    let from = read.optional("MAIL_FROM");
    let mut from = |why| from.clone().unwrap_or_else(|| read.missing("MAIL_FROM", why));
    let mail = match mail_type {
        MailType::Files => MailKind::Files,
        MailType::Smtp => MailKind::Smtp { url: url.map(Secret::new), from: from("MAIL_TYPE is smtp") },
        MailType::Ses => MailKind::Ses { from: from("MAIL_TYPE is ses") },
    };
    let here = if app_env.is_private() { SmsKind::Files } else { SmsKind::None };
    let sms = read.choice("SMS_TYPE", SMS, here);
    if app_env == AppEnv::Production {
        // Whoever reads the files would be let in to every account.
        if mail_type == MailType::Files {
            read.wrong("MAIL_TYPE", "must be ses or smtp in production");
        }
        if sms == SmsKind::Files {
            read.wrong("SMS_TYPE", "must not be files in production");
        }
    }
    MessageSettings { mail, sms }
}

/// To this machine a mail may go in the clear.
fn is_sealed(url: &str) -> bool {
    let place = url.split_once("://").map_or(url, |(_, rest)| rest);
    let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
    let here = ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|host| place.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/', '?'])));
    here || url.starts_with("smtps://") || url.contains("tls=required")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Result<MessageSettings, String> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut reader = Reader::new(variables.collect());
        let app_env = match reader.text("APP_ENV", "development").as_str() {
            "production" => AppEnv::Production,
            "staging" => AppEnv::Staging,
            _ => AppEnv::Development,
        };
        let settings = read(&mut reader, app_env);
        reader.finish(settings).map_err(|mistakes| mistakes.to_string())
    }

    #[test]
    fn production_keeps_no_message_where_it_can_be_read() {
        let text = settings(&[("APP_ENV", "production"), ("SMS_TYPE", "files")]).unwrap_err();
        assert!(
            text.contains("MAIL_TYPE: must be ses or smtp") && text.contains("SMS_TYPE: must not be files"),
            "{text}"
        );
        for kind in ["smtp", "ses"] {
            let from = ("MAIL_FROM", "shop@bharatmart.example");
            let settings = settings(&[("APP_ENV", "production"), ("MAIL_TYPE", kind), from]).unwrap();
            assert!(settings.sends(Channel::Email) && !settings.sends(Channel::Sms));
        }
    }

    #[test]
    fn whoever_sends_mail_says_who_it_is_from() {
        for kind in ["smtp", "ses"] {
            let text = settings(&[("MAIL_TYPE", kind)]).unwrap_err();
            assert!(text.contains("MAIL_FROM") && text.contains(kind), "{text}");
        }
    }

    #[test]
    fn outside_of_this_machine_a_mail_travels_sealed() {
        let to = |url| settings(&[("APP_ENV", "staging"), ("SMTP_URL", url)]);
        for url in ["smtps://u:p@mail.example:465", "smtp://mail.example?tls=required", "smtp://localhost:25"] {
            assert!(to(url).is_ok(), "{url}");
        }
        for url in ["smtp://u:secret@mail.example:25", "smtp://localhost.example", "smtp://localhost@mail.example"] {
            let text = to(url).unwrap_err();
            assert!(text.contains("SMTP_URL: must be smtps") && !text.contains("secret@"), "{text}");
        }
    }

    #[test]
    fn on_a_developers_machine_every_message_is_a_file() {
        let settings = settings(&[]).unwrap();
        assert!(matches!(settings.mail, MailKind::Files));
        assert!(settings.sends(Channel::Email) && settings.sends(Channel::Sms));
    }
}
