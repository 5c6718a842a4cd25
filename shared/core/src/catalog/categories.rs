//! How managers change the tree of categories. Whoever puts something below a category holds all that lie above: of two
//! who change the tree at once in ways that do not go together, one is refused and looks again.

use schemars::JsonSchema;
use serde::Deserialize;

use super::category::{Category, CategoryKey};
use super::category_event::CategoryTold;
use super::create::slug;
use super::input::position;
use super::tree::{MAX_LEVELS, Tree};
use crate::changes::{Changes, Expect, Write};
use crate::check::{Check, FieldError, Invalid, given};
use crate::hand::Hand;
use crate::identity::Action;
use crate::ids::CategoryId;
use crate::text::{Slug, bounded};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryInput {
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// Made from the name when it is absent. It stays, whatever the category is called later.
    #[schemars(length(max = 96))]
    pub slug: Option<String>,
    /// The slug or id of the category it lies in; at the top when absent.
    pub parent: Option<String>,
    /// Among its siblings: the least comes first.
    #[schemars(range(min = 0, max = 1000000))]
    pub position: Option<i64>,
}

/// What is absent stays as it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryChangeInput {
    #[schemars(length(min = 1, max = 100))]
    pub name: Option<String>,
    /// The slug or id of the category it is to lie in; null moves it to the top.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    pub parent: Option<Option<String>>,
    #[schemars(range(min = 0, max = 1000000))]
    pub position: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct NewCategory {
    name: String,
    pub slug: Option<Slug>,
    parent: Option<CategoryKey>,
    position: u32,
}

#[derive(Clone, Debug)]
pub struct CategoryChange {
    name: Option<String>,
    parent: Option<Option<CategoryKey>>,
    position: Option<u32>,
}

impl NewCategory {
    /// Everything that is wrong, named at once.
    pub fn parse(input: &CategoryInput) -> Result<Self, Vec<FieldError>> {
        let mut check = Check::new();
        let name = check.field("name", bounded(&input.name, 1, 100));
        let slug = input.slug.as_deref().and_then(|text| check.field("slug", Slug::parse(text)));
        let parent = input.parent.as_deref().and_then(|text| check.field("parent", key(text)));
        let position = check.field("position", position(input.position.unwrap_or(0)));
        match (name, position) {
            (Some(name), Some(position)) if check.is_clean() => Ok(NewCategory { name, slug, parent, position }),
            _ => Err(check.into_errors()),
        }
    }
}

impl CategoryChange {
    /// Everything that is wrong, named at once.
    pub fn parse(input: &CategoryChangeInput) -> Result<Self, Vec<FieldError>> {
        let mut check = Check::new();
        let name = input.name.as_deref().and_then(|name| check.field("name", bounded(name, 1, 100)));
        let parent = match &input.parent {
            Some(Some(text)) => check.field("parent", key(text)).map(Some),
            Some(None) => Some(None),
            None => None,
        };
        let position = input.position.and_then(|given| check.field("position", position(given)));
        if check.is_clean() { Ok(CategoryChange { name, parent, position }) } else { Err(check.into_errors()) }
    }
}

fn key(text: &str) -> Result<CategoryKey, Invalid> {
    CategoryKey::parse(text).ok_or_else(unknown)
}

fn unknown() -> Invalid {
    Invalid::new("unknown_category", "is not the slug or id of a category")
}

