//! How a word sounds, roughly: what is left of its spelling when it does not matter whether somebody writes "atta",
//! "aata" or "आटा". Kept in fields of their own, so that what is written as it was typed comes first. English words go
//! through the same rules; since index and query do alike, it is no harm that their sounds are odd.

use super::devanagari;

/// Of the word and what it may become in Latin letters: one for most, two where a Devanagari word can be read in two
/// ways.
pub(super) fn sounds(word: &str) -> Vec<String> {
    if word.is_ascii() {
        return vec![sound(word)];
    }
    let mut sounds: Vec<_> = devanagari::readings(word).iter().map(|latin| sound(latin)).collect();
    sounds.dedup();
    match sounds.is_empty() {
        // A script whose sounds nobody has written down here.
        true => vec![word.to_owned()],
        false => sounds,
    }
}

/// Longer beginnings first.
const LETTERS: [(&str, &str); 26] = [
    ("chh", "c"),
    ("ksh", "ks"),
    ("ch", "c"),
    ("sh", "s"),
    ("ph", "f"),
    ("th", "t"),
    ("dh", "d"),
    ("kh", "k"),
    ("gh", "g"),
    ("jh", "j"),
    ("bh", "b"),
    ("ck", "k"),
    ("x", "ks"),
    ("q", "k"),
    ("w", "v"),
    ("z", "j"),
    ("aa", "a"),
    ("ee", "i"),
    ("ii", "i"),
    ("ie", "i"),
    ("oo", "u"),
    ("uu", "u"),
    ("ou", "u"),
    ("au", "o"),
    ("iy", "y"),
    ("ao", "av"),
];

fn sound(word: &str) -> String {
    let mut rest = singular(word);
    let mut sound = String::with_capacity(rest.len());
    while let Some(first) = rest.chars().next() {
        let (taken, said) = match LETTERS.iter().find(|(letters, _)| rest.starts_with(letters)) {
            Some((letters, said)) => (letters.len(), *said),
            None if first == 'c' => (1, if rest[1..].starts_with(['e', 'i', 'y']) { "s" } else { "k" }),
            None if first == 'n' && rest[1..].starts_with(['b', 'p']) => (1, "m"),
            None => (first.len_utf8(), &rest[..first.len_utf8()]),
        };
        for letter in said.chars() {
            if !sound.ends_with(letter) || letter.is_ascii_digit() {
                sound.push(letter);
            }
        }
        rest = &rest[taken..];
    }
    end(&mut sound);
    sound
}

/// Ends that come and go: "rajmah", "chane", "mehndy", "chay".
fn end(sound: &mut String) {
    let letters = sound.len();
    let before_last = sound.bytes().rev().nth(1);
    match sound.bytes().last() {
        Some(b'h') if letters > 3 => drop(sound.pop()),
        Some(b'y') if letters > 2 => {
            sound.pop();
            if !sound.ends_with('i') {
                sound.push('i');
            }
        }
        Some(b'e') if letters > 3 && before_last.is_some_and(|letter| !is_vowel(letter)) => {
            sound.pop();
            sound.push('a');
        }
        _ => {}
    }
}

fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u')
}

fn singular(word: &str) -> &str {
    if word.len() < 4 || !word.ends_with('s') || word.ends_with("ss") || word.ends_with("us") {
        return word;
    }
    let long = ["ches", "shes", "xes", "sses"].iter().any(|end| word.ends_with(end));
    &word[..word.len() - if long { 2 } else { 1 }]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether any two of these can be told apart by their sound.
    fn all_alike(words: &[&str]) -> bool {
        words.iter().all(|word| sounds(word).iter().any(|sound| sounds(words[0]).contains(sound)))
    }

    #[test]
    fn one_word_has_one_sound_however_it_is_spelt() {
        for words in [
            &["atta", "aata", "ata", "आटा"][..],
            &["ghee", "ghi", "gee", "घी"],
            &["chawal", "chaval", "chaawal", "चावल"],
            &["haldi", "haldee", "हल्दी"],
            &["chai", "chay", "चाय"],
            &["dal", "daal", "dhal", "दाल"],
            &["basmati", "basmatee", "baasmati", "बासमती"],
            &["kapda", "kapde", "कपडा"],
            &["paneer", "panir", "पनीर"],
            &["rajma", "rajmah", "राजमा"],
            &["kadhai", "kadai"],
            &["sabzi", "sabji", "सब्जी"],
            &["masala", "masaala", "मसाला"],
            &["sari", "saree", "sarees"],
            &["biryani", "biriyani"],
            &["jhadu", "jhadoo", "झाडू"],
            &["puja", "pooja", "पूजा"],
            &["namak", "नमक"],
            &["chamakdar", "चमकदार"],
            &["box", "boxes"],
            &["lipstick", "lipstik"],
        ] {
            assert!(all_alike(words), "{words:?}: {:?}", words.iter().map(|word| sounds(word)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn other_words_sound_otherwise() {
        for (one, other) in [("dal", "dil"), ("tel", "tal"), ("atta", "adda"), ("rice", "rise2"), ("500", "50")] {
            assert!(!all_alike(&[one, other]), "{one} {other}");
        }
    }

    #[test]
    fn what_is_not_known_stays_as_it_is() {
        assert_eq!(sounds("அரிசி"), ["அரிசி"]);
        assert_eq!(sounds("5g"), ["5g"]);
        assert_eq!(sounds("1000"), ["1000"]);
        for odd in ["", "c", "n", "s", "ss", "h", "é", "c\u{301}", "ा", "्", "xé"] {
            assert_eq!(sounds(odd).len(), 1, "{odd}");
        }
    }
}
