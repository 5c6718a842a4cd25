//! One page of what matches, in one walk over it: the exact count, and the first rows after the cursor in the order
//! asked for. Every order is total: rows that are equal in it stand with the newest id first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use bharatmart_core::ProductId;
use bharatmart_core::ports::{Fault, SearchSort, SortKey};
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{ColumnValues, StrColumn, TermOrdHit};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader, TantivyError};
use uuid::Uuid;

use super::PORT;
use super::schema::column;

/// Where a row stands. Each order is turned into an ascending one, so the smallest comes first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Number(u64),
    Name(String),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    place: Place,
    id: Reverse<u128>,
    pub address: DocAddress,
}

impl Row {
    pub(super) fn sort_key(&self) -> SortKey {
        let key = match &self.place {
            Place::Number(number) => number.to_string(),
            Place::Name(name) => name.clone(),
        };
        SortKey { key, id: ProductId::from_uuid(Uuid::from_u128(self.id.0)) }
    }
}

#[derive(Default)]
pub(super) struct Rows {
    /// Of all matches, whatever the page.
    pub total: u64,
    /// At most one more than the page holds, which tells that there is a next one.
    pub rows: Vec<Row>,
}

pub(super) struct PageOf {
    order: SearchSort,
    /// Relevance means nothing where no words are asked for.
    scored: bool,
    after: Option<(Place, u128)>,
    limit: usize,
}

impl PageOf {
    pub(super) fn new(order: SearchSort, words: bool, after: Option<&SortKey>, size: usize) -> Result<Self, Fault> {
        let place = |key: &str| match order {
            SearchSort::Name => Ok(Place::Name(key.to_owned())),
            _ => key.parse().map(Place::Number).map_err(|_| Fault::broken(PORT, "the cursor is of another order")),
        };
        let after = after.map(|after| Ok((place(&after.key)?, after.id.uuid().as_u128())));
        let scored = words && order == SearchSort::Relevance;
        Ok(PageOf { order, scored, after: after.transpose()?, limit: size + 1 })
    }
}

impl Collector for PageOf {
    type Fruit = Rows;
    type Child = SegmentPage;