/// A category as it is afterwards, and what to write.
#[derive(Clone, Debug)]
pub struct Changed {
    pub category: Category,
    pub changes: Changes,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CategoryRefused {
    Invalid(Vec<FieldError>),
    /// It would lie in itself.
    Cycle,
    TooDeep,
}

/// `nth` counts the slugs tried, where none is given.
pub fn create(hand: Hand<'_>, tree: &Tree<'_>, new: &NewCategory, nth: u32) -> Result<Changed, CategoryRefused> {
    let id = CategoryId::new(hand.ids);
    let category = Category {
        id,
        slug: new.slug.clone().unwrap_or_else(|| slug(&new.name, "category", id.uuid(), nth)),
        name: new.name.clone(),
        parent: parent(tree, new.parent.as_ref())?,
        position: new.position,
        deleted: false,
        version: 1,
        created_at: hand.now(),
    };
    let changes = placed(hand, tree, &category, 1)?.write(category.claim());
    let entry = hand.audit(Action::CategoryCreated, id).changed(None, Some(&category));
    Ok(written(hand, category, Expect::New, changes.put(&entry, Expect::New), false))
}

/// `None` when nothing is new.
pub fn change(
    hand: Hand<'_>,
    tree: &Tree<'_>,
    category: &Category,
    change: &CategoryChange,
) -> Result<Option<Changed>, CategoryRefused> {
    let mut next = category.clone();
    next.name = change.name.clone().unwrap_or(next.name);
    next.position = change.position.unwrap_or(next.position);
    if let Some(key) = &change.parent {
        next.parent = parent(tree, key.as_ref())?;
    }
    if next == *category {
        return Ok(None);
    }
    next.version += 1;
    let changes = if next.parent == category.parent {
        hand.changes()
    } else if tree.above(&next).iter().any(|above| above.id == category.id) {
        return Err(CategoryRefused::Cycle);
    } else {
        placed(hand, tree, &next, tree.height(category.id))?
    };
    let entry = hand.audit(Action::CategoryChanged, category.id).changed(Some(category), Some(&next));
    let renamed = next.name != category.name;
    let changes = changes.put(&entry, Expect::New);
    Ok(Some(written(hand, next, Expect::Version(category.version), changes, renamed)))
}

fn parent(tree: &Tree<'_>, key: Option<&CategoryKey>) -> Result<Option<CategoryId>, CategoryRefused> {
    let Some(key) = key else { return Ok(None) };
    let found = tree.find(key).ok_or_else(|| {
        let mut check = Check::new();
        check.add("parent", unknown());
        CategoryRefused::Invalid(check.into_errors())
    });
    found.map(|parent| Some(parent.id))
}

/// Changes that hold all above the category; with its own it takes `levels`.
fn placed(hand: Hand<'_>, tree: &Tree<'_>, category: &Category, levels: usize) -> Result<Changes, CategoryRefused> {
    let above = tree.above(category);
    if above.len() + levels > MAX_LEVELS {
        return Err(CategoryRefused::TooDeep);
    }
    Ok(above.into_iter().fold(hand.changes(), |changes, above| changes.write(above.hold())))
}

/// Of a new name the index must hear: products are shown with it.
pub(super) fn written(hand: Hand<'_>, category: Category, expect: Expect, changes: Changes, renamed: bool) -> Changed {
    let event = CategoryTold::of(&category, renamed).event(hand.tenant, hand.clock, hand.ids);
    let changes = changes.write(Write::Category { category: category.clone(), expect }).event(event);
    Changed { category, changes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::new_category;
    use crate::identity::samples::World;

    fn hand(world: &World) -> Hand<'_> {
        let scene = world.scene();
        Hand::shop(scene.tenant, scene.clock, scene.ids)
    }

    /// Each in the one before.
    fn chain(world: &World, length: usize) -> Vec<Category> {
        let mut all: Vec<Category> = Vec::new();
        for n in 0..length {
            let (slug, hand) = (Slug::parse(&format!("c{n}")).unwrap(), hand(world));
            let (category, _) = new_category(hand.tenant, slug, "C", 0, hand.clock, hand.ids);
            all.push(Category { parent: all.last().map(|last| last.id), ..category });
        }
        all
    }

    fn held(changes: &Changes) -> Vec<CategoryId> {
        let hold = |write: &Write| if let Write::HoldCategory { id, .. } = write { Some(*id) } else { None };
        changes.writes.iter().filter_map(hold).collect()
    }

    fn input(name: &str, parent: Option<&str>) -> NewCategory {
        let parent = parent.map(str::to_owned);
        NewCategory::parse(&CategoryInput { name: name.to_owned(), slug: None, parent, position: None }).unwrap()
    }

    fn moved(parent: Option<&str>) -> CategoryChange {
        let parent = Some(parent.map(str::to_owned));
        CategoryChange::parse(&CategoryChangeInput { name: None, parent, position: None }).unwrap()
    }

    #[test]
    fn what_is_put_below_another_holds_all_above() {
        let world = World::new();
        let all = chain(&world, 4);
        let tree = Tree::of(&all);
        let made = create(hand(&world), &tree, &input("New", Some("c3")), 1).unwrap();
        assert_eq!(held(&made.changes), all.iter().map(|category| category.id).collect::<Vec<_>>());
        assert_eq!(made.changes.check(), Ok(()));
        let up = change(hand(&world), &tree, &all[3], &moved(Some("c0"))).unwrap().unwrap();
        assert_eq!(held(&up.changes), [all[0].id]);
        let top = change(hand(&world), &tree, &all[3], &moved(None)).unwrap().unwrap();
        assert!(held(&top.changes).is_empty() && top.category.parent.is_none());
    }

    #[test]
    fn nothing_lies_in_itself_or_too_deep() {
        let world = World::new();
        let all = chain(&world, MAX_LEVELS);
        let tree = Tree::of(&all);
        let into = |what: usize, into: &str| change(hand(&world), &tree, &all[what], &moved(Some(into))).map(drop);
        assert_eq!(into(0, "c0"), Err(CategoryRefused::Cycle));
        assert_eq!(into(1, "c5"), Err(CategoryRefused::Cycle));
        assert_eq!(into(5, "c0"), Ok(()));
        let deeper = create(hand(&world), &tree, &input("New", Some("c5")), 1);
        assert_eq!(deeper.map(drop), Err(CategoryRefused::TooDeep));
        assert!(matches!(into(1, "nowhere"), Err(CategoryRefused::Invalid(_))));
    }

    #[test]
    fn only_a_new_name_is_news_to_the_index() {
        let world = World::new();
        let all = chain(&world, 2);
        let tree = Tree::of(&all);
        let renamed = CategoryChangeInput { name: Some("D".to_owned()), parent: None, position: None };
        let renamed = CategoryChange::parse(&renamed).unwrap();
        let news = |change_to: &CategoryChange| {
            let changed = change(hand(&world), &tree, &all[1], change_to).unwrap().unwrap();
            changed.changes.events[0].told::<CategoryTold>().unwrap().renamed
        };
        assert!(news(&renamed) && !news(&moved(None)));
        let same = change(hand(&world), &tree, &all[1], &moved(Some("c0"))).unwrap();
        assert!(same.is_none(), "it lies there already");
    }
}
