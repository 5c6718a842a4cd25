//! What a text's words find at their best grades: for whoever wants a few rows of it and no count. Of a large segment
//! the head mostly has them, or else a word is so rare that its products are looked at one by one. Only where neither
//! helps are there sets of the whole segment, and even then none of the words together. What it tells is what `matching`
//! tells of the stage `Best`, and `page` of its first rows.

use std::cell::Cell;
use std::sync::Arc;

use bharatmart_core::ports::{Fault, SearchSort};
use tantivy::DocId;
use tantivy::schema::Field;

use super::collecting::Collecting;
use super::head::Head;
use super::matching::{Found, Stage, Terms, Wanted, at_best, found_alone, joined, most_without_best};
use super::page::{Best, Row, Shown, WORDS_TO_COMBINE, combinations};
use super::sets::Set;
use super::shelf::{FREQUENT, Shelf};

/// A word's documents are looked at one by one where they are not more than so many, as its terms count them.
const FEW_BY_TERM: usize = 8_192;

/// Where a word is found. A document may be in both; the better one counts.
struct Word {
    alone: Arc<Found>,
    joined: Vec<(u32, Set)>,
}

impl Word {
    fn of(shelf: &Shelf, wanted: &Wanted) -> Result<Self, Fault> {
        let mut joined = Vec::from(joined(shelf, wanted)?);
        joined.retain(|(_, set)| !set.is_empty());
        Ok(Word { alone: found_alone(shelf, wanted, Stage::Best)?, joined })
    }

    fn grades(&self) -> impl Iterator<Item = &(u32, Set)> {
        self.alone.grades.iter().chain(&self.joined)
    }

    fn points(&self, doc: DocId) -> Option<u32> {
        let in_one = |grades: &[(u32, Set)]| grades.iter().find(|(_, set)| set.has(doc)).map(|(points, _)| *points);
        let alone = if self.alone.anywhere.has(doc) { in_one(&self.alone.grades) } else { None };
        alone.max(in_one(&self.joined))
    }
}

/// The first rows by relevance of one segment, of those in all of `within`: none that comes before them is left out,
/// as long as it has more points than a text can have without its words' best grades. `None` where there are so many
/// words that their sets are better cut first.
pub(super) fn glance(
    at: usize,
    shelf: &Shelf,
    wanted: &[Wanted],
    within: &[&Set],
    limit: usize,
) -> Result<Option<Vec<Row>>, Fault> {
    let all = Set::All(shelf.documents());
    let shown = Shown { at, shelf, all: &all, sort: SearchSort::Relevance, begins: None, after: None, limit };
    if let Some(head) = shelf.head()? {
        let docs = match at_the_head(head, &shown, wanted, within)? {
            None => among_few(&shown, wanted, within)?,
            docs => docs,
        };
        if let Some(docs) = docs {
            return shown.told(docs).map(Some);
        }
    }
    if wanted.len() > WORDS_TO_COMBINE {
        return Ok(None);
    }
    let words: Vec<_> = wanted.iter().map(|wanted| Word::of(shelf, wanted)).collect::<Result<_, _>>()?;
    let points = |doc| words.iter().map(|word| word.points(doc)).sum::<Option<u32>>();
    let mut docs = Vec::with_capacity(limit);
    let grades: Vec<Vec<_>> = words.iter().map(|word| word.grades().collect()).collect();
    for (sum, combined) in combinations(&grades) {
        if docs.len() == limit || sum <= most_without_best(words.len()) {
            break;
        }
        let mut best = Best::new(limit - docs.len(), None);
        for (nth, sets) in combined.iter().enumerate() {
            let all: Vec<_> = sets.iter().chain(within).copied().collect();
            let came_up = |doc| combined[..nth].iter().any(|sets| sets.iter().all(|set| set.has(doc)));
            Set::each_common(shelf.documents(), &all, |doc| {
                // A word may be found in it at another, better grade too.
                if points(doc) == Some(sum) && !came_up(doc) {
                    best.consider(&shown, sum, doc);
                }
            });
        }
        docs.extend(best.into_docs());
    }
    shown.told(docs).map(Some)
}