    fn for_segment(&self, segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<SegmentPage> {
        let columns = reader.fast_fields();
        let number = |name, descending| {
            let (column, _) = columns.u64_lenient(name)?.ok_or_else(|| no_column(name))?;
            Ok::<_, TantivyError>(Order::Number { column: column.first_or_default_col(0), descending })
        };
        let order = match self.order {
            SearchSort::Relevance if self.scored => Order::Score,
            SearchSort::Relevance => Order::None,
            SearchSort::Newest => number(column::CREATED_AT, true)?,
            SearchSort::PriceAsc => number(column::PRICE, false)?,
            SearchSort::PriceDesc => number(column::PRICE, true)?,
            SearchSort::Rating => number(column::RATING, true)?,
            SearchSort::Name => {
                let names = columns.str(column::NAME)?.ok_or_else(|| no_column(column::NAME))?;
                Order::Name { column: names.ords().clone().first_or_default_col(0), names }
            }
        };
        let after = match &self.after {
            Some((place, id)) => Some(order.start(place, *id)?),
            None => None,
        };
        Ok(SegmentPage {
            segment,
            order,
            id_high: columns.u64(column::ID_HIGH)?.first_or_default_col(0),
            id_low: columns.u64(column::ID_LOW)?.first_or_default_col(0),
            after,
            limit: self.limit,
            total: 0,
            best: BinaryHeap::with_capacity(self.limit + 1),
            places: Vec::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        self.scored
    }

    fn merge_fruits(&self, segments: Vec<tantivy::Result<Rows>>) -> tantivy::Result<Rows> {
        let mut all = Rows::default();
        for segment in segments {
            let Rows { total, rows } = segment?;
            all.total += total;
            all.rows.extend(rows);
        }
        all.rows.sort_unstable();
        all.rows.truncate(self.limit);
        Ok(all)
    }
}

fn no_column(name: &str) -> TantivyError {
    TantivyError::SchemaError(format!("there is no column {name}"))
}

/// How a segment's rows are ordered. Names are compared by their rank in the segment, and told only when it is done.
enum Order {
    None,
    Score,
    Number { column: Arc<dyn ColumnValues<u64>>, descending: bool },
    Name { column: Arc<dyn ColumnValues<u64>>, names: StrColumn },
}

impl Order {
    fn place(&self, doc: DocId, score: Score) -> u64 {
        match self {
            Order::None => 0,
            // The bits of positive floats are ordered as the floats are.
            Order::Score => u64::from(!score.max(0.0).to_bits()),
            Order::Number { column, descending: false } => column.get_val(doc),
            Order::Number { column, descending: true } => !column.get_val(doc),
            Order::Name { column, .. } => column.get_val(doc),
        }
    }

    /// The last row that is not on this page: a row must be greater.
    fn start(&self, place: &Place, id: u128) -> tantivy::Result<(u64, Reverse<u128>)> {
        match (self, place) {
            (Order::Name { names, .. }, Place::Name(name)) => Ok(match names.dictionary().term_ord_or_next(name)? {
                TermOrdHit::Exact(rank) => (rank, Reverse(id)),
                // No row of this segment has the name itself: begin with all of the next one.
                TermOrdHit::Next(rank) => (rank, Reverse(u128::MAX)),
            }),
            (_, Place::Number(number)) => Ok((*number, Reverse(id))),
            (_, Place::Name(_)) => Err(TantivyError::InvalidArgument("the cursor is of another order".into())),
        }
    }

    fn told(&self, place: u64) -> tantivy::Result<Place> {
        let Order::Name { names, .. } = self else { return Ok(Place::Number(place)) };
        let mut name = String::new();
        names.ord_to_str(place, &mut name)?;
        Ok(Place::Name(name))
    }
}

pub(super) struct SegmentPage {
    segment: SegmentOrdinal,
    order: Order,
    id_high: Arc<dyn ColumnValues<u64>>,
    id_low: Arc<dyn ColumnValues<u64>>,
    after: Option<(u64, Reverse<u128>)>,
    limit: usize,
    total: u64,
    /// The worst of the best on top.
    best: BinaryHeap<(u64, Reverse<u128>, DocId)>,
    places: Vec<u64>,
}

impl SegmentPage {
    fn id(&self, doc: DocId) -> Reverse<u128> {
        Reverse(u128::from(self.id_high.get_val(doc)) << 64 | u128::from(self.id_low.get_val(doc)))
    }

    /// Ids are looked up only for rows that may be on the page.
    fn consider(&mut self, doc: DocId, place: u64) {
        if self.after.is_some_and(|(least, _)| place < least) {
            return;
        }
        let full = self.best.len() == self.limit;
        if full && self.best.peek().is_some_and(|(worst, _, _)| place > *worst) {
            return;
        }
        let row = (place, self.id(doc), doc);
        if self.after.is_some_and(|after| (row.0, row.1) <= after) {
            return;
        }
        if !full {
            self.best.push(row);
        } else if let Some(mut worst) = self.best.peek_mut()
            && row < *worst
        {
            *worst = row;
        }
    }
}

impl SegmentCollector for SegmentPage {
    type Fruit = tantivy::Result<Rows>;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.total += 1;
        self.consider(doc, self.order.place(doc, score));
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        self.total += docs.len() as u64;
        let mut places = std::mem::take(&mut self.places);
        places.clear();
        places.resize(docs.len(), 0);
        match &self.order {
            Order::Number { column, descending } => {
                column.get_vals(docs, &mut places);
                if *descending {
                    places.iter_mut().for_each(|place| *place = !*place);
                }
            }
            Order::Name { column, .. } => column.get_vals(docs, &mut places),
            Order::None | Order::Score => {}
        }
        // Backwards: products mostly come in by age, and then the newest of a block spare the others a place.
        for (doc, place) in docs.iter().zip(&places).rev() {
            self.consider(*doc, *place);
        }
        self.places = places;
    }

    fn harvest(self) -> tantivy::Result<Rows> {
        let row = |(place, id, doc): &(u64, Reverse<u128>, DocId)| {
            Ok(Row { place: self.order.told(*place)?, id: *id, address: DocAddress::new(self.segment, *doc) })
        };
        Ok(Rows { total: self.total, rows: self.best.iter().map(row).collect::<tantivy::Result<_>>()? })
    }
}
