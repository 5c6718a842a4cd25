//! The keys of one secret, so that one can be changed for another while what the former made is still about. What is
//! made with them is told elsewhere.

use crate::ports::Secret;

/// Lines, or a list with commas, newest first: the newest makes what is new, all know what was made before.
pub struct Keys {
    newest: Secret,
    former: Vec<Secret>,
}

impl Keys {
    /// `None` where there is none.
    pub fn parse(secret: &Secret) -> Option<Self> {
        let texts = secret.reveal().split(['\n', ',']).map(str::trim).filter(|text| !text.is_empty());
        let mut keys = texts.map(Secret::new);
        let newest = keys.next()?;
        Some(Keys { newest, former: keys.collect() })
    }

    pub fn newest(&self) -> &[u8] {
        self.newest.reveal().as_bytes()
    }

    /// Newest first.
    pub fn all(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(&self.newest).chain(&self.former).map(|key| key.reveal().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Vec<String>> {
        let keys = Keys::parse(&Secret::new(text))?;
        assert_eq!(keys.all().next(), Some(keys.newest()));
        Some(keys.all().map(|key| String::from_utf8(key.to_vec()).unwrap()).collect())
    }

    #[test]
    fn keys_are_lines_or_a_list_with_commas() {
        assert_eq!(read("new, old\nolder").unwrap(), ["new", "old", "older"]);
        assert_eq!(read(" the one \n").unwrap(), ["the one"]);
    }

    #[test]
    fn a_secret_of_nothing_is_no_key() {
        assert_eq!((read(""), read(" ,\n, ")), (None, None));
    }
}
