//! Categories form a tree; a product is in one of them.

use serde::{Deserialize, Serialize};

use crate::changes::{Changes, ClaimKind, Expect, Write};
use crate::ids::CategoryId;
use crate::ports::{Clock, Ids};
use crate::tenant::Tenant;
use crate::text::Slug;
use crate::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    pub id: CategoryId,
    pub slug: Slug,
    pub name: String,
    pub parent: Option<CategoryId>,
    pub position: u32,
    /// Gone for everybody but a product that refers to it: its row stays, so that none ever refers to nothing.
    #[serde(default)]
    pub deleted: bool,
    pub version: u64,
    pub created_at: Timestamp,
}

impl Category {
    /// A commit with this is refused when the category has changed since it was read, or changes meanwhile.
    pub fn hold(&self) -> Write {
        Write::HoldCategory { id: self.id, version: self.version }
    }

    pub(super) fn claim(&self) -> Write {
        let (name, owner) = (self.slug.to_string(), self.id.to_string());
        Write::Claim { kind: ClaimKind::CategorySlug, name, owner }
    }
}

/// How a caller names a category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CategoryKey {
    Id(CategoryId),
    Slug(Slug),
}

impl CategoryKey {
    /// `None` when the text can name no category at all.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().map(CategoryKey::Id).or_else(|_| Slug::parse(text).map(CategoryKey::Slug)).ok()
    }

    pub fn is(&self, category: &Category) -> bool {
        match self {
            CategoryKey::Id(id) => category.id == *id,
            CategoryKey::Slug(slug) => category.slug == *slug,
        }
    }
}

/// One at the top, made by the shop itself.
pub fn new_category(
    tenant: &Tenant,
    slug: Slug,
    name: &str,
    position: u32,
    clock: &dyn Clock,
    ids: &dyn Ids,
) -> (Category, Changes) {
    let category = Category {
        id: CategoryId::new(ids),
        slug,
        name: name.to_owned(),
        parent: None,
        position,
        deleted: false,
        version: 1,
        created_at: clock.now(),
    };
    let changes = Changes::new(tenant)
        .write(category.claim())
        .write(Write::Category { category: category.clone(), expect: Expect::New });
    (category, changes)
}
