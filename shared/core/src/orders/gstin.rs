//! The number a business is taxed under: its state's code, its PAN, and a check character.

use crate::check::Invalid;

const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// As it is written on an invoice: upper case, without blanks.
pub fn parse(text: &str) -> Result<String, Invalid> {
    let gstin: String = text.chars().filter(|c| *c != ' ').take(16).collect::<String>().to_ascii_uppercase();
    let wrong = || Invalid::new("invalid_gstin", "must be a GSTIN of 15 characters, with the right last one");
    let bytes = gstin.as_bytes();
    let digit = |at: usize| bytes[at].is_ascii_digit();
    let letter = |at: usize| bytes[at].is_ascii_uppercase();
    let shaped = bytes.len() == 15
        && (0..2).chain(7..11).all(digit)
        && (2..7).all(letter)
        && letter(11)
        && bytes[12].is_ascii_alphanumeric()
        && bytes[12] != b'0'
        && bytes[13] == b'Z';
    if shaped && check_character(&bytes[..14]) == Some(bytes[14]) { Ok(gstin) } else { Err(wrong()) }
}

/// Each character counts once and twice in turn; the digits of each product are summed.
fn check_character(of: &[u8]) -> Option<u8> {
    let mut sum = 0;
    for (nth, byte) in of.iter().enumerate() {
        let value = DIGITS.iter().position(|digit| digit == byte)? * (nth % 2 + 1);
        sum += value / 36 + value % 36;
    }
    Some(DIGITS[(36 - sum % 36) % 36])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gstin_holds_by_its_last_character() {
        // The example of the tax office's own guide.
        assert_eq!(parse("27AAPFU0939F1ZV").unwrap(), "27AAPFU0939F1ZV");
        assert_eq!(parse("27 aapfu0939f 1zv").unwrap(), "27AAPFU0939F1ZV");
        for wrong in ["", "27AAPFU0939F1ZW", "27AAPFU0939F0ZV", "2AAPFU0939F1ZV", "27AAPFU0939F1ZVX", "२७AAPFU0939F1ZV"]
        {
            assert_eq!(parse(wrong).unwrap_err().code, "invalid_gstin", "{wrong}");
        }
    }
}
