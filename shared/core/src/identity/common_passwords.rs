//! The passwords that are guessed first: a list, and what is made of it by the usual tricks.

use std::collections::BTreeSet;

/// Lower case, sorted, one a line.
static LIST: &str = include_str!("common_passwords.txt");
/// As many digits or signs as people hang on to a word to please a rule.
const TAIL: usize = 4;

pub fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    let kinds: BTreeSet<char> = lower.chars().collect();
    let plain = unmasked(&lower);
    kinds.len() < 4 || listed(&lower) || listed(without_tail(&lower)) || listed(&plain) || listed(without_tail(&plain))
}

fn listed(word: &str) -> bool {
    LIST.lines().any(|line| line == word)
}

fn without_tail(word: &str) -> &str {
    let tail = word.bytes().rev().take(TAIL).take_while(|b| b.is_ascii_digit() || b.is_ascii_punctuation()).count();
    &word[..word.len() - tail]
}

/// `p@ssw0rd` is `password`. The last four characters stay: there digits are digits.
fn unmasked(word: &str) -> String {
    let letter = |c| match c {
        '@' | '4' => 'a',
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '$' | '5' => 's',
        '7' => 't',
        c => c,
    };
    let head = word.chars().count().saturating_sub(TAIL);
    word.chars().enumerate().map(|(i, c)| if i < head { letter(c) } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_lower_case_and_of_words_that_would_else_be_long_enough() {
        let lines: Vec<_> = LIST.lines().collect();
        assert!(lines.len() >= 1_000, "{}", lines.len());
        assert!(lines.is_sorted_by(|a, b| a < b));
        assert!(lines.iter().all(|line| line.chars().count() >= 8 && line.to_lowercase() == *line));
    }

    #[test]
    fn a_common_password_is_known_however_it_is_dressed() {
        for dressed in ["password", "Password1!", "PASSWORD2024", "P@ssword", "p@ssw0rd", "qwertyuiop", "12345678"] {
            assert!(is_common(dressed), "{dressed}");
        }
        for own in ["aaaaaaaa", "abababab", "12121212", "आआआआआआआआ"] {
            assert!(is_common(own), "{own}");
        }
    }

    #[test]
    fn an_uncommon_password_is_let_through() {
        for own in ["correct-horse-battery", "kq7-vmex", "monsoon in Madurai", "दीपक-ज्योति-२०", "x9!Lm2#p"]
        {
            assert!(!is_common(own), "{own}");
        }
    }
}
