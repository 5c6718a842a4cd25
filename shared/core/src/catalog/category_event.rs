//! The event that tells of a category: the data of `category.changed.v1`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::category::Category;
use crate::event::{Event, EventKind};
use crate::ids::{CategoryId, ProductId};
use crate::ports::{Clock, Ids};
use crate::tenant::Tenant;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CategoryTold {
    pub category_id: CategoryId,
    pub version: u64,
    /// The index must hear of it: products are shown with their category's name.
    pub renamed: bool,
    /// The index has heard of its products down to this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ProductId")]
    pub before: Option<ProductId>,
}

impl CategoryTold {
    pub fn of(category: &Category, renamed: bool) -> Self {
        CategoryTold { category_id: category.id, version: category.version, renamed, before: None }
    }

    pub fn event(&self, tenant: &Tenant, clock: &dyn Clock, ids: &dyn Ids) -> Event {
        Event::new(EventKind::CategoryChanged, tenant, self.category_id.to_string(), self, clock, ids)
    }
}
