//! How a set comes about: documents in any order, each any number of times, one by one or whole sets of them.

use std::sync::Arc;

use tantivy::DocId;

use super::sets::{Bits, Set, WORTH_A_MAP, empty, full, has, mark};

/// Collects documents in any order, each any number of times.
pub(super) struct Collecting {
    documents: u32,
    few: Vec<DocId>,
    many: Many,
}

enum Many {
    None,
    /// Not copied before there is something to add that it does not have.
    Shared(Arc<Bits>),
    Own(Box<[u64]>),
}

impl Collecting {
    pub(super) fn new(documents: u32) -> Self {
        Collecting { documents, few: Vec::new(), many: Many::None }
    }

    pub(super) fn add(&mut self, doc: DocId) {
        match &mut self.many {
            Many::Own(words) => mark(words, doc),
            Many::Shared(bits) if bits.has(doc) => {}
            Many::None if self.few.len() * WORTH_A_MAP < self.documents as usize => self.few.push(doc),
            Many::Shared(_) | Many::None => mark(self.own(), doc),
        }
    }

    pub(super) fn add_each(&mut self, docs: &[DocId]) {
        match &self.many {
            Many::None if (self.few.len() + docs.len()) * WORTH_A_MAP < self.documents as usize => {
                self.few.extend_from_slice(docs);
            }
            _ => {
                let words = self.own();
                docs.iter().for_each(|doc| mark(words, *doc));
            }
        }
    }

    pub(super) fn add_all(&mut self, set: &Set) {
        match (set, &mut self.many) {
            (Set::All(documents), many) => {
                *many = Many::Own(full(*documents));
                self.few.clear();
            }
            (Set::Many(bits), Many::None) => {
                self.many = Many::Shared(bits.clone());
                let few = std::mem::take(&mut self.few);
                few.into_iter().for_each(|doc| self.add(doc));
            }
            (Set::Many(bits), Many::Shared(same)) if Arc::ptr_eq(bits, same) => {}
            (Set::Many(bits), _) => self.own().iter_mut().zip(&bits.words).for_each(|(ours, more)| *ours |= more),
            (Set::Few(docs), Many::None) => self.add_each(docs),
            (Set::Few(docs), _) => docs.iter().for_each(|doc| self.add(*doc)),
        }
    }

    /// What of a set is not among them.
    pub(super) fn missing(&mut self, set: &Set) -> Set {
        match &self.many {
            Many::None if self.few.is_empty() => set.clone(),
            Many::None => {
                self.few.sort_unstable();
                set.minus(&Set::Few(self.few.as_slice().into()), self.documents)
            }
            Many::Shared(bits) => set.minus(&Set::Many(bits.clone()), self.documents),
            Many::Own(words) => match set {
                Set::Few(docs) => Set::Few(docs.iter().copied().filter(|doc| !has(words, *doc)).collect()),
                Set::Many(bits) => {
                    Bits::of(bits.words.iter().zip(words).map(|(l, r)| l & !r).collect()).set(self.documents)
                }
                Set::All(documents) => {
                    Bits::of(full(*documents).iter().zip(words).map(|(l, r)| l & !r).collect()).set(self.documents)
                }
            },
        }
    }

    fn own(&mut self) -> &mut [u64] {
        let few = std::mem::take(&mut self.few);
        let words = match std::mem::replace(&mut self.many, Many::None) {
            Many::None => empty(self.documents),
            Many::Shared(bits) => bits.words.clone(),
            Many::Own(words) => words,
        };
        self.many = Many::Own(words);
        let Many::Own(words) = &mut self.many else { return &mut [] };
        few.into_iter().for_each(|doc| mark(words, doc));
        words
    }

    pub(super) fn set(mut self) -> Set {
        match self.many {
            Many::Own(words) => Bits::of(words).set(self.documents),
            Many::Shared(bits) => Set::Many(bits),
            Many::None => {
                self.few.sort_unstable();
                self.few.dedup();
                Set::Few(self.few.into())
            }
        }
    }
}
