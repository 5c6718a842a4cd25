//! What a text finds, and how well. Each of its words is found in a product at one of a few grades: from its name, as
//! it is written, down to its description, with a mistake. A product's points are the sum of its words' grades. They
//! depend on the text and the product alone, not on what else there is, so a page keeps its place when the index
//! changes.

use std::sync::Arc;

use bharatmart_core::ports::Fault;
use tantivy::DocId;
use tantivy::schema::Field;

use super::collecting::Collecting;
use super::nearness::{Measure, Way, allowed};
use super::schema::FIELDS;
use super::sets::Set;
use super::shelf::Shelf;
use super::sounds::sounds;
use super::synonyms::synonyms;
use super::words;

/// How much is forgiven. The next is tried when the one before finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Every word at one of its best grades: where these are enough the others need not be known. Not tried by itself.
    Best,
    /// Every word, as it is written or as it sounds; the last may be the beginning of one.
    Exact,
    /// Words may have mistakes, but not in their first letter.
    Near,
    /// In their first letter too.
    Nearest,
    /// One of three words or more may be missing.
    Most,
}

impl Stage {
    pub(super) const ALL: [Stage; 4] = [Stage::Exact, Stage::Near, Stage::Nearest, Stage::Most];

    pub(super) fn number(self) -> u8 {
        Stage::ALL.iter().position(|stage| *stage == self).unwrap_or_default() as u8
    }
}

/// One letter begins too much; what sounds alike begins more.
const LEAST_BEGINNING: usize = 2;
const LEAST_BEGINNING_BY_SOUND: usize = 4;
const LEAST_BEGINNING_IN_DESCRIPTION: usize = 4;
/// Of a word that is not the last, while mistakes are forgiven.
const LEAST_BEGINNING_INSIDE: usize = 5;

/// Points of each grade.
mod grade {
    pub const NAME: u32 = 100;
    pub const NAME_SOUNDS: u32 = 90;
    pub const ABOUT: u32 = 80;
    pub const ABOUT_SOUNDS: u32 = 70;
    pub const NAME_BEGINS: u32 = 65;
    pub const NAME_MEANS: u32 = 60;
    pub const ABOUT_MEANS: u32 = 55;
    pub const ABOUT_BEGINS: u32 = 50;
    pub const DESCRIPTION: u32 = 40;
    /// By the number of mistakes.
    pub const NAME_NEAR: [u32; 3] = [35, 35, 20];
    pub const ABOUT_NEAR: [u32; 3] = [30, 30, 18];
    pub const DESCRIPTION_BEGINS: u32 = 25;
    pub const DESCRIPTION_NEAR: [u32; 3] = [15, 15, 10];
}

/// What a text of so many words comes to at most where one of them is at none of its best grades.
pub(super) fn most_without_best(words: usize) -> u32 {
    words.saturating_sub(1) as u32 * grade::NAME + grade::NAME_MEANS
}

/// A word of the query, in all the forms it is looked for.
pub(super) struct Wanted {
    pub word: String,
    pub sounds: Vec<String>,
    /// How it sounds with its neighbours.
    joined: Vec<String>,
    means: Vec<String>,
    pub begins: bool,
}

pub(super) fn wanted(text: &str) -> Vec<Wanted> {
    let words = words::asked(text);
    let joined = |at: usize| {
        let two = |left: usize| Some(format!("{}{}", words.get(left)?, words.get(left + 1)?));
        [at.checked_sub(1).and_then(two), two(at)].into_iter().flatten().flat_map(|both| sounds(&both)).collect()
    };
    let all = words.iter().enumerate().map(|(at, word)| {
        let sounds = sounds(word);
        Wanted {
            word: word.clone(),
            joined: joined(at),
            means: synonyms(&sounds),
            begins: at + 1 == words.len() && letters(word) >= LEAST_BEGINNING,
            sounds,
        }
    });
    all.collect()
}

impl Wanted {
    /// Whether a word of a text is one that this finds; for showing it.
    pub(super) fn is(&self, word: &str, said: &[String], stage: Stage) -> bool {
        let sounds_like = |forms: &[String]| said.iter().any(|sound| forms.contains(sound));
        word == self.word
            || self.begins && word.starts_with(&self.word)
            || sounds_like(&self.sounds)
            || sounds_like(&self.joined)
            || sounds_like(&self.means)
            || stage != Stage::Exact && self.is_near(word)
    }

    /// Those that may be the beginning of another.
    fn long_sounds(&self) -> Vec<String> {
        self.sounds.iter().filter(|sound| letters(sound) >= LEAST_BEGINNING_BY_SOUND).cloned().collect()
    }

    fn is_near(&self, word: &str) -> bool {
        let most = allowed(letters(&self.word));
        most > 0
            && Measure::of(&self.word, self.begins || letters(&self.word) >= LEAST_BEGINNING_INSIDE)
                .to(word, most)
                .is_some()
    }
}