/// A page of the head that has every word at its best, if there is one: nothing can come before it.
fn at_the_head(
    head: &Head,
    shown: &Shown<'_>,
    wanted: &[Wanted],
    within: &[&Set],
) -> Result<Option<Vec<(u32, DocId)>>, Fault> {
    let Some(ranked) = shown.shelf.ranked(shown.sort) else { return Ok(None) };
    let (mut sum, mut sets) = (0, Vec::with_capacity(wanted.len()));
    for wanted in wanted {
        let Some((points, set)) = head.best(shown.shelf, wanted)? else { return Ok(None) };
        sum += points;
        sets.push(set);
    }
    let mut docs = Vec::with_capacity(shown.limit);
    Set::each_common(head.documents(), &sets.iter().collect::<Vec<_>>(), |rank| {
        let doc = ranked.doc(rank as usize);
        if docs.len() < shown.limit && within.iter().all(|set| set.has(doc)) {
            docs.push((sum, doc));
        }
    });
    Ok(Some(docs).filter(|docs| docs.len() == shown.limit))
}

/// Counts the documents that a word's terms have, one that has several of them as often.
struct Tally<'a> {
    shelf: &'a Shelf,
    documents: Cell<usize>,
}

impl Terms for Tally<'_> {
    fn documents(&self) -> u32 {
        0
    }

    fn add(&self, field: Field, text: &str, begins: bool, _: &mut Collecting) -> Result<(), Fault> {
        self.shelf.each_term(field, text, begins, |_, _, info| {
            self.documents.set(self.documents.get() + info.doc_freq as usize);
            Ok(())
        })
    }
}

/// A few documents of a segment, by their place among the few.
struct Among<'a> {
    shelf: &'a Shelf,
    docs: &'a [DocId],
}

impl Terms for Among<'_> {
    fn documents(&self) -> u32 {
        self.docs.len() as u32
    }

    fn add(&self, field: Field, text: &str, begins: bool, to: &mut Collecting) -> Result<(), Fault> {
        self.shelf.each_term(field, text, begins, |postings, term, info| {
            if info.doc_freq >= FREQUENT {
                let set = self.shelf.filter(field, term)?;
                (0..).zip(self.docs).filter(|(_, doc)| set.has(**doc)).for_each(|(at, _)| to.add(at));
                return Ok(());
            }
            let mut from = 0;
            postings.each_block(info, |block| {
                let Some(last) = block.last() else { return };
                from += self.docs[from..].partition_point(|doc| *doc < block[0]);
                while let Some(doc) = self.docs.get(from).filter(|doc| *doc <= last) {
                    if block.binary_search(doc).is_ok() {
                        to.add(from as DocId);
                    }
                    from += 1;
                }
            })
        })
    }
}

