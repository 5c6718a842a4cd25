//! How far apart two words are: letters that are wrong, missing, too many, or in their neighbour's place.

use std::sync::LazyLock;

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder, SINK_STATE};
use tantivy_fst::Automaton;

/// Shorter words have too many neighbours.
const LEAST_FOR_ONE: usize = 4;
const LEAST_FOR_TWO: usize = 8;

/// How many mistakes a word of this length may have.
pub(super) fn allowed(letters: usize) -> usize {
    usize::from(letters >= LEAST_FOR_ONE) + usize::from(letters >= LEAST_FOR_TWO)
}

/// A word that is measured against many.
#[derive(Clone)]
pub(super) struct Measure {
    word: Vec<char>,
    /// Whether it may be the beginning of a word.
    begins: bool,
    /// What it costs to come from each beginning of the word to the other's letters so far: to all but the last two,
    /// to all but the last, to all.
    earlier: Vec<usize>,
    last: Vec<usize>,
    row: Vec<usize>,
}

impl Measure {
    pub(super) fn of(word: &str, begins: bool) -> Self {
        let word: Vec<_> = word.chars().collect();
        let row = vec![0; word.len() + 1];
        Measure { earlier: row.clone(), last: row.clone(), row, word, begins }
    }

    /// `None` when it is more than `most`.
    pub(super) fn to(&mut self, other: &str, most: usize) -> Option<usize> {
        let letters = self.word.len();
        // No letter has fewer than one byte.
        if other.len() + most < letters {
            return None;
        }
        let mut best = usize::MAX;
        self.last.iter_mut().enumerate().for_each(|(at, cost)| *cost = at);
        let mut before = None;
        for (line, letter) in other.chars().enumerate() {
            if line == letters + most {
                return Some(best).filter(|best| *best <= most);
            }
            self.row[0] = line + 1;
            for at in 1..=letters {
                let other_letter = usize::from(self.word[at - 1] != letter);
                let mut cost = (self.last[at - 1] + other_letter).min(self.last[at] + 1).min(self.row[at - 1] + 1);
                if at > 1 && before == Some(self.word[at - 1]) && self.word[at - 2] == letter {
                    cost = cost.min(self.earlier[at - 2] + 1);
                }
                self.row[at] = cost;
            }
            if self.begins {
                best = best.min(self.row[letters]);
            }
            if self.row.iter().all(|cost| *cost > most) {
                return Some(best).filter(|best| *best <= most);
            }
            before = Some(letter);
            std::mem::swap(&mut self.earlier, &mut self.last);
            std::mem::swap(&mut self.last, &mut self.row);
        }
        Some(best.min(self.last[letters])).filter(|best| *best <= most)
    }
}

/// Leads through a dictionary to the words that are near one, past all others: a large shop has a million words.
pub(super) struct Near {
    way: DFA,
    begins: bool,
}

/// How the words near one are found.
pub(super) struct Way {
    pub near: Near,
    pub measure: Measure,
    pub most: usize,
    /// What they all begin with.
    pub first: String,
}

impl Way {
    /// `None` when the word is too short to have a mistake.
    pub(super) fn of(word: &str, begins: bool, keeps_first: bool) -> Option<Self> {
        let most = allowed(word.chars().count());
        let first = word.chars().next().filter(|_| keeps_first).map(String::from).unwrap_or_default();
        (most > 0).then(|| Way { near: Near::of(word, begins), measure: Measure::of(word, begins), most, first })
    }
}

/// How far along the way a word's letters have come.
#[derive(Clone, Copy)]
pub(super) enum Along {
    At(u32),
    /// Whatever follows, its beginning is near.
    Begun,
}

static ONE: LazyLock<LevenshteinAutomatonBuilder> = LazyLock::new(|| LevenshteinAutomatonBuilder::new(1, true));
static TWO: LazyLock<LevenshteinAutomatonBuilder> = LazyLock::new(|| LevenshteinAutomatonBuilder::new(2, true));

impl Near {
    /// With as many mistakes as are allowed.
    pub(super) fn of(word: &str, begins: bool) -> Self {
        let builder = if allowed(word.chars().count()) < 2 { &ONE } else { &TWO };
        Near { way: builder.build_dfa(word), begins }
    }