fn letters(word: &str) -> usize {
    word.chars().count()
}

/// Where words are looked up. The sets that come of it are of these documents, by numbers that are its own affair.
pub(super) trait Terms {
    fn documents(&self) -> u32;
    /// Adds the documents that have a term, or one that begins so.
    fn add(&self, field: Field, text: &str, begins: bool, to: &mut Collecting) -> Result<(), Fault>;
}

/// Where a word is found in one segment.
pub(super) struct Found {
    /// Best first; each document in its best one only.
    pub grades: Vec<(u32, Set)>,
    pub anywhere: Set,
}

impl Found {
    pub(super) fn bytes(&self) -> usize {
        let grades = self.grades.iter().map(|(_, set)| set.bytes()).sum::<usize>();
        match self.grades.as_slice() {
            [(_, only)] if only.is_same(&self.anywhere) => grades,
            _ => self.anywhere.bytes() + grades,
        }
    }
}

/// What the words find together in one segment.
pub(super) struct Matches {
    pub words: Vec<Arc<Found>>,
    pub all: Set,
    /// Whether every word is found in each of them.
    pub whole: bool,
}

impl Matches {
    /// Of documents in ascending order.
    pub(super) fn points(&self, docs: &[DocId]) -> Vec<u32> {
        let mut sums = vec![0; docs.len()];
        for (points, set) in self.words.iter().flat_map(|word| &word.grades) {
            let mut has = set.ascending();
            sums.iter_mut().zip(docs).filter(|(_, doc)| has(**doc)).for_each(|(sum, _)| *sum += points);
        }
        sums
    }
}

pub(super) fn matches(shelf: &Shelf, wanted: &[Wanted], stage: Stage) -> Result<Matches, Fault> {
    let whole = stage != Stage::Most || wanted.len() < 3;
    let mut words = Vec::with_capacity(wanted.len());
    for word in wanted {
        let found = found(shelf, word, stage)?;
        if whole && found.anywhere.is_empty() {
            return Ok(Matches { words: Vec::new(), all: Set::none(), whole });
        }
        words.push(found);
    }
    let everywhere = Set::common(shelf.documents(), words.iter().map(|word| &word.anywhere));
    let all = match whole {
        false => {
            let but_one = (0..words.len()).map(|left_out| {
                let others = words.iter().enumerate().filter(|(at, _)| *at != left_out);
                Set::common(shelf.documents(), others.map(|(_, word)| &word.anywhere))
            });
            Set::union(shelf.documents(), &but_one.collect::<Vec<_>>())
        }
        true => everywhere,
    };
    Ok(Matches { words, all, whole })
}

fn found(shelf: &Shelf, wanted: &Wanted, stage: Stage) -> Result<Arc<Found>, Fault> {
    let alone = found_alone(shelf, wanted, stage)?;
    let joined = joined(shelf, wanted)?;
    if joined.iter().all(|(_, set)| set.is_empty()) {
        return Ok(alone);
    }
    let key = format!("{stage:?} {} {} {:?}", wanted.begins, wanted.word, wanted.joined);
    shelf.found(key, || Ok(best_first(shelf.documents(), alone.grades.iter().cloned().chain(joined).collect())))
}

/// With its neighbours: other in every text, but the same at every stage.
pub(super) fn joined(terms: &impl Terms, wanted: &Wanted) -> Result<[(u32, Set); 2], Fault> {
    Ok([
        (grade::NAME_SOUNDS, any(terms, FIELDS.name_sounds, &wanted.joined)?),
        (grade::ABOUT_SOUNDS, any(terms, FIELDS.about_sounds, &wanted.joined)?),
    ])
}

/// What a word is found in at its best grades, best first; a document may be in more than one.
pub(super) fn at_best(terms: &impl Terms, wanted: &Wanted) -> Result<Vec<(u32, Set)>, Fault> {
    let mut grades = best(terms, wanted)?;
    grades.extend(joined(terms, wanted)?);
    grades.retain(|(_, set)| !set.is_empty());
    grades.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
    Ok(grades)
}

/// Without its neighbours: the same in whatever text it stands.
pub(super) fn found_alone(shelf: &Shelf, wanted: &Wanted, stage: Stage) -> Result<Arc<Found>, Fault> {
    shelf.found(format!("{stage:?} {} {}", wanted.begins, wanted.word), || {
        let grades = match stage {
            Stage::Best => best(shelf, wanted)?,
            Stage::Exact => {
                let mut grades = found_alone(shelf, wanted, Stage::Best)?.grades.clone();
                grades.extend(exact(shelf, wanted)?);
                grades
            }
            Stage::Near | Stage::Nearest | Stage::Most => {
                let mut grades = found_alone(shelf, wanted, Stage::Exact)?.grades.clone();
                grades.extend(near(shelf, wanted, stage == Stage::Near)?);
                grades
            }
        };
        Ok(best_first(shelf.documents(), grades))
    })
}

