//! The shop's categories as a tree: what lies above and below each, and how deep.

use std::collections::{BTreeMap, HashMap};

use super::category::{Category, CategoryKey};
use crate::ids::CategoryId;
use crate::text::Slug;

/// A category at the top is on the first level.
pub const MAX_LEVELS: usize = 6;

/// Of those that are not deleted.
pub struct Tree<'a> {
    all: Vec<&'a Category>,
    by_id: HashMap<CategoryId, &'a Category>,
    below: HashMap<CategoryId, Vec<&'a Category>>,
}

impl<'a> Tree<'a> {
    pub fn of(categories: &'a [Category]) -> Self {
        let all: Vec<_> = categories.iter().filter(|category| !category.deleted).collect();
        let by_id = all.iter().map(|category| (category.id, *category)).collect();
        let mut below: HashMap<_, Vec<_>> = HashMap::new();
        for category in &all {
            if let Some(parent) = category.parent {
                below.entry(parent).or_default().push(*category);
            }
        }
        Tree { all, by_id, below }
    }

    pub fn all(&self) -> &[&'a Category] {
        &self.all
    }

    pub fn find(&self, key: &CategoryKey) -> Option<&'a Category> {
        match key {
            CategoryKey::Id(id) => self.by_id.get(id).copied(),
            CategoryKey::Slug(_) => self.all.iter().find(|category| key.is(category)).copied(),
        }
    }

    /// From the top down to what it lies in.
    pub fn above(&self, category: &Category) -> Vec<&'a Category> {
        let mut above = Vec::new();
        let mut parent = category.parent;
        // A tree that is damaged must not be walked for ever.
        while let Some(found) = parent.and_then(|id| self.by_id.get(&id)).filter(|_| above.len() < MAX_LEVELS) {
            above.push(*found);
            parent = found.parent;
        }
        above.reverse();
        above
    }

    pub fn children(&self, of: CategoryId) -> &[&'a Category] {
        self.below.get(&of).map_or(&[], Vec::as_slice)
    }

    /// How many levels it and what lies in it take.
    pub fn height(&self, of: CategoryId) -> usize {
        self.height_within(of, MAX_LEVELS)
    }

    fn height_within(&self, of: CategoryId, most: usize) -> usize {
        let below = |child: &&Category| self.height_within(child.id, most - 1);
        1 + if most == 0 { 0 } else { self.children(of).iter().map(below).max().unwrap_or(0) }
    }

    /// How many there are in each category and all below it, from how many there are in each by itself.
    pub fn counts(&self, own: &[(Slug, u64)]) -> BTreeMap<CategoryId, u64> {
        let own: HashMap<_, _> = own.iter().map(|(slug, count)| (slug, *count)).collect();
        let mut counts: BTreeMap<_, _> = self.all.iter().map(|category| (category.id, 0)).collect();
        for category in &self.all {
            let count = own.get(&category.slug).copied().unwrap_or(0);
            for holder in self.above(category).into_iter().chain([*category]) {
                *counts.entry(holder.id).or_default() += count;
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::time::Timestamp;

    fn id(n: u128) -> CategoryId {
        CategoryId::from_uuid(Uuid::from_u128(n))
    }

    fn category(n: u128, parent: Option<u128>) -> Category {
        Category {
            id: id(n),
            slug: Slug::parse(&format!("c{n}")).unwrap(),
            name: format!("C{n}"),
            parent: parent.map(id),
            position: 0,
            deleted: false,
            version: 1,
            created_at: Timestamp::from_millis(0),
        }
    }

    fn some() -> Vec<Category> {
        let mut gone = category(9, Some(2));
        gone.deleted = true;
        vec![
            category(1, None),
            category(2, Some(1)),
            category(3, Some(2)),
            category(4, Some(1)),
            category(5, None),
            gone,
        ]
    }

    #[test]
    fn a_tree_knows_what_is_above_and_below() {
        let some = some();
        let tree = Tree::of(&some);
        let above: Vec<_> = tree.above(&some[2]).iter().map(|category| category.id).collect();
        assert_eq!(above, [id(1), id(2)]);
        assert_eq!(tree.children(id(1)).len(), 2);
        assert_eq!((tree.height(id(1)), tree.height(id(3))), (3, 1));
        assert!(tree.find(&CategoryKey::parse("c9").unwrap()).is_none(), "it is gone");
        assert_eq!(tree.find(&CategoryKey::parse(&id(5).to_string()).unwrap()), Some(&some[4]));
    }

    #[test]
    fn a_category_counts_what_is_in_those_below_it() {
        let some = some();
        let own =
            [("c1", 1), ("c2", 10), ("c3", 100), ("c5", 7)].map(|(slug, count)| (Slug::parse(slug).unwrap(), count));
        let counts = Tree::of(&some).counts(&own);
        assert_eq!([1, 2, 3, 4, 5].map(|n| counts[&id(n)]), [111, 110, 100, 0, 7]);
    }

    #[test]
    fn a_damaged_tree_is_not_walked_for_ever() {
        let circle = [category(1, Some(2)), category(2, Some(1))];
        let tree = Tree::of(&circle);
        assert!(tree.above(&circle[0]).len() <= MAX_LEVELS);
        assert!(tree.height(id(1)) > MAX_LEVELS);
    }
}
