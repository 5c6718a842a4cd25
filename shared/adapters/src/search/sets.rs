//! Sets of a segment's documents: what a filter lets through, what a word is found in. Asking an index of a million
//! products comes down to cutting such sets with one another, 64 documents at a time. Where they come from is `shelf`'s
//! part. A set knows nothing of deleted documents: those are a set of their own.

use std::sync::Arc;

use tantivy::DocId;

use super::collecting::Collecting;

/// More than one document in so many stand on a map. A list would still be smaller, but cutting maps is quicker.
pub(super) const WORTH_A_MAP: usize = 256;

#[derive(Clone, Debug)]
pub(super) enum Set {
    /// Every document of a segment of so many.
    All(u32),
    /// In ascending order.
    Few(Arc<[DocId]>),
    Many(Arc<Bits>),
}

#[derive(Debug)]
pub(super) struct Bits {
    pub(super) words: Box<[u64]>,
    count: usize,
}

impl Bits {
    pub(super) fn of(words: Box<[u64]>) -> Self {
        let count = words.iter().map(|word| word.count_ones() as usize).sum();
        Bits { words, count }
    }

    /// As what is quickest to cut.
    pub(super) fn set(self, documents: u32) -> Set {
        if self.count == documents as usize {
            return Set::All(documents);
        }
        if self.count * WORTH_A_MAP > documents as usize {
            return Set::Many(Arc::new(self));
        }
        let mut docs = Vec::with_capacity(self.count);
        self.each(|doc| docs.push(doc));
        Set::Few(docs.into())
    }

    fn each(&self, mut visit: impl FnMut(DocId)) {
        self.words.iter().enumerate().for_each(|(at, word)| each_of(at, *word, &mut visit));
    }

    fn common(documents: u32, maps: &[&Arc<Bits>]) -> Set {
        let Some((first, others)) = maps.split_first() else { return Set::All(documents) };
        if others.is_empty() {
            return Set::Many(Arc::clone(first));
        }
        let mut words = first.words.clone();
        for other in others {
            words.iter_mut().zip(&other.words).for_each(|(ours, theirs)| *ours &= theirs);
        }
        Set::Many(Arc::new(Bits::of(words)))
    }

    pub(super) fn has(&self, doc: DocId) -> bool {
        has(&self.words, doc)
    }
}

/// Of one word of a map.
fn each_of(at: usize, mut word: u64, visit: &mut impl FnMut(DocId)) {
    while word != 0 {
        visit(at as DocId * 64 + word.trailing_zeros());
        word &= word - 1;
    }
}

pub(super) fn has(words: &[u64], doc: DocId) -> bool {
    words.get(doc as usize / 64).is_some_and(|word| word >> (doc % 64) & 1 == 1)
}

pub(super) fn empty(documents: u32) -> Box<[u64]> {
    vec![0; (documents as usize).div_ceil(64)].into()
}

pub(super) fn mark(words: &mut [u64], doc: DocId) {
    if let Some(word) = words.get_mut(doc as usize / 64) {
        *word |= 1 << (doc % 64);
    }
}

impl Set {
    pub(super) fn none() -> Self {
        Set::Few(Arc::default())
    }

