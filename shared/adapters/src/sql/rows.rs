//! From rows to the shop's types. What a row cannot be read as is a broken store, not a missing thing.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use bharatmart_core::catalog::{
    Category, GstRate, Hsn, Product, QuantityRule, Rating, Status, StockedProduct, Variant,
};
use bharatmart_core::event::{Source, SpecVersion};
use bharatmart_core::inventory::{Levels, Location, Stock};
use bharatmart_core::ports::{Answer, Fault, Fence};
use bharatmart_core::{Event, EventKind, Paise, ProductId, Sku, Slug, Tenant, Timestamp};
use serde::de::DeserializeOwned;

use super::PORT;

/// One row of an engine, by column.
pub trait Columns: Send + 'static {
    fn int(&self, at: usize) -> Result<Option<i64>, Fault>;
    fn text(&self, at: usize) -> Result<Option<&str>, Fault>;
}

pub(super) fn broken(cause: impl Display) -> Fault {
    Fault::broken(PORT, cause)
}

/// Reads a row from left to right.
pub(super) struct Reader<'r, R> {
    row: &'r R,
    at: usize,
}

impl<'r, R: Columns> Reader<'r, R> {
    pub(super) fn new(row: &'r R) -> Self {
        Reader { row, at: 0 }
    }

    fn next(&mut self) -> usize {
        self.at += 1;
        self.at - 1
    }

    fn value<T>(&mut self, value: Option<T>) -> Result<T, Fault> {
        value.ok_or_else(|| broken(format_args!("column {} has no value", self.at)))
    }

    pub(super) fn maybe_int(&mut self) -> Result<Option<i64>, Fault> {
        let at = self.next();
        self.row.int(at)
    }

    pub(super) fn maybe_text(&mut self) -> Result<Option<&'r str>, Fault> {
        let at = self.next();
        self.row.text(at)
    }

    pub(super) fn text(&mut self) -> Result<&'r str, Fault> {
        let text = self.maybe_text()?;
        self.value(text)
    }

    pub(super) fn owned(&mut self) -> Result<String, Fault> {
        self.text().map(str::to_owned)
    }

    /// A figure of any whole-number type it fits in.
    pub(super) fn int<T: TryFrom<i64>>(&mut self) -> Result<T, Fault> {
        let int = self.maybe_int()?;
        let int = self.value(int)?;
        T::try_from(int).map_err(|_| broken(format_args!("column {}: {int} is out of range", self.at)))
    }

    pub(super) fn time(&mut self) -> Result<Timestamp, Fault> {
        self.int().map(Timestamp::from_millis)
    }

    pub(super) fn fence(&mut self) -> Result<Fence, Fault> {
        self.int().map(Fence)
    }

    /// Text that reads back as what was written.
    pub(super) fn id<T: FromStr>(&mut self) -> Result<T, Fault>
    where
        T::Err: Display,
    {
        self.text()?.parse().map_err(broken)
    }

    fn word<T>(&mut self, parse: impl Fn(&str) -> Result<T, bharatmart_core::Invalid>) -> Result<T, Fault> {
        parse(self.text()?).map_err(broken)
    }

    fn json<T: DeserializeOwned>(&mut self) -> Result<T, Fault> {
        serde_json::from_str(self.text()?).map_err(broken)
    }

    fn money(&mut self) -> Result<Paise, Fault> {
        Paise::parse(self.int()?).map_err(broken)
    }

    fn one_of<T: Copy>(&mut self, all: &[T], name: fn(T) -> &'static str) -> Result<T, Fault> {
        let text = self.text()?;
        all.iter().copied().find(|one| name(*one) == text).ok_or_else(|| broken(format_args!("unknown {text}")))
    }
}

pub(super) fn tenant<R: Columns>(row: &R) -> Result<Tenant, Fault> {
    Reader::new(row).word(Tenant::parse)
}

pub(super) fn stock<R: Columns>(read: &mut Reader<'_, R>) -> Result<(Location, Stock), Fault> {
    Ok((read.word(Location::parse)?, Stock { available: read.int()?, reserved: read.int()?, sold: read.int()? }))
}

