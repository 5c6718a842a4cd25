//! How a category goes. A product or category may come to lie in it at the same moment, so it takes two commits: first it
//! is gone for everybody and nothing new can come in, then it is looked at once more, and either its slug is given back
//! or the removal is taken back. Whoever removes it ends the removal at once; whoever hears of the first commit and finds
//! it without a second ends it too. The second is of the version the first left, so it is made once.

use super::categories::{Changed, written};
use super::category::Category;
use super::product::Status;
use crate::changes::{Changes, ClaimKind, Expect, Write};
use crate::hand::Hand;
use crate::identity::Action;
use crate::ids::CategoryId;
use crate::ports::{CatalogReads, Fault};
use crate::tenant::Tenant;

/// Products looked at at once.
const PAGE: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    Categories,
    Products,
}

/// What lies in it, deleted products aside.
pub async fn holds(
    catalog: &dyn CatalogReads,
    tenant: &Tenant,
    id: CategoryId,
    known: &[Category],
) -> Result<Option<Holds>, Fault> {
    if known.iter().any(|category| category.parent == Some(id) && !category.deleted) {
        return Ok(Some(Holds::Categories));
    }
    let mut before = None;
    loop {
        let page = catalog.newest_products(tenant, Some(&[id]), before, PAGE).await?;
        let Some(last) = page.last() else { return Ok(None) };
        let products = catalog.products(tenant, &page).await?;
        if products.iter().any(|stocked| stocked.product.category == id && stocked.product.status != Status::Deleted) {
            return Ok(Some(Holds::Products));
        }
        before = Some(*last);
    }
}

/// Gone for everybody. Its slug is still taken, so that it can be taken back.
pub fn remove(hand: Hand<'_>, category: &Category) -> Changed {
    let next = Category { deleted: true, version: category.version + 1, ..category.clone() };
    let entry = hand.audit(Action::CategoryDeleted, category.id).changed(Some(category), None);
    let changes = hand.changes().put(&entry, Expect::New);
    written(hand, next, Expect::Version(category.version), changes, false)
}

/// The second commit, by what came to lie in it meanwhile.
pub fn end(hand: Hand<'_>, removed: &Category, held: Option<Holds>) -> Changes {
    if held.is_some() { restore(hand, removed) } else { give_back(hand, removed) }
}

fn restore(hand: Hand<'_>, removed: &Category) -> Changes {
    let next = Category { deleted: false, version: removed.version + 1, ..removed.clone() };
    let entry = hand.audit(Action::CategoryChanged, removed.id).changed(Some(removed), Some(&next));
    let changes = hand.changes().put(&entry, Expect::New);
    written(hand, next, Expect::Version(removed.version), changes, false).changes
}

/// Another may be called so now.
fn give_back(hand: Hand<'_>, removed: &Category) -> Changes {
    let (name, owner) = (removed.slug.to_string(), removed.id.to_string());
    let category = Category { version: removed.version + 1, ..removed.clone() };
    hand.changes().write(Write::Category { category, expect: Expect::Version(removed.version) }).write(Write::Unclaim {
        kind: ClaimKind::CategorySlug,
        name,
        owner,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Tree, new_category};
    use crate::identity::samples::World;
    use crate::text::Slug;

    #[test]
    fn a_removal_is_ended_once_one_way_or_the_other() {
        let world = World::new();
        let scene = world.scene();
        let hand = Hand::shop(scene.tenant, scene.clock, scene.ids);
        let slug = Slug::parse("tea").unwrap();
        let (category, _) = new_category(scene.tenant, slug, "Tea", 0, scene.clock, scene.ids);
        let removed = remove(hand, &category).category;
        assert!(removed.deleted && Tree::of(std::slice::from_ref(&removed)).all().is_empty());
        let is_of = |changes: &Changes, gone: bool| {
            changes.writes.iter().any(|write| {
                let Write::Category { category, expect } = write else { return false };
                category.deleted == gone && *expect == Expect::Version(removed.version)
            })
        };
        let gives_back = |changes: &Changes| changes.writes.iter().any(|write| matches!(write, Write::Unclaim { .. }));
        let (back, gone) = (end(hand, &removed, Some(Holds::Products)), end(hand, &removed, None));
        assert!(is_of(&back, false) && !gives_back(&back));
        assert!(is_of(&gone, true) && gives_back(&gone));
    }
}
