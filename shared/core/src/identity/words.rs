//! Words with rules: an e-mail address, a phone number, a person's name, a name for a device.

use serde::{Deserialize, Serialize};

use crate::check::Invalid;
use crate::text::{bounded, word};

word! {
    /// Lower case, so that one mailbox has one name. Whether it is somebody's is shown by a code sent there.
    Email
}

impl Email {
    /// What SMTP can carry.
    const LONGEST: usize = 254;

    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let refused = || Invalid::new("invalid_email", "must be an e-mail address like asha@example.in");
        let text = text.trim();
        if text.len() > Self::LONGEST {
            return Err(refused());
        }
        let email = text.to_lowercase();
        let (local, domain) = email.split_once('@').ok_or_else(refused)?;
        if email.len() <= Self::LONGEST && is_local(local) && is_domain(domain) {
            return Ok(Email(email));
        }
        Err(refused())
    }
}

fn is_local(local: &str) -> bool {
    let sign = |c: char| "!#$%&'*+-/=?^_`{|}~".contains(c);
    let word = |word: &str| !word.is_empty() && word.chars().all(|c| is_letter(c) || sign(c));
    (1..=64).contains(&local.len()) && local.split('.').all(word)
}

/// Two labels at least: mail to `localhost` is nobody's. A last label of digits would be an IP address.
fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        let edges = !label.starts_with('-') && !label.ends_with('-');
        (1..=63).contains(&label.len()) && edges && label.chars().all(|c| is_letter(c) || c == '-')
    };
    let last = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.') && domain.split('.').all(label) && !last.bytes().all(|b| b.is_ascii_digit())
}

/// Letters and digits of every script. Beyond ASCII all that can be seen is let through, for scripts write vowels and
/// joins with signs that are no letters.
fn is_letter(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { !c.is_whitespace() && !is_unseen(c) }
}

/// Controls, and what turns or hides the text around it, so that one name can pass for another. The two joiners of
/// Indian scripts (U+200C, U+200D) are none of these.
fn is_unseen(c: char) -> bool {
    let hidden = matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}');
    let turning = matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff0}'..='\u{fffb}');
    c.is_control() || hidden || turning
}

word! {
    /// An Indian mobile number: `+91`, a digit from 6 to 9, and nine more.
    Phone
}

impl Phone {
    /// Spaces and hyphens between the digits are left out.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let phone: String = text.trim().chars().filter(|c| !matches!(c, ' ' | '-')).take(14).collect();
        let digits = phone.strip_prefix("+91").unwrap_or_default();
        if digits.len() == 10 && digits.bytes().all(|b| b.is_ascii_digit()) && digits.as_bytes()[0] >= b'6' {
            return Ok(Phone(phone));
        }
        Err(Invalid::new("invalid_phone", "must be an Indian mobile number like +919876543210"))
    }
}

word! {
    /// What somebody is called, as they write it.
    PersonName
}

impl PersonName {
    /// It stands in messages the shop sends: so it holds no link, no markup, and nothing that hides.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let name = bounded(text, 1, 100)?;
        if name.contains("://") || name.chars().any(|c| is_unseen(c) || matches!(c, '<' | '>')) {
            return Err(Invalid::new("invalid_characters", "must be a name, without links or markup"));
        }
        Ok(PersonName(name))
    }
}

word! {
    /// What its owner calls a device a session is on.
    DeviceName
}

impl DeviceName {
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let name = bounded(text, 1, 100)?;
        if name.chars().any(is_unseen) {
            return Err(Invalid::new("invalid_characters", "must not hold control characters"));
        }
        Ok(DeviceName(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_address_has_one_spelling() {
        assert_eq!(Email::parse(" Asha.Rao@Example.IN ").unwrap().as_str(), "asha.rao@example.in");
    }

    #[test]
    fn addresses_that_mail_can_reach_are_taken_in_every_script() {
        for good in ["a@b.co", "o'neil+shop@sub.example.com", "आशा@उदाहरण.भारत", "user@xn--p1b6ci4b4b3a.xn--h2brj9c"]
        {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn what_is_no_email_address_is_refused() {
        let long = format!("{}@example.in", "a".repeat(65));
        let longer = format!("a@{}.in", "a.".repeat(126));
        let wrong = [
            "",
            "@",
            "a@",
            "@b.in",
            "a@b",
            "a@@b.in",
            "a@b@c.in",
            "a b@c.in",
            "a@b .in",
            ".a@b.in",
            "a.@b.in",
            "a..b@c.in",
            "a@-b.in",
            "a@b-.in",
            "a@b..in",
            "a@127.0.0.1",
            "a@b.in\r\nBcc: all@c.in",
            "<a@b.in>",
            "\"a\"@b.in",
            "a,b@c.in",
            "a\u{202e}b@c.in",
            "a\u{200b}@c.in",
            "a@b.in\0",
            &long,
            &longer,
        ];
        for wrong in wrong {
            assert_eq!(Email::parse(wrong).unwrap_err().code, "invalid_email", "{wrong:?}");
        }
    }

    #[test]
    fn a_phone_is_an_indian_mobile_number_with_its_country() {
        assert_eq!(Phone::parse("+91 98765-43210").unwrap().as_str(), "+919876543210");
        let wrong = [
            "",
            "9876543210",
            "09876543210",
            "919876543210",
            "+915876543210",
            "+91987654321",
            "+9198765432101",
            "+1 2025550123",
            "+91987654321a",
            "+91९८७६५४३२१०",
            "++919876543210",
            "+91(98765)43210",
        ];
        for wrong in wrong {
            assert_eq!(Phone::parse(wrong).unwrap_err().code, "invalid_phone", "{wrong:?}");
        }
    }

    #[test]
    fn a_name_carries_no_message_of_its_own() {
        for good in ["आशा राव", "O’Neil", "Ravi Kumar s/o Gopal", "X Æ A-12"] {
            assert_eq!(PersonName::parse(good).unwrap().as_str(), good);
        }
        for wrong in ["", "   ", "win at https://bad.example", "<b>Asha</b>", "Asha\nBcc: all", "Asha\u{202e}"] {
            assert!(PersonName::parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(PersonName::parse(&"a".repeat(101)).is_err());
    }
}