pub(super) fn category<R: Columns>(row: &R) -> Result<Category, Fault> {
    let mut read = Reader::new(row);
    Ok(Category {
        id: read.id()?,
        slug: read.word(Slug::parse)?,
        name: read.owned()?,
        parent: read.maybe_text()?.map(str::parse).transpose().map_err(broken)?,
        position: read.int()?,
        deleted: read.int::<u8>()? == 1,
        version: read.int()?,
        created_at: read.time()?,
    })
}

pub(super) fn event<R: Columns>(row: &R) -> Result<Event, Fault> {
    let mut read = Reader::new(row);
    Ok(Event {
        specversion: SpecVersion::V1,
        source: Source::BharatMart,
        tenant: read.word(Tenant::parse)?,
        id: read.id()?,
        kind: read.one_of(EventKind::ALL, EventKind::name)?,
        subject: read.owned()?,
        time: read.time()?,
        traceparent: read.maybe_text()?.map(str::to_owned),
        data: read.json()?,
    })
}

pub(super) fn answer<R: Columns>(read: &mut Reader<'_, R>) -> Result<Answer, Fault> {
    Ok(Answer { status: read.int()?, headers: read.json()?, body: read.owned()? })
}

/// Puts products together from their rows, in whatever order those come.
#[derive(Default)]
pub(super) struct Shelf(BTreeMap<ProductId, Parts>);

#[derive(Default)]
struct Parts {
    product: Option<Product>,
    variants: Vec<(u32, Variant)>,
    stock: BTreeMap<Sku, Levels>,
}

impl Shelf {
    pub(super) fn add_product<R: Columns>(&mut self, row: &R) -> Result<(), Fault> {
        let mut read = Reader::new(row);
        let id = read.id()?;
        let parts = self.0.entry(id).or_default();
        let position = read.maybe_int()?;
        if let Some(position) = position {
            let position = u32::try_from(position).map_err(broken)?;
            parts.variants.push((position, variant(&mut read)?));
        } else {
            read.at += VARIANT_COLUMNS;
        }
        if position.unwrap_or(0) == 0 {
            parts.product = Some(product(id, &mut read)?);
        }
        Ok(())
    }

    /// Stock of a product that is not on the shelf is passed over in the end.
    pub(super) fn add_stock<R: Columns>(&mut self, row: &R) -> Result<(), Fault> {
        let mut read = Reader::new(row);
        let parts = self.0.entry(read.id()?).or_default();
        let levels = parts.stock.entry(read.word(Sku::parse)?).or_default();
        levels.0.extend([stock(&mut read)?]);
        Ok(())
    }

    pub(super) fn ids(&self) -> Vec<ProductId> {
        self.0.keys().copied().collect()
    }

    /// By id, ascending.
    pub(super) fn into_products(self) -> impl DoubleEndedIterator<Item = StockedProduct> {
        self.0.into_values().filter_map(|mut parts| {
            parts.variants.sort_unstable_by_key(|(position, _)| *position);
            let variants = parts.variants.into_iter().map(|(_, variant)| variant).collect();
            Some(StockedProduct { product: Product { variants, ..parts.product? }, stock: parts.stock })
        })
    }
}

const VARIANT_COLUMNS: usize = 7;

fn variant<R: Columns>(read: &mut Reader<'_, R>) -> Result<Variant, Fault> {
    Ok(Variant {
        sku: read.word(Sku::parse)?,
        options: read.json()?,
        price: read.money()?,
        compare_at: read.maybe_int()?.map(Paise::parse).transpose().map_err(broken)?,
        quantity: QuantityRule { min: read.int()?, max: read.int()?, step: read.int()? },
    })
}

fn product<R: Columns>(id: ProductId, read: &mut Reader<'_, R>) -> Result<Product, Fault> {
    Ok(Product {
        id,
        version: read.int()?,
        slug: read.word(Slug::parse)?,
        name: read.owned()?,
        brand: read.owned()?,
        category: read.id()?,
        gst_rate: GstRate::parse(read.int()?).map_err(broken)?,
        hsn: read.word(Hsn::parse)?,
        rating: Rating { stars: read.int()?, count: read.int()? },
        status: read.one_of(Status::ALL, Status::name)?,
        created_at: read.time()?,
        updated_at: read.time()?,
        unit: read.maybe_text()?.map(str::to_owned),
        description: read.owned()?,
        images: read.json()?,
        tags: read.json()?,
        attributes: read.json()?,
        variants: Vec::new(),
    })
}