    /// The library's own automaton for beginnings passes some of them by.
    fn along(&self, state: u32) -> Along {
        match self.way.distance(state) {
            Distance::Exact(_) if self.begins => Along::Begun,
            _ => Along::At(state),
        }
    }
}

impl Automaton for Near {
    type State = Along;

    fn start(&self) -> Along {
        self.along(self.way.initial_state())
    }

    fn is_match(&self, along: &Along) -> bool {
        match along {
            Along::Begun => true,
            Along::At(state) => matches!(self.way.distance(*state), Distance::Exact(_)),
        }
    }

    fn can_match(&self, along: &Along) -> bool {
        !matches!(along, Along::At(SINK_STATE))
    }

    fn will_always_match(&self, along: &Along) -> bool {
        matches!(along, Along::Begun)
    }

    fn accept(&self, along: &Along, byte: u8) -> Along {
        match along {
            Along::Begun => Along::Begun,
            Along::At(state) => self.along(self.way.transition(*state, byte)),
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    use super::*;

    const LETTERS: [char; 4] = ['a', 'b', 'c', 'म'];

    /// With a few letters put in, left out or changed, and sometimes an end of its own.
    fn spoilt(word: &str, random: &mut StdRng) -> String {
        let mut letters: Vec<_> = word.chars().collect();
        for _ in 0..random.random_range(0..4) {
            let (at, letter) = (random.random_range(0..letters.len()), LETTERS[random.random_range(0..4)]);
            match random.random_range(0..4) {
                0 => letters.insert(at, letter),
                1 if letters.len() > 1 => drop(letters.remove(at)),
                2 if at > 0 => letters.swap(at, at - 1),
                _ => letters[at] = letter,
            }
        }
        let end = if random.random_bool(0.3) { "abcabc" } else { "" };
        letters.into_iter().collect::<String>() + end
    }

    #[test]
    fn the_way_to_near_words_and_their_measure_agree() {
        let mut random = StdRng::seed_from_u64(5);
        let mut near = 0;
        for letters in (4..10).cycle().take(60) {
            let word: String = (0..letters).map(|_| LETTERS[random.random_range(0..4)]).collect();
            for begins in [false, true] {
                let (way, mut measure) = (Near::of(&word, begins), Measure::of(&word, begins));
                for other in (0..60).map(|_| spoilt(&word, &mut random)) {
                    let end = other.bytes().fold(way.start(), |state, byte| way.accept(&state, byte));
                    let measured = measure.to(&other, allowed(letters));
                    assert_eq!(way.is_match(&end), measured.is_some(), "{word} {other} {begins}");
                    near += usize::from(measured.is_some());
                }
            }
        }
        assert!((1_000..6_000).contains(&near), "{near} of 7200");
    }

    fn apart(word: &str, other: &str, most: usize) -> Option<usize> {
        Measure::of(word, false).to(other, most)
    }

    #[test]
    fn a_mistake_is_a_letter_wrong_missing_too_many_or_misplaced() {
        for other in ["basmati", "basmti", "bassmati", "bamsati", "vasmati"] {
            let mistakes = usize::from(other != "basmati");
            assert_eq!(apart("basmati", other, 2), Some(mistakes), "{other}");
            assert_eq!(apart(other, "basmati", 2), Some(mistakes), "{other}");
        }
        assert_eq!(apart("basmati", "bsmti", 1), None);
        assert_eq!(apart("basmati", "bsmti", 2), Some(2));
        assert_eq!(apart("हिन्दी", "हिन्दि", 1), Some(1));
        assert_eq!(apart("", "", 0), Some(0));
    }

    #[test]
    fn a_beginning_is_measured_against_beginnings() {
        let mut measure = Measure::of("basmt", true);
        assert_eq!(measure.to("basmati", 1), Some(1));
        assert_eq!(measure.to("basmtxxxxxxxxx", 1), Some(0));
        assert_eq!(measure.to("lamp", 1), None);
        assert_eq!(measure.to("bas", 1), None);
    }

    #[test]
    fn short_words_may_have_no_mistake() {
        assert_eq!([3, 4, 7, 8].map(allowed), [0, 1, 1, 2]);
    }
}
