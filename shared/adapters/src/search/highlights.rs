//! Which words of a row were found, as pieces of its texts: what is marked is told apart from what is text, so that a
//! name with angle brackets stays a name.

use std::ops::Range;

use bharatmart_core::ports::{Fragment, Highlights};

use super::matching::{Stage, Wanted};
use super::sounds::sounds;
use super::words::{Word, each};

/// Of a description so much is shown before what was found, and so much in all, in bytes.
const BEFORE: usize = 40;
const SHOWN: usize = 200;

pub(super) fn highlights(name: &str, description: &str, wanted: &[Wanted], stage: Stage) -> Highlights {
    let found = found(description, wanted, stage);
    let description = match found.first() {
        None => Vec::new(),
        Some(first) => excerpt(description, first.start, &found),
    };
    Highlights { name: fragments(name, &self::found(name, wanted, stage)), description }
}

/// Places of the words that were found.
fn found(text: &str, wanted: &[Wanted], stage: Stage) -> Vec<Range<usize>> {
    let words = each(text);
    let said: Vec<_> = words.iter().map(|word| sounds(&word.text)).collect();
    let is = |at: usize| wanted.iter().any(|wanted| wanted.is(&words[at].text, &said[at], stage));
    // "power bank" where "powerbank" is looked for.
    let with_next = |at: usize| {
        let (Some(Word { text: one, .. }), Some(Word { text: two, .. })) = (words.get(at), words.get(at + 1)) else {
            return false;
        };
        let both = sounds(&format!("{one}{two}"));
        wanted.iter().any(|wanted| wanted.sounds.iter().any(|sound| both.contains(sound)))
    };
    let places = words.iter().enumerate().filter(|(at, _)| is(*at) || with_next(*at) || *at > 0 && with_next(*at - 1));
    places.map(|(_, word)| word.at.clone()).collect()
}

fn fragments(text: &str, found: &[Range<usize>]) -> Vec<Fragment> {
    let mut fragments = Vec::new();
    let mut push = |part: Range<usize>, hit| {
        if !part.is_empty() {
            fragments.push(Fragment { text: text[part].to_owned(), hit });
        }
    };
    let mut from = 0;
    for place in found {
        push(from..place.start, false);
        push(place.clone(), true);
        from = place.end;
    }
    push(from..text.len(), false);
    fragments
}

/// From a little before the first place on, cut between words.
fn excerpt(text: &str, first: usize, found: &[Range<usize>]) -> Vec<Fragment> {
    let is_gap = |at: &usize| text[..*at].ends_with(' ') || *at == 0;
    let begin = (first.saturating_sub(BEFORE)..=first).filter(|at| text.is_char_boundary(*at)).find(is_gap);
    let begin = begin.unwrap_or(first);
    let mut end = text.len();
    if end - begin > SHOWN {
        let within = (begin..=begin + SHOWN).rev().filter(|at| text.is_char_boundary(*at));
        let words_end = |at: &usize| text[*at..].starts_with(' ');
        end = within.clone().find(words_end).or_else(|| within.clone().next()).unwrap_or(text.len());
    }
    let within = found.iter().filter(|place| place.start >= begin && place.end <= end);
    let within: Vec<_> = within.map(|place| place.start - begin..place.end - begin).collect();
    let mut fragments = fragments(&text[begin..end], &within);
    let dots = || Fragment { text: "…".to_owned(), hit: false };
    if begin > 0 {
        fragments.insert(0, dots());
    }
    if end < text.len() {
        fragments.push(dots());
    }
    fragments
}

#[cfg(test)]
mod tests {
    use super::super::matching::wanted;
    use super::*;

    fn marked(fragments: &[Fragment]) -> String {
        fragments.iter().map(|f| if f.hit { format!("[{}]", f.text) } else { f.text.clone() }).collect()
    }

    fn of(query: &str, name: &str, description: &str, stage: Stage) -> (String, String) {
        let highlights = highlights(name, description, &wanted(query), stage);
        (marked(&highlights.name), marked(&highlights.description))
    }

    #[test]
    fn what_was_found_is_told_apart_and_text_stays_text() {
        let (name, description) = of("aata bol", "<b>Atta</b> & आटा, Bold", "For rotis.", Stage::Exact);
        assert_eq!(name, "<b>[Atta]</b> & [आटा], [Bold]");
        assert_eq!(description, "");
        assert_eq!(of("tumeric", "Turmeric", "", Stage::Near).0, "[Turmeric]");
        assert_eq!(of("tumeric", "Turmeric", "", Stage::Exact).0, "Turmeric");
        assert_eq!(of("powerbank", "Power Bank 20", "", Stage::Exact).0, "[Power] [Bank] 20");
    }

    #[test]
    fn of_a_long_description_the_part_around_it_is_shown() {
        let long = format!("{}the best ghee of all, {}", "चावल और दाल ".repeat(30), "made slowly ".repeat(60));
        let (_, description) = of("ghee", "Butter", &long, Stage::Exact);
        assert!(description.starts_with('…') && description.ends_with('…'), "{description}");
        assert!(description.contains("best [ghee] of") && description.len() < 2 * SHOWN, "{description}");
    }
}