    pub(super) fn union<'a>(documents: u32, sets: impl IntoIterator<Item = &'a Set>) -> Set {
        let mut sets = sets.into_iter().filter(|set| !set.is_empty());
        let Some(first) = sets.next() else { return Set::none() };
        let Some(second) = sets.next() else { return first.clone() };
        let mut all = Collecting::new(documents);
        [first, second].into_iter().chain(sets).for_each(|set| all.add_all(set));
        all.set()
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Set::All(documents) => *documents as usize,
            Set::Few(docs) => docs.len(),
            Set::Many(bits) => bits.count,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn has(&self, doc: DocId) -> bool {
        match self {
            Set::All(documents) => doc < *documents,
            Set::Few(docs) => docs.binary_search(&doc).is_ok(),
            Set::Many(bits) => bits.has(doc),
        }
    }

    /// What is in each of them. Maps are cut in one go, with nothing in between.
    pub(super) fn common<'a>(documents: u32, sets: impl IntoIterator<Item = &'a Set>) -> Set {
        let (mut fewest, mut maps): (Option<&Set>, Vec<&Arc<Bits>>) = (None, Vec::new());
        let mut lists: Vec<&Set> = Vec::new();
        for set in sets {
            match set {
                Set::All(_) => {}
                Set::Many(bits) => maps.push(bits),
                Set::Few(_) if fewest.is_none_or(|fewest| set.len() < fewest.len()) => {
                    lists.extend(fewest.replace(set))
                }
                Set::Few(_) => lists.push(set),
            }
        }
        let Some(fewest) = fewest else { return Bits::common(documents, &maps) };
        let mut docs: Vec<_> = Vec::with_capacity(fewest.len());
        fewest.each(|doc| docs.push(doc));
        for list in lists {
            let mut has = list.ascending();
            docs.retain(|doc| has(*doc));
        }
        docs.retain(|doc| maps.iter().all(|bits| bits.has(*doc)));
        Set::Few(docs.into())
    }

    /// Visits what is in each of them, in ascending order, where no set is made of it.
    pub(super) fn each_common(documents: u32, sets: &[&Set], mut visit: impl FnMut(DocId)) {
        if let Some(fewest) = sets.iter().filter(|set| matches!(set, Set::Few(_))).min_by_key(|set| set.len()) {
            fewest.each(|doc| {
                if sets.iter().all(|set| std::ptr::eq(set, fewest) || set.has(doc)) {
                    visit(doc);
                }
            });
            return;
        }
        let maps = sets.iter().filter_map(|set| if let Set::Many(bits) = set { Some(&*bits.words) } else { None });
        let Some((first, others)) = maps.collect::<Vec<_>>().split_first().map(|(first, rest)| (*first, rest.to_vec()))
        else {
            return Set::All(documents).each(visit);
        };
        for (at, word) in first.iter().enumerate() {
            each_of(at, others.iter().fold(*word, |word, other| word & other[at]), &mut visit);
        }
    }

    /// Whether it has this document, and then this one, and so on: asked in ascending order, a list is walked and not
    /// searched from its beginning each time.
    pub(super) fn ascending(&self) -> impl FnMut(DocId) -> bool {
        let mut from = 0;
        move |doc| match self {
            Set::Few(docs) => {
                let (mut step, mut to) = (1, from);
                while docs.get(to).is_some_and(|passed| *passed < doc) {
                    from = to + 1;
                    to += step;
                    step *= 2;
                }
                from += docs[from..to.clamp(from, docs.len())].partition_point(|passed| *passed < doc);
                docs.get(from) == Some(&doc)
            }
            set => set.has(doc),
        }
    }

    /// Without those of `other`; `documents` are all there are.
    pub(super) fn minus(&self, other: &Set, documents: u32) -> Set {
        match (self, other) {
            (_, Set::All(_)) => Set::none(),
            (set, other) if other.is_empty() => set.clone(),
            (Set::Few(few), other) => {
                let mut has = other.ascending();
                Set::Few(few.iter().copied().filter(|doc| !has(*doc)).collect())
            }
            (set, other) => {
                let mut words = match set {
                    Set::Many(bits) => bits.words.clone(),
                    _ => full(documents),
                };
                match other {
                    Set::Many(bits) => words.iter_mut().zip(&bits.words).for_each(|(ours, less)| *ours &= !less),
                    other => other.each(|doc| unmark(&mut words, doc)),
                }
                Bits::of(words).set(documents)
            }
        }
    }

    /// Without those of `other`, and then these few taken in and those few taken out: so many remain. Each that is
    /// taken in was missing, each that is taken out was there.
    pub(super) fn changed(
        &self,
        other: &Set,
        documents: u32,
        taken_in: impl Iterator<Item = DocId>,
        taken_out: impl Iterator<Item = DocId>,
        count: usize,
    ) -> Set {
        let mut words: Box<[u64]> = match (self, other) {
            (Set::Many(ours), Set::Many(others)) => ours.words.iter().zip(&others.words).map(|(l, r)| l & !r).collect(),
            (Set::All(_), Set::Many(others)) => {
                full(documents).iter().zip(&others.words).map(|(l, r)| l & !r).collect()
            }
            (ours, others) => {
                let mut words = match ours {
                    Set::Many(bits) => bits.words.clone(),
                    Set::All(_) => full(documents),
                    Set::Few(_) => empty(documents),
                };
                if let Set::Few(few) = ours {
                    few.iter().for_each(|doc| mark(&mut words, *doc));
                }
                others.each(|doc| unmark(&mut words, doc));
                words
            }
        };
        taken_in.for_each(|doc| mark(&mut words, doc));
        taken_out.for_each(|doc| unmark(&mut words, doc));
        Bits { words, count }.set(documents)
    }

    /// In ascending order.
    pub(super) fn each(&self, visit: impl FnMut(DocId)) {
        match self {
            Set::All(documents) => (0..*documents).for_each(visit),
            Set::Few(docs) => docs.iter().copied().for_each(visit),
            Set::Many(bits) => bits.each(visit),
        }
    }

    /// Whether they are one in memory too.
    pub(super) fn is_same(&self, other: &Set) -> bool {
        match (self, other) {
            (Set::Many(ours), Set::Many(theirs)) => Arc::ptr_eq(ours, theirs),
            (Set::Few(ours), Set::Few(theirs)) => Arc::ptr_eq(ours, theirs),
            _ => false,
        }
    }

    /// What it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Set::All(_) => 0,
            Set::Few(docs) => docs.len() * size_of::<DocId>(),
            Set::Many(bits) => bits.words.len() * size_of::<u64>(),
        }
    }
}

