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
    pub version: u64,
    pub created_at: Timestamp,
}

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
        version: 1,
        created_at: clock.now(),
    };
    let changes = Changes::new(tenant)
        .write(Write::Claim {
            kind: ClaimKind::CategorySlug,
            name: category.slug.to_string(),
            owner: category.id.to_string(),
        })
        .write(Write::Category { category: category.clone(), expect: Expect::New });
    (category, changes)
}