/// By the products of the rarest word, where these are few.
fn among_few(shown: &Shown<'_>, wanted: &[Wanted], within: &[&Set]) -> Result<Option<Vec<(u32, DocId)>>, Fault> {
    let (shelf, mut rarest) = (shown.shelf, None);
    for (at, word) in wanted.iter().enumerate() {
        let tally = Tally { shelf, documents: Cell::new(0) };
        at_best(&tally, word)?;
        rarest = rarest.into_iter().chain([(tally.documents.get(), at)]).min();
    }
    let Some((_, at)) = rarest.filter(|(documents, _)| *documents <= FEW_BY_TERM) else {
        return Ok(None);
    };
    let found = at_best(shelf, &wanted[at])?;
    let found = Set::union(shelf.documents(), found.iter().map(|(_, set)| set));
    let mut docs = Vec::with_capacity(found.len());
    found.each(|doc| docs.push(doc));
    docs.retain(|doc| within.iter().all(|set| set.has(*doc)));
    let mut sums = vec![Some(0); docs.len()];
    for word in wanted {
        let grades = at_best(&Among { shelf, docs: &docs }, word)?;
        for (at, sum) in sums.iter_mut().enumerate() {
            let points = grades.iter().find(|(_, set)| set.has(at as DocId)).map(|(points, _)| points);
            *sum = sum.zip(points).map(|(sum, points)| sum + points);
        }
    }
    let mut best = Best::new(shown.limit, None);
    for (doc, sum) in docs.iter().zip(sums) {
        sum.into_iter().for_each(|sum| best.consider(shown, sum, *doc));
    }
    Ok(Some(best.into_docs()))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use bharatmart_core::ports::{SearchDoc, SearchQuery};
    use bharatmart_core::{Paise, ProductId, Slug, Tenant, Timestamp};
    use rand::rngs::StdRng;
    use rand::seq::IndexedRandom;
    use rand::{Rng, SeedableRng};
    use tantivy::directory::FileSlice;
    use uuid::Uuid;

    use super::super::answer::{page, parts_at};
    use super::super::directory::Overlay;
    use super::super::matching;
    use super::super::memory::Memory;
    use super::super::{edit, orders, schema, snapshot};
    use super::*;

    const WORDS: [&str; 16] = [
        "atta", "aata", "rice", "basmati", "basket", "chai", "chay", "masala", "mat", "material", "silk", "saree",
        "sari", "lamp", "iron", "ironing",
    ];
    const RARE: [&str; 4] = ["kadhai", "jhumka", "puzzle", "masjid"];

    fn words(random: &mut StdRng, most: usize) -> String {
        let one = |random: &mut StdRng| {
            let words: &[&str] = if random.random_bool(0.01) { &RARE } else { &WORDS };
            words.choose(random).copied().unwrap_or_default()
        };
        (0..random.random_range(1..=most)).map(|_| one(random)).collect::<Vec<_>>().join(" ")
    }

    fn product(random: &mut StdRng) -> SearchDoc {
        let id: u128 = random.random();
        SearchDoc {
            tenant: Tenant::main(),
            id: ProductId::from_uuid(Uuid::from_u128(id)),
            version: 1,
            slug: Slug::from_name("thing").unwrap(),
            name: words(random, 3),
            brand: words(random, 1),
            category: Slug::from_name("things").unwrap(),
            category_name: words(random, 2),
            description: words(random, 3),
            details: Vec::new(),
            tags: Vec::new(),
            price: Paise::from_rupees(1),
            in_stock: true,
            featured: false,
            rating: 0,
            popularity: random.random_range(0..300),
            created_at: Timestamp::from_millis(0),
            shown: "{}".to_owned(),
        }
    }

    fn shelf(random: &mut StdRng) -> Shelf {
        let index = snapshot::index(Overlay::default()).unwrap();
        let mut writer = edit::writer(&index, 0).unwrap();
        for _ in 0..orders::LEAST {
            writer.add_document(schema::document(&product(random), 0)).unwrap();
        }
        writer.commit().unwrap();
        writer.merge(&index.searchable_segment_ids().unwrap()).wait().unwrap();
        let reader = index.reader().unwrap().searcher().segment_reader(0).clone();
        let order = FileSlice::from(orders::of(&reader).unwrap().unwrap());
        let path = PathBuf::from(orders::file_name(reader.segment_id()));
        let files = Overlay::over([(path, order)].into());
        Shelf::open(reader, &files, Memory::new(0), &[]).unwrap()
    }

    #[test]
    fn each_way_tells_the_rows_that_whole_sets_tell() {
        let mut random = StdRng::seed_from_u64(5);
        let shelf = shelf(&mut random);
        let head = Head::of(&shelf, shelf.ranked(SearchSort::Sales).unwrap().docs(0..500)).unwrap();
        let shelves = [shelf];
        let [shelf] = &shelves;
        let query = SearchQuery { sort: SearchSort::Relevance, ..SearchQuery::all(&Tenant::main()) };
        let (all, limit) = (Set::All(shelf.documents()), 5);
        let shown = Shown { at: 0, shelf, all: &all, sort: query.sort, begins: None, after: None, limit };
        let (mut by_head, mut by_few) = (0, 0);
        for _ in 0..400 {
            let text = words(&mut random, 3);
            let typed: String = text.chars().take(random.random_range(2..=text.len())).collect();
            let wanted = matching::wanted(&typed);
            let best = parts_at(&shelves, &query, Some(&wanted), Stage::Best).unwrap();
            let rows = page(&shelves, &best, &query, None, limit).unwrap();
            if let Some(docs) = at_the_head(&head, &shown, &wanted, &[]).unwrap() {
                assert_eq!(shown.told(docs).unwrap(), rows, "{typed} in the head");
                by_head += 1;
            }
            if let Some(docs) = among_few(&shown, &wanted, &[]).unwrap() {
                assert_eq!(shown.told(docs).unwrap(), rows, "{typed} among few");
                by_few += 1;
            }
            let told = glance(0, shelf, &wanted, &[], limit).unwrap().unwrap();
            let counted =
                |rows: &[Row]| rows.iter().filter(|row| row.points() > most_without_best(wanted.len())).count();
            assert_eq!(told[..counted(&told)], rows[..counted(&rows)], "{typed}");
        }
        assert!(by_head > 100 && by_few > 100, "{by_head} {by_few}");
    }
}
