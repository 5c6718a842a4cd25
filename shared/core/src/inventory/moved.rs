//! The event that tells of stock that moved: the data of `stock.moved.v1`. A commit that moves stock carries one, however
//! many SKUs it touches; a worker enters it in the books of each.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Location, Reason};
use crate::changes::Write;
use crate::event::{Event, EventKind};
use crate::ids::ProductId;
use crate::ports::{Clock, Ids};
use crate::tenant::Tenant;
use crate::text::Sku;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StockMoved {
    pub reason: Reason,
    /// A user's id, or `shop`.
    pub who: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub reference: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub note: Option<String>,
    pub lines: Vec<MovedLine>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MovedLine {
    pub product_id: ProductId,
    pub sku: Sku,
    pub location: Location,
    pub available: i64,
    pub reserved: i64,
}

impl StockMoved {
    /// What these writes do to stock: none may be left out, or the log would not sum to it.
    pub fn by(writes: &[Write], reason: Reason, who: impl ToString) -> Self {
        let line = |product: &ProductId, sku: &Sku, location: &Location, available, reserved| {
            let (sku, location) = (sku.clone(), location.clone());
            Some(MovedLine { product_id: *product, sku, location, available, reserved })
        };
        let lines = writes.iter().filter_map(|write| match write {
            Write::NewStock { product, sku, location, available } => {
                line(product, sku, location, i64::from(*available), 0)
            }
            Write::MoveStock { product, sku, location, available, reserved, .. } => {
                line(product, sku, location, *available, *reserved)
            }
            _ => None,
        });
        StockMoved { reason, who: who.to_string(), reference: None, note: None, lines: lines.collect() }
    }

    pub fn for_reference(mut self, reference: impl ToString) -> Self {
        self.reference = Some(reference.to_string());
        self
    }

    pub fn note(mut self, note: impl ToString) -> Self {
        self.note = Some(note.to_string());
        self
    }

    pub fn read(event: &Event) -> Result<Self, serde_json::Error> {
        event.told()
    }

    pub fn event(&self, tenant: &Tenant, clock: &dyn Clock, ids: &dyn Ids) -> Event {
        let subject = self.lines.first().map_or_else(|| "none".to_owned(), |line| line.product_id.to_string());
        Event::new(EventKind::StockMoved, tenant, subject, self, clock, ids)
    }
}
