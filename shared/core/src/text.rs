//! Words with rules: a SKU, a slug, and text of a bounded length.

use serde::{Deserialize, Serialize};

use crate::check::Invalid;

macro_rules! word {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(inline)]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;
            fn try_from(text: String) -> Result<Self, Invalid> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> String {
                word.0
            }
        }
    };
}

pub(crate) use word;

word! {
    /// What the shop counts stock by. Upper case, so that one thing has one name.
    Sku
}

impl Sku {
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            return Ok(Sku(text.to_ascii_uppercase()));
        }
        Err(Invalid::new("invalid_sku", "must be 1 to 64 letters, digits, - _ or ."))
    }
}

word! {
    /// A name in an address: lower-case words joined by hyphens.
    Slug
}

impl Slug {
    const LONGEST: usize = 96;

    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let edges = !text.starts_with('-') && !text.ends_with('-');
        if (1..=Self::LONGEST).contains(&text.len()) && edges && text.bytes().all(allowed) {
            return Ok(Slug(text.to_owned()));
        }
        Err(Invalid::new("invalid_slug", "must be 1 to 96 of a-z, 0-9 and -, not at its ends"))
    }

    /// Made from a name. A name without one Latin letter or digit (हिन्दी) has no slug of its own: `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut slug = String::new();
        for c in name.chars().flat_map(char::to_lowercase) {
            if slug.len() >= Self::LONGEST - 16 {
                break;
            }
            match c {
                'a'..='z' | '0'..='9' => slug.push(c),
                '\'' | '’' => {}
                _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
                _ => {}
            }
        }
        let slug = slug.trim_end_matches('-');
        (!slug.is_empty()).then(|| Slug(slug.to_owned()))
    }

    pub fn with_suffix(&self, suffix: &str) -> Self {
        Slug(format!("{}-{suffix}", self.0))
    }
}

/// Text without control characters, trimmed, between `least` and `most` characters.
pub fn bounded(text: &str, least: usize, most: usize) -> Result<String, Invalid> {
    let text = text.trim();
    let count = text.chars().count();
    if count < least || count > most {
        return Err(Invalid::new("invalid_length", format!("must be {least} to {most} characters")));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Invalid::new("invalid_characters", "must not hold control characters"));
    }
    Ok(text.to_owned())
}

/// An https address, or a path of this shop. It is put into pages as it is, so nothing but a place can stand here.
pub fn web_address(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    let place = text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
    let path = text.starts_with('/') && !text.starts_with("//");
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '<' | '>' | '\\' | '`');
    if text.len() <= 2000 && (place || path) && text.chars().all(plain) {
        return Ok(text.to_owned());
    }
    Err(Invalid::new("invalid_url", "must be an https address, or a path of this shop"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_made_from_a_name() {
        let slug = |name| Slug::from_name(name).map(String::from);
        assert_eq!(slug("Aashirvaad Atta, 5 kg").as_deref(), Some("aashirvaad-atta-5-kg"));
        assert_eq!(slug("  --Levi’s  Jeans!! ").as_deref(), Some("levis-jeans"));
        assert_eq!(slug("आटा"), None);
    }

    #[test]
    fn a_sku_has_one_spelling() {
        assert_eq!(Sku::parse("atta-5kg").unwrap(), Sku::parse("ATTA-5KG").unwrap());
        assert!(Sku::parse("a b").is_err());
        assert!(Sku::parse("").is_err());
    }
}
