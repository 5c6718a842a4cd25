//! Other words for the same thing, from a table: what somebody asks for by its Hindi name may stand under its English
//! one.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::sounds::sounds;

/// By sound: sounds of the other words of its groups.
static GROUPS: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| {
    let mut others: HashMap<String, Vec<String>> = HashMap::new();
    for line in include_str!("synonyms.tsv").lines().filter(|line| !line.starts_with('#')) {
        let group: Vec<_> = line.split('\t').flat_map(sounds).collect();
        for word in &group {
            let known = others.entry(word.clone()).or_default();
            known.extend(group.iter().filter(|other| *other != word).cloned());
        }
    }
    others
});

/// Sounds of the words that mean what one of these sounds does.
pub(super) fn synonyms(sounds: &[String]) -> Vec<String> {
    sounds.iter().filter_map(|sound| GROUPS.get(sound)).flatten().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_known_by_its_other_names_however_it_is_spelt() {
        for word in ["chawal", "chaawal", "चावल"] {
            assert_eq!(synonyms(&sounds(word)), sounds("rice"), "{word}");
        }
        assert_eq!(synonyms(&sounds("rice")), sounds("chawal"));
        assert!(synonyms(&sounds("tawa")).contains(&sounds("griddle")[0]));
        assert!(synonyms(&sounds("xylophone")).is_empty());
    }

    #[test]
    fn no_line_of_the_table_says_nothing() {
        for line in include_str!("synonyms.tsv").lines().filter(|line| !line.starts_with('#')) {
            let words: Vec<_> = line.split('\t').collect();
            assert!(words.len() > 1 && words.iter().all(|word| word.chars().all(|c| c.is_ascii_lowercase())), "{line}");
            assert_ne!(sounds(words[0]), sounds(words[1]), "{line}: they sound alike anyway");
        }
    }
}
