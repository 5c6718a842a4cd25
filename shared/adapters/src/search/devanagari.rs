//! A Hindi word in the Latin letters that people type it in. The vowel every consonant carries is silent at the end of
//! a word and often within it; which one, two readings decide in two ways.

/// None for a word that is not wholly Devanagari.
pub(super) fn readings(word: &str) -> Vec<String> {
    let Some(syllables) = syllables(word) else { return Vec::new() };
    let mut readings = vec![spoken(&syllables, false), spoken(&syllables, true)];
    readings.dedup();
    readings
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Vowel {
    /// The one that is not written.
    Inherent,
    Written(&'static str),
    None,
}

#[derive(Clone)]
struct Syllable {
    consonant: &'static str,
    vowel: Vowel,
    /// A nasal or digits after it.
    after: &'static str,
}

fn syllables(word: &str) -> Option<Vec<Syllable>> {
    let mut syllables: Vec<Syllable> = Vec::new();
    for c in word.chars() {
        if let Some(consonant) = consonant(c) {
            syllables.push(Syllable { consonant, vowel: Vowel::Inherent, after: "" });
        } else if let Some(vowel) = vowel(c) {
            syllables.push(Syllable { consonant: "", vowel: Vowel::Written(vowel), after: "" });
        } else if let Some(digit) = digit(c) {
            syllables.push(Syllable { consonant: digit, vowel: Vowel::None, after: "" });
        } else {
            // No word begins with a sign.
            let last = syllables.last_mut()?;
            match (sign(c), c) {
                (Some(vowel), _) => last.vowel = Vowel::Written(vowel),
                (None, '\u{94d}') => last.vowel = Vowel::None,
                (None, 'ँ' | 'ं') => last.after = "n",
                (None, 'ः' | 'ऽ') => {}
                _ => return None,
            }
        }
    }
    (!syllables.is_empty()).then_some(syllables)
}

fn spoken(syllables: &[Syllable], from_the_end: bool) -> String {
    let mut syllables = syllables.to_vec();
    if syllables.len() > 1
        && let Some(last) = syllables.last_mut()
        && last.vowel == Vowel::Inherent
        && last.after.is_empty()
    {
        last.vowel = Vowel::None;
    }
    let inner = 1..syllables.len().saturating_sub(1).max(1);
    let mut silence = |at: usize| {
        let has_vowel = |syllable: &Syllable| syllable.vowel != Vowel::None;
        let alone = syllables[at].after.is_empty() && !syllables[at + 1].consonant.is_empty();
        if syllables[at].vowel == Vowel::Inherent
            && alone
            && has_vowel(&syllables[at - 1])
            && has_vowel(&syllables[at + 1])
        {
            syllables[at].vowel = Vowel::None;
        }
    };
    match from_the_end {
        true => inner.rev().for_each(&mut silence),
        false => inner.for_each(&mut silence),
    }
    let mut latin = String::new();
    for Syllable { consonant, vowel, after } in &syllables {
        // ज्ञ is written as j and ñ, and said as gy.
        if *consonant == "ny" && latin.ends_with('j') {
            latin.pop();
            latin.push_str("gy");
        } else {
            latin.push_str(consonant);
        }
        match vowel {
            Vowel::Inherent => latin.push('a'),
            Vowel::Written(vowel) => latin.push_str(vowel),
            Vowel::None => {}
        }
        latin.push_str(after);
    }
    latin
}

fn consonant(c: char) -> Option<&'static str> {
    Some(match c {
        'क' => "k",
        'ख' => "kh",
        'ग' => "g",
        'घ' => "gh",
        'ङ' => "n",
        'च' => "ch",
        'छ' => "chh",
        'ज' => "j",
        'झ' => "jh",
        'ञ' => "ny",
        'ट' | 'त' => "t",
        'ठ' | 'थ' => "th",
        'ड' | 'द' => "d",
        'ढ' | 'ध' => "dh",
        'ण' | 'न' => "n",
        'प' => "p",
        'फ' => "ph",
        'ब' => "b",
        'भ' => "bh",
        'म' => "m",
        'य' => "y",
        'र' => "r",
        'ल' | 'ळ' => "l",
        'व' => "v",
        'श' | 'ष' => "sh",
        'स' => "s",
        'ह' => "h",
        _ => return None,
    })
}

fn vowel(c: char) -> Option<&'static str> {
    Some(match c {
        'अ' | 'आ' => "a",
        'इ' | 'ई' => "i",
        'उ' | 'ऊ' => "u",
        'ऋ' => "ri",
        'ए' => "e",
        'ऐ' => "ai",
        'ओ' | 'ऑ' => "o",
        'औ' => "au",
        _ => return None,
    })
}

fn sign(c: char) -> Option<&'static str> {
    Some(match c {
        'ा' => "a",
        'ि' | 'ी' => "i",
        'ु' | 'ू' => "u",
        'ृ' => "ri",
        'े' | 'ॅ' => "e",
        'ै' => "ai",
        'ो' | 'ॉ' => "o",
        'ौ' => "au",
        _ => return None,
    })
}

fn digit(c: char) -> Option<&'static str> {
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let digit = u32::from(c).checked_sub(u32::from('०'))?;
    DIGITS.get(digit as usize).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silent_vowels_are_left_out() {
        assert_eq!(readings("चावल"), ["chaval"]);
        assert_eq!(readings("कमल"), ["kamal"]);
        assert_eq!(readings("हल्दी"), ["haldi"]);
        assert!(readings("बासमती").contains(&"basmati".to_owned()));
        assert!(readings("चमकदार").contains(&"chamakdar".to_owned()));
        assert_eq!(readings("गेहूं"), ["gehun"]);
        assert_eq!(readings("५०"), ["50"]);
        assert_eq!(readings("ज्ञान"), ["gyan"]);
    }

    #[test]
    fn other_scripts_have_no_reading() {
        for word in ["atta", "அரிசி", "आटाx", "xआटा", "ा", ""] {
            assert!(readings(word).is_empty(), "{word}");
        }
    }
}
