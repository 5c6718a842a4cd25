//! How far apart two words are: letters that are wrong, missing, too many, or in their neighbour's place.

/// Shorter words have too many neighbours.
const LEAST_FOR_ONE: usize = 4;
const LEAST_FOR_TWO: usize = 8;

/// How many mistakes a word of this length may have.
pub(super) fn allowed(letters: usize) -> usize {
    usize::from(letters >= LEAST_FOR_ONE) + usize::from(letters >= LEAST_FOR_TWO)
}

/// A word that is measured against many.
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

#[cfg(test)]
mod tests {
    use super::*;

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