fn best_first(documents: u32, mut grades: Vec<(u32, Set)>) -> Found {
    grades.retain(|(_, set)| !set.is_empty());
    grades.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
    let mut anywhere = Collecting::new(documents);
    for (_, set) in &mut grades {
        let missing = anywhere.missing(set);
        // Else it is the same, and may be one that others hold too.
        if missing.len() < set.len() {
            *set = missing;
        }
        anywhere.add_all(set);
    }
    grades.retain(|(_, set)| !set.is_empty());
    Found { grades, anywhere: anywhere.set() }
}

/// Better than any that `exact` adds.
fn best(terms: &impl Terms, wanted: &Wanted) -> Result<Vec<(u32, Set)>, Fault> {
    let fields = &*FIELDS;
    let word = std::slice::from_ref(&wanted.word);
    let mut grades = vec![
        (grade::NAME, any(terms, fields.name, word)?),
        (grade::NAME_SOUNDS, any(terms, fields.name_sounds, &wanted.sounds)?),
        (grade::ABOUT, any(terms, fields.about, word)?),
        (grade::ABOUT_SOUNDS, any(terms, fields.about_sounds, &wanted.sounds)?),
    ];
    if wanted.begins {
        let long = wanted.long_sounds();
        grades.push((grade::NAME_BEGINS, beginning(terms, &[(fields.name, word), (fields.name_sounds, &long)])?));
    }
    Ok(grades)
}

fn exact(shelf: &Shelf, wanted: &Wanted) -> Result<Vec<(u32, Set)>, Fault> {
    let fields = &*FIELDS;
    let word = std::slice::from_ref(&wanted.word);
    let mut grades = vec![
        (grade::NAME_MEANS, any(shelf, fields.name_sounds, &wanted.means)?),
        (grade::ABOUT_MEANS, any(shelf, fields.about_sounds, &wanted.means)?),
        (grade::DESCRIPTION, any(shelf, fields.description, word)?),
    ];
    if wanted.begins {
        let long = wanted.long_sounds();
        grades.push((grade::ABOUT_BEGINS, beginning(shelf, &[(fields.about, word), (fields.about_sounds, &long)])?));
        if letters(&wanted.word) >= LEAST_BEGINNING_IN_DESCRIPTION {
            grades.push((grade::DESCRIPTION_BEGINS, beginning(shelf, &[(fields.description, word)])?));
        }
    }
    Ok(grades)
}

fn any(terms: &impl Terms, field: Field, texts: &[String]) -> Result<Set, Fault> {
    let mut all = Collecting::new(terms.documents());
    texts.iter().try_for_each(|text| terms.add(field, text, false, &mut all))?;
    Ok(all.set())
}

fn beginning(terms: &impl Terms, looked_for: &[(Field, &[String])]) -> Result<Set, Fault> {
    let mut all = Collecting::new(terms.documents());
    for (field, beginnings) in looked_for {
        beginnings.iter().try_for_each(|beginning| terms.add(*field, beginning, true, &mut all))?;
    }
    Ok(all.set())
}

/// As it is written, and as it sounds; with the first letter kept or not.
fn near(shelf: &Shelf, wanted: &Wanted, keeps_first: bool) -> Result<Vec<(u32, Set)>, Fault> {
    let fields = &*FIELDS;
    // Nobody types on in the middle of a text, but "sandal soap" may mean sandalwood.
    let begins = wanted.begins || letters(&wanted.word) >= LEAST_BEGINNING_INSIDE;
    let written = Way::of(&wanted.word, begins, keeps_first);
    let spoken: Vec<_> = wanted.sounds.iter().filter_map(|sound| Way::of(sound, false, keeps_first)).collect();
    let mut grades = Vec::new();
    for (points, field, sounds) in [
        (grade::NAME_NEAR, fields.name, Some(fields.name_sounds)),
        (grade::ABOUT_NEAR, fields.about, Some(fields.about_sounds)),
        (grade::DESCRIPTION_NEAR, fields.description, None),
    ] {
        let mut by_mistakes = [(); 3].map(|()| Collecting::new(shelf.documents()));
        let written = written.iter().map(|way| (field, way));
        let spoken = spoken.iter().filter_map(|way| Some((sounds?, way)));
        for (field, way) in written.chain(spoken) {
            let mut measure = way.measure.clone();
            let which = |term: &str| measure.to(term, way.most);
            shelf.add_near(field, &way.near, &way.first, which, &mut by_mistakes)?;
        }
        grades.extend(points.into_iter().zip(by_mistakes.map(Collecting::set)));
    }
    Ok(grades)
}
