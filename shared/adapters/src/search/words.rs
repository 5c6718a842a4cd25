//! How text becomes words, in the index and in a query alike: lower case, without diacritics, Indian scripts kept whole.
//! Which fields the words go to is `schema`'s to say; what matches them is `matching`'s. How a word sounds, whatever its
//! spelling, is told by `sounds`.

use std::ops::Range;

use tantivy::tokenizer::{AsciiFoldingFilter, LowerCaser, RawTokenizer, TextAnalyzer, Token, TokenStream, Tokenizer};

/// Longer words are cut: nobody types them, and they would only swell the index.
const LONGEST: usize = 48;

/// Words of a query beyond these are passed over.
const MOST: usize = 12;

/// Words that join others, in English and in Hindi. They narrow a search only when there is nothing else in it.
const SMALL: [&str; 40] = [
    "a",
    "an",
    "and",
    "by",
    "for",
    "from",
    "in",
    "of",
    "on",
    "or",
    "the",
    "to",
    "with",
    "ka",
    "ke",
    "ki",
    "ko",
    "liye",
    "me",
    "mein",
    "par",
    "se",
    "wala",
    "wale",
    "wali",
    "aur",
    "का",
    "की",
    "के",
    "को",
    "से",
    "में",
    "पर",
    "और",
    "लिए",
    "वाला",
    "वाले",
    "वाली",
    "या",
    "ya",
];

pub(super) struct Word {
    pub text: String,
    /// Where it stands.
    pub at: Range<usize>,
}

/// All words of a text, in order.
pub(super) fn each(text: &str) -> Vec<Word> {
    let mut analyzer = TextAnalyzer::builder(Words::default()).filter(AsciiFoldingFilter).build();
    let mut stream = analyzer.token_stream(text);
    let mut words = Vec::new();
    while stream.advance() {
        let token = stream.token();
        words.push(Word { text: token.text.clone(), at: token.offset_from..token.offset_to });
    }
    words
}

/// The words of a query, each once: without the small ones, unless there are no others.
pub(super) fn asked(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in each(text) {
        if !words.contains(&word.text) {
            words.push(word.text);
        }
    }
    if words.iter().any(|word| !is_small(word)) {
        words.retain(|word| !is_small(word));
    }
    words.truncate(MOST);
    words
}

fn is_small(word: &str) -> bool {
    SMALL.contains(&word)
}

/// A whole text as it is sorted by.
pub(super) fn folded(text: &str) -> String {
    let mut analyzer =
        TextAnalyzer::builder(RawTokenizer::default()).filter(LowerCaser).filter(AsciiFoldingFilter).build();
    let mut stream = analyzer.token_stream(text);
    let mut folded = String::new();
    stream.process(&mut |token| folded.push_str(&token.text));
    folded
}

/// Tantivy's own tokenizer parts a Hindi word at each virama, which Unicode does not count as a letter.
#[derive(Clone, Default)]
struct Words {
    token: Token,
}

struct WordStream<'a> {
    rest: std::iter::Peekable<std::str::CharIndices<'a>>,
    token: &'a mut Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        self.token.reset();
        WordStream { rest: text.char_indices().peekable(), token: &mut self.token }
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        self.token.text.clear();
        self.token.position = self.token.position.wrapping_add(1);
        while let Some((from, first)) = self.rest.next() {
            if !first.is_alphanumeric() {
                continue;
            }
            let mut length = 1;
            self.token.offset_from = from;
            self.token.offset_to = from + first.len_utf8();
            self.token.text.extend(plain(first).to_lowercase());
            while let Some((at, c)) = self.rest.next_if(|(_, c)| c.is_alphanumeric() || is_inside_word(*c)) {
                self.token.offset_to = at + c.len_utf8();
                if !is_dropped(c) && length < LONGEST {
                    self.token.text.extend(plain(c).to_lowercase());
                    length += 1;
                }
            }
            return true;
        }
        false
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

/// Not a letter, yet it does not part a word: the signs of Indian scripts (but for dandas), and what is dropped.
fn is_inside_word(c: char) -> bool {
    let sign = matches!(c, '\u{900}'..='\u{dff}') && !matches!(c, '\u{964}' | '\u{965}' | '\u{970}');
    sign || is_dropped(c)
}

/// Written by some and left out by others: apostrophes, accents as marks of their own, joiners, the nukta.
fn is_dropped(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}' | '\u{93c}')
}

/// A Devanagari letter that has its nukta built in, without it.
fn plain(c: char) -> char {
    match c {
        '\u{929}' => 'न',
        '\u{931}' => 'र',
        '\u{934}' => 'ळ',
        '\u{958}' => 'क',
        '\u{959}' => 'ख',
        '\u{95a}' => 'ग',
        '\u{95b}' => 'ज',
        '\u{95c}' => 'ड',
        '\u{95d}' => 'ढ',
        '\u{95e}' => 'फ',
        '\u{95f}' => 'य',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_lower_case_and_plain() {
        assert_eq!(asked("Café  CRÈME, men’s T-Shirt"), ["cafe", "creme", "mens", "t", "shirt"]);
        assert_eq!(asked("cafe\u{301} Straße"), ["cafe", "strasse"]);
    }

    #[test]
    fn a_hindi_word_stays_whole_with_or_without_nukta() {
        assert_eq!(asked("बासमती चावल। हिन्दी"), ["बासमती", "चावल", "हिन्दी"]);
        assert_eq!(asked("\u{95e}ल"), asked("फ\u{93c}ल"));
        assert_eq!(asked("क्‍षत्रिय").len(), 1);
    }

    #[test]
    fn small_words_count_only_among_themselves() {
        assert_eq!(asked("gehu ka aata for the roti"), ["gehu", "aata", "roti"]);
        assert_eq!(asked("for the"), ["for", "the"]);
    }

    #[test]
    fn a_word_knows_its_place() {
        let places: Vec<_> = each("Élan, चावल").into_iter().map(|word| (word.text, word.at)).collect();
        assert_eq!(places, [("elan".to_owned(), 0..5), ("चावल".to_owned(), 7..19)]);
    }

    #[test]
    fn punctuation_has_no_words() {
        for text in ["", "  ", "\"*:()[]{}^~!?/\\+-&|", "\u{301}\u{93c}\u{200d}", "'''"] {
            assert!(asked(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_name_sorts_by_its_folded_whole() {
        assert_eq!(folded("Élan Vital, 5 KG"), "elan vital, 5 kg");
    }
}
