//! A row as it is stored: what is shown of it, and the texts that its highlights and suggestions are made of.

use std::sync::Arc;

use bharatmart_core::ports::Fault;
use tantivy::schema::{Field, Value};
use tantivy::{DocAddress, DocId, TantivyDocument};

use super::schema::FIELDS;
use super::snapshot::Snapshot;
use super::{PORT, broken};

pub(super) struct Stored(TantivyDocument);

pub(super) fn read(snapshot: &Snapshot, shelf: usize, doc: DocId) -> Result<Stored, Fault> {
    snapshot.searcher.doc(DocAddress::new(shelf as u32, doc)).map(Stored).map_err(broken)
}

impl Stored {
    pub(super) fn shown(&self) -> Result<Arc<str>, Fault> {
        match self.text(FIELDS.shown) {
            "" => Err(Fault::broken(PORT, "a row of the index has nothing to show")),
            shown => Ok(Arc::from(shown)),
        }
    }

    pub(super) fn name(&self) -> &str {
        self.text(FIELDS.stored_name)
    }

    pub(super) fn slug(&self) -> &str {
        self.text(FIELDS.stored_slug)
    }

    pub(super) fn description(&self) -> &str {
        self.text(FIELDS.stored_description)
    }

    pub(super) fn category_name(&self) -> &str {
        self.text(FIELDS.stored_category_name)
    }

    fn text(&self, field: Field) -> &str {
        self.0.get_first(field).and_then(|value| value.as_str()).unwrap_or_default()
    }
}
