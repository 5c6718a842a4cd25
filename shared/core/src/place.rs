//! Where in India: PIN codes, and the states as GST knows them. What is brought where, and taxed how, is decided elsewhere.

mod zones;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use zones::Zone;

use crate::check::Invalid;
use crate::text::word;

word! {
    /// Six digits, the first of them the postal zone: 1 to 9, and 9 is the army's.
    PinCode
}

impl PinCode {
    /// People write `560 001` as well as `560001`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let digits: String = text.trim().chars().filter(|c| *c != ' ').take(7).collect();
        if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0') {
            return Ok(PinCode(digits));
        }
        Err(Invalid::new("invalid_pincode", "must be a PIN code of 6 digits, the first not 0"))
    }
}

/// A state or union territory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct State(u8);

/// GST's code, the name, and other names it goes by.
static STATES: [(u8, &str, &[&str]); 36] = [
    (1, "Jammu and Kashmir", &[]),
    (2, "Himachal Pradesh", &[]),
    (3, "Punjab", &[]),
    (4, "Chandigarh", &[]),
    (5, "Uttarakhand", &["uttaranchal"]),
    (6, "Haryana", &[]),
    (7, "Delhi", &["new delhi", "nct of delhi"]),
    (8, "Rajasthan", &[]),
    (9, "Uttar Pradesh", &[]),
    (10, "Bihar", &[]),
    (11, "Sikkim", &[]),
    (12, "Arunachal Pradesh", &[]),
    (13, "Nagaland", &[]),
    (14, "Manipur", &[]),
    (15, "Mizoram", &[]),
    (16, "Tripura", &[]),
    (17, "Meghalaya", &[]),
    (18, "Assam", &[]),
    (19, "West Bengal", &[]),
    (20, "Jharkhand", &[]),
    (21, "Odisha", &["orissa"]),
    (22, "Chhattisgarh", &["chattisgarh"]),
    (23, "Madhya Pradesh", &[]),
    (24, "Gujarat", &[]),
    (26, "Dadra and Nagar Haveli and Daman and Diu", &["dadra and nagar haveli", "daman and diu"]),
    (27, "Maharashtra", &[]),
    (29, "Karnataka", &[]),
    (30, "Goa", &[]),
    (31, "Lakshadweep", &[]),
    (32, "Kerala", &[]),
    (33, "Tamil Nadu", &["tamilnadu"]),
    (34, "Puducherry", &["pondicherry"]),
    (35, "Andaman and Nicobar Islands", &["andaman and nicobar"]),
    (36, "Telangana", &[]),
    (37, "Andhra Pradesh", &[]),
    (38, "Ladakh", &[]),
];

/// Where the shop is, unless its settings say otherwise.
impl Default for State {
    fn default() -> Self {
        State(29)
    }
}

impl State {
    /// By its name, in any case, with `&` or `and`.
    pub fn parse(name: &str) -> Result<Self, Invalid> {
        // The longest name has 40 letters; no need to copy more of what cannot be one.
        let head: String = name.chars().take(80).collect();
        let wanted = head.replace('&', " and ").to_lowercase();
        let wanted = wanted.split_whitespace().collect::<Vec<_>>().join(" ");
        let known = |name: &str, others: &[&str]| name.eq_ignore_ascii_case(&wanted) || others.contains(&&*wanted);
        STATES
            .iter()
            .find(|(_, name, others)| known(name, others))
            .map(|(code, ..)| State(*code))
            .ok_or_else(|| Invalid::new("unknown_state", "must be the name of a state or union territory of India"))
    }

    pub fn all() -> impl Iterator<Item = State> {
        STATES.iter().map(|(code, ..)| State(*code))
    }

    pub fn name(self) -> &'static str {
        STATES.iter().find(|(code, ..)| *code == self.0).map_or("", |(_, name, _)| name)
    }

    /// The two digits a GSTIN begins with.
    pub fn gst_code(self) -> String {
        format!("{:02}", self.0)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl TryFrom<String> for State {
    type Error = Invalid;
    fn try_from(name: String) -> Result<Self, Invalid> {
        Self::parse(&name)
    }
}

impl From<State> for String {
    fn from(state: State) -> String {
        state.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_code_is_six_digits_and_does_not_begin_with_nought() {
        assert_eq!(PinCode::parse(" 560 001 ").unwrap().as_str(), "560001");
        for wrong in ["", "060001", "56001", "5600011", "56000a", "५६०००१", "56-0001", &"1".repeat(1_000_000)]
        {
            assert_eq!(PinCode::parse(wrong).unwrap_err().code, "invalid_pincode", "{}", wrong.len());
        }
    }

    #[test]
    fn a_state_is_found_by_any_spelling_of_its_name_and_shown_by_one() {
        for state in State::all() {
            for spelling in [state.name().to_uppercase(), state.name().to_lowercase().replace(" and ", " & ")] {
                assert_eq!(State::parse(&spelling).unwrap(), state);
            }
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
        assert_eq!(State::parse(" Orissa ").unwrap().name(), "Odisha");
        assert_eq!(State::parse("Bavaria").unwrap_err().code, "unknown_state");
        assert!(State::parse("").is_err());
    }

    #[test]
    fn india_has_28_states_and_8_union_territories_each_with_a_code_of_its_own() {
        let codes: std::collections::BTreeSet<_> = State::all().map(State::gst_code).collect();
        assert_eq!(codes.len(), 36);
        assert_eq!(State::parse("karnataka").unwrap().gst_code(), "29");
        assert_eq!(State::parse("Delhi").unwrap().gst_code(), "07");
    }
}