pub(super) fn full(documents: u32) -> Box<[u64]> {
    let mut words = vec![u64::MAX; (documents as usize).div_ceil(64)];
    if let (Some(last), rest @ 1..) = (words.last_mut(), documents % 64) {
        *last = (1 << rest) - 1;
    }
    words.into()
}

fn unmark(words: &mut [u64], doc: DocId) {
    if let Some(word) = words.get_mut(doc as usize / 64) {
        *word &= !(1 << (doc % 64));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    use super::*;

    const DOCUMENTS: u32 = 1_000;

    fn docs(set: &Set) -> Vec<DocId> {
        let mut docs = Vec::new();
        set.each(|doc| docs.push(doc));
        docs
    }

    fn some(random: &mut StdRng) -> (Set, BTreeSet<DocId>) {
        if random.random_bool(0.1) {
            return (Set::All(DOCUMENTS), (0..DOCUMENTS).collect());
        }
        let share = [0.0, 0.002, 0.02, 0.05, 0.5, 0.99][random.random_range(0..6)];
        let mut all = Collecting::new(DOCUMENTS);
        let mut plain = BTreeSet::new();
        for doc in (0..DOCUMENTS).rev().filter(|_| random.random_bool(share)) {
            all.add(doc);
            all.add(doc);
            plain.insert(doc);
        }
        (all.set(), plain)
    }

    #[test]
    fn they_are_what_plain_sets_are() {
        let mut random = StdRng::seed_from_u64(3);
        for _ in 0..2_000 {
            let ((one, plain_one), (two, plain_two)) = (some(&mut random), some(&mut random));
            let same = |set: Set, plain: Vec<DocId>| {
                assert_eq!((set.len(), docs(&set)), (plain.len(), plain));
            };
            let both: Vec<_> = plain_one.intersection(&plain_two).copied().collect();
            same(Set::common(DOCUMENTS, [&one, &Set::All(DOCUMENTS), &two]), both);
            let mut collected = Collecting::new(DOCUMENTS);
            collected.add_all(&two);
            same(collected.missing(&one), plain_one.difference(&plain_two).copied().collect());
            same(one.minus(&two, DOCUMENTS), plain_one.difference(&plain_two).copied().collect());
            let mut each = Vec::new();
            Set::each_common(DOCUMENTS, &[&one, &Set::All(DOCUMENTS), &two], |doc| each.push(doc));
            assert_eq!(each, plain_one.intersection(&plain_two).copied().collect::<Vec<_>>());
            same(Set::union(DOCUMENTS, [&one, &two]), plain_one.union(&plain_two).copied().collect());
            for doc in 0..DOCUMENTS {
                assert_eq!(one.has(doc), plain_one.contains(&doc));
            }
            for asked in [&plain_two, &(0..DOCUMENTS).collect()] {
                let mut has = one.ascending();
                assert!(asked.iter().all(|doc| has(*doc) == plain_one.contains(doc)));
            }
            same(one, plain_one.into_iter().collect());
        }
    }
}
