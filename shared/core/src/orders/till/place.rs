//! Placing an order.

use super::basket::Filled;
use super::{Seal, TRIES, Till, busy};
use crate::cart::{self, Asked, CartProblem, Quoted, Shelf};
use crate::delivery::{Destination, Reach, slots};
use crate::ids::UserId;
use crate::inventory::{Piece, Wanted, plan};
use crate::orders::cod::{CodRules, NoCod, open_orders};
use crate::orders::input::{OrderAsked, Whereto};
use crate::orders::number::Numbers;
use crate::orders::place::{Bought, Placement, place};
use crate::orders::{Order, ShipTo};
use crate::payments::PaymentMethod;
use crate::ports::{CommitError, Fault};
use crate::pricing::{CouponCode, NamedCoupon, Terms};
use crate::record::RecordKey;
use crate::text::Sku;

/// The rules of the house.
#[derive(Clone, Copy)]
pub struct House<'a> {
    pub terms: &'a Terms,
    pub reach: &'a Reach,
    pub cod: &'a CodRules,
    pub numbers: &'a Numbers,
}

#[derive(Clone, Copy)]
pub struct Placing<'a> {
    pub user: UserId,
    pub asked: &'a OrderAsked,
    pub house: House<'a>,
}

#[derive(Debug, thiserror::Error)]
pub enum PlaceRefused {
    /// There is none, or it is another's.
    #[error("there is no such cart")]
    NoCart,
    #[error("there is nothing in the cart")]
    Empty,
    #[error("there is no such address")]
    NoAddress,
    #[error("nothing is brought there")]
    NotServiceable,
    #[error("nothing is brought in these hours")]
    NoSlot,
    #[error("there are {} problems", .0.len())]
    Problems(Vec<CartProblem>),
    #[error("it cannot be paid on delivery: {0:?}")]
    NoCod(NoCod),
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl From<Fault> for PlaceRefused {
    fn from(fault: Fault) -> Self {
        PlaceRefused::Commit(fault.into())
    }
}

/// All that was read before the decision.
struct Looked {
    filled: Filled,
    shelf: Shelf,
    coupon: Option<NamedCoupon>,
}

impl Till<'_> {
    /// One commit takes the stock, the coupon's use, the order, the cart's emptying and the answer; or nothing.
    pub async fn place(&self, placing: Placing<'_>, seal: Seal<'_, Order>) -> Result<Order, PlaceRefused> {
        let Placing { user, asked, house } = placing;
        let ship_to = self.ship_to(asked, user).await?;
        let destination = ship_to.destination(house.reach).ok_or(PlaceRefused::NotServiceable)?;
        if asked.slot.as_ref().is_some_and(|slot| !slots(self.hand.now()).iter().any(|open| open.id == *slot)) {
            return Err(PlaceRefused::NoSlot);
        }
        let mut number = None;
        for _ in 0..TRIES {
            let looked = self.look(asked, user).await?;
            let quoted = quoted(&looked, house.terms, &destination, self.hand.now())?;
            let pieces = pieces(&quoted, &looked)?;
            if asked.method == PaymentMethod::Cod {
                let open = self.store.counted(self.hand.tenant, &open_orders(user)).await?;
                let allowed = house.cod.allow(quoted.amounts.total, &ship_to.pincode, open);
                allowed.map_err(PlaceRefused::NoCod)?;
            }
            let number = match &number {
                Some(number) => number,
                None => number.insert(house.numbers.next(self.store, self.hand.tenant, self.hand.now()).await?),
            };
            let placement = Placement {
                number: number.clone(),
                user_id: user,
                method: asked.method,
                bought: bought(&quoted, &looked),
                amounts: quoted.amounts,
                coupon: looked.coupon.and_then(|named| named.coupon),
                ship_to: ship_to.clone(),
                delivery_slot: asked.slot.clone(),
                note: asked.note.clone(),
                gstin: asked.gstin.clone(),
                pieces,
            };
            let (order, mut changes) = place(placement, &self.hand);
            if let Some(mut cart) = looked.filled.cart {
                cart.empty();
                changes = changes.and(cart.save(self.hand.tenant, self.hand.now()).1);
            }
            if order.method == PaymentMethod::Cod {
                changes = changes.write(house.cod.one_more(user));
            }
            changes.answer = seal(&order);
            // A coupon that others used up meanwhile, say, is told of when it is looked at again.
            if self.keep(changes).await? {
                return Ok(order);
            }
        }
        Err(busy().into())
    }

    async fn ship_to(&self, asked: &OrderAsked, user: UserId) -> Result<ShipTo, PlaceRefused> {
        match &asked.whereto {
            Whereto::Here(ship_to) => Ok(ship_to.clone()),
            Whereto::Known(id) => {
                let address: Option<crate::identity::Address> = self.find(&RecordKey::of_user(user, id)).await?;
                address.map(ShipTo::from).ok_or(PlaceRefused::NoAddress)
            }
        }
    }

    async fn look(&self, asked: &OrderAsked, user: UserId) -> Result<Looked, PlaceRefused> {
        let filled = self.fill(&asked.basket, user).await?.ok_or(PlaceRefused::NoCart)?;
        if filled.lines.is_empty() {
            return Err(PlaceRefused::Empty);
        }
        let shelf = self.shelf(&filled.lines).await?;
        let of_cart = || filled.cart.as_ref()?.coupon.as_deref().and_then(|code| CouponCode::parse(code).ok());
        let coupon = match asked.coupon.clone().or_else(of_cart) {
            Some(code) => Some(self.coupon(&code, user).await?),
            None => None,
        };
        Ok(Looked { filled, shelf, coupon })
    }
}

fn quoted(
    looked: &Looked,
    terms: &Terms,
    destination: &Destination,
    now: crate::time::Timestamp,
) -> Result<Quoted, PlaceRefused> {
    let quoted = cart::quote(&Asked {
        lines: &looked.filled.lines,
        shelf: &looked.shelf,
        coupon: looked.coupon.as_ref(),
        terms,
        destination: Some(destination),
        now,
    });
    match quoted.problems.iter().any(CartProblem::hinders) {
        true => Err(PlaceRefused::Problems(quoted.problems.into_iter().filter(CartProblem::hinders).collect())),
        false => Ok(quoted),
    }
}

/// From where each SKU comes, over the shelf as it was read.
fn pieces(quoted: &Quoted, looked: &Looked) -> Result<Vec<Piece>, PlaceRefused> {
    let product = |sku: &Sku| looked.filled.lines.iter().find(|line| line.sku == *sku).map(|line| line.product_id);
    let wanted: Vec<Wanted> = quoted
        .items
        .iter()
        .filter_map(|item| {
            Some(Wanted { product: product(&item.sku)?, sku: item.sku.clone(), quantity: item.quantity })
        })
        .collect();
    plan(&wanted, |product, sku| looked.shelf.product(product)?.stock.get(sku)).map_err(|short| {
        let (sku, available) = (short.sku.to_string(), short.available);
        PlaceRefused::Problems(vec![CartProblem::InsufficientStock { sku, available }])
    })
}

/// What the customer buys, as the catalogue names it now.
fn bought(quoted: &Quoted, looked: &Looked) -> Vec<Bought> {
    let bought = |item: &crate::pricing::Item| {
        let line = looked.filled.lines.iter().find(|line| line.sku == item.sku)?;
        let product = &looked.shelf.product(line.product_id)?.product;
        let (name, hsn) = (product.name.clone(), product.hsn.clone());
        Some(Bought { item: item.clone(), product_id: line.product_id, name, hsn })
    };
    quoted.items.iter().filter_map(bought).collect()
}
