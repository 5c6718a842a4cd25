//! What is asked of the shop over its API, and how it answers: claim the key, do the work, keep or free the key. What an
//! order or a payment may do is core's to say.

use std::time::Duration;

use bharatmart_core::cart::Cart;
use bharatmart_core::identity::code::Try;
use bharatmart_core::identity::{Actor, Code, Purpose};
use bharatmart_core::once::{Claimed, Once};
use bharatmart_core::orders::till::{
    House, MoveRefused, PayRefused, Paying, PlaceRefused, Placing, RefundRefused, Settled,
};
use bharatmart_core::orders::{Mover, Numbers, Order, OrderAsked, OrderStatus, Said, Till};
use bharatmart_core::payments::{Payment, PaymentMethod};
use bharatmart_core::ports::{CatalogReads, CommitError, Commits, Fault, IdempotencyKey};
use bharatmart_core::{Changes, OrderId, Paise, PaymentId, ProductId, RecordKey, Refusal, Sku, UserId};

use crate::desk::Desk;
use crate::shop::Shop;

/// As long as a function may take.
pub const LIMIT: Duration = Duration::from_secs(10);

#[derive(Clone, Debug)]
pub enum Ask {
    PutInCart { product: ProductId, sku: Sku, quantity: u32, coupon: Option<String> },
    Place(Box<OrderAsked>),
    Pay { order: OrderId, method: PaymentMethod, instrument: String },
    Cancel { order: OrderId, by: Mover },
    ConfirmCod { order: OrderId, digits: String },
    ResendCod { order: OrderId },
    Move { order: OrderId, to: OrderStatus, by: Mover },
    Refund { payment: PaymentId, amount: Option<Paise> },
    Look { order: OrderId },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// Of what was made, or why not.
    pub body: String,
}

impl Reply {
    pub fn new(status: u16, body: impl ToString) -> Self {
        Reply { status, body: body.to_string() }
    }

    /// Whether the same may be asked again, and may then go well.
    pub fn is_passing(&self) -> bool {
        self.status == 503 || self.body == "request_in_progress"
    }
}

impl Ask {
    fn route(&self) -> &'static str {
        match self {
            Ask::Place(_) => "orders-place",
            Ask::Pay { .. } => "payments-open",
            _ => "other",
        }
    }
}

impl Shop {
    /// `numbers`: what the process that serves it has taken of them.
    pub async fn serve(&self, numbers: &Numbers, by: Actor, key: Option<&str>, ask: &Ask) -> Reply {
        let mut desk = Desk::new(self, by);
        if let Some(key) = key {
            let key = IdempotencyKey(format!("{by}/{}/{key}", ask.route()));
            let (store, request, now) = (self.store.as_ref(), format!("{ask:?}"), self.clock.now());
            match Once::claim(store, &self.tenant, key, &request, LIMIT, now).await {
                Ok(Claimed::Mine(once)) => desk.once = Some(once),
                Ok(Claimed::Answered(answer)) => return Reply::new(answer.status, answer.body),
                Ok(Claimed::Running { .. }) => return Reply::new(409, "request_in_progress"),
                Ok(Claimed::AnotherRequest) => return Reply::new(422, "idempotency_key_reused"),
                Err(fault) => return of_fault(&fault),
            }
        }
        let reply = self.handle(&desk, numbers, by, ask).await;
        if let Some(once) = &desk.once {
            let _freed = once.settle(self.store.as_ref(), &self.tenant).await;
        }
        reply
    }

    async fn handle(&self, desk: &Desk<'_>, numbers: &Numbers, by: Actor, ask: &Ask) -> Reply {
        let till = desk.till();
        let user = match by {
            Actor::User(user) => user,
            _ => return Reply::new(401, "authentication_required"),
        };
        let answer = |status: u16| move |order: &Order| desk.answered(status, told(order));
        let moved = match ask {
            Ask::PutInCart { product, sku, quantity, coupon } => {
                return put_in_cart(desk, user, (*product, sku), *quantity, coupon.clone()).await;
            }
            Ask::Place(asked) => return self.place(desk, numbers, user, asked).await,
            Ask::Pay { order, method, instrument } => {
                let paying = Paying { order: *order, user, method: *method, instrument: Some(instrument.clone()) };
                return pay(desk, &till, &paying).await;
            }
            Ask::ResendCod { order } => return resend(desk, &till, *order, user).await,
            Ask::Refund { payment, amount } => return refund(desk, &till, *payment, *amount).await,
            Ask::Look { order } => {
                return match till.order(*order).await {
                    Ok(Some(order)) => Reply::new(200, told(&order)),
                    Ok(None) => Reply::new(404, "not_found"),
                    Err(fault) => of_fault(&fault),
                };
            }
            Ask::Cancel { order, by } => {
                let owner = (*by == Mover::Customer).then_some(user);
                till.cancel(*order, owner, Said::by(*by), &answer(200)).await
            }
            Ask::Move { order, to, by } => till.move_on(*order, *to, Said::by(*by), &answer(200)).await,
            Ask::ConfirmCod { order, digits } => match self.counted_try(desk, *order).await {
                Ok(true) => till.confirm_cod(*order, user, digits, &answer(200)).await,
                Ok(false) => return Reply::new(409, "code_used_up"),
                Err(error) => return of_commit(&error),
            },
        };
        match moved {
            Ok(order) => Reply::new(200, told(&order)),
            Err(MoveRefused::Commit(error)) => of_commit(&error),
            Err(MoveRefused::NoOrder) => Reply::new(404, "not_found"),
            Err(refused) => Reply::new(409, refused),
        }
    }

    async fn place(&self, desk: &Desk<'_>, numbers: &Numbers, user: UserId, asked: &OrderAsked) -> Reply {
        let house = House { terms: &self.terms, reach: &self.reach, cod: &self.cod, numbers };
        let seal = |order: &Order| desk.answered(201, order.id.to_string());
        match desk.till().place(Placing { user, asked, house }, &seal).await {
            Ok(order) => Reply::new(201, order.id),
            Err(PlaceRefused::Commit(error)) => of_commit(&error),
            Err(refused) => Reply::new(409, refused),
        }
    }

    /// Of any number at once only the permitted get so far as to compare.
    async fn counted_try(&self, desk: &Desk<'_>, order: OrderId) -> Result<bool, CommitError> {
        let Some(code) = desk.find::<Code>(&Purpose::CashOnDelivery.key(order)).await? else { return Ok(false) };
        match code.count_try(self.clock.now()) {
            Try::Counted(code) => {
                desk.commit(code.put_try(Changes::new(&self.tenant))).await?;
                Ok(true)
            }
            Try::Exceeded | Try::Expired => Ok(false),
        }
    }
}

async fn pay(desk: &Desk<'_>, till: &Till<'_>, paying: &Paying) -> Reply {
    let seal = |settled: &Settled| desk.answered(201, of_payment(&settled.payment));
    match till.pay(paying, desk.shop.provider.as_ref(), &seal).await {
        Ok(settled) => Reply::new(201, of_payment(&settled.payment)),
        Err(PayRefused::Commit(error)) => of_commit(&error),
        Err(PayRefused::NoOrder) => Reply::new(404, "not_found"),
        Err(refused) => Reply::new(409, refused),
    }
}

async fn refund(desk: &Desk<'_>, till: &Till<'_>, payment: PaymentId, amount: Option<Paise>) -> Reply {
    let seal = |payment: &Payment| desk.answered(202, of_payment(payment));
    match till.ask_refund(payment, amount, "asked", &seal).await {
        Ok(payment) => Reply::new(202, of_payment(&payment)),
        Err(RefundRefused::Commit(error)) => of_commit(&error),
        Err(RefundRefused::NoPayment) => Reply::new(404, "not_found"),
        Err(refused) => Reply::new(409, refused),
    }
}

async fn resend(desk: &Desk<'_>, till: &Till<'_>, order: OrderId, user: UserId) -> Reply {
    let order = match till.order_of(order, user).await {
        Ok(Some(order)) if order.status == OrderStatus::AwaitingCodCode => order,
        Ok(Some(_)) => return Reply::new(409, "not_awaited"),
        Ok(None) => return Reply::new(404, "not_found"),
        Err(fault) => return of_fault(&fault),
    };
    let hand = till.hand;
    let asked = order.cod_code().event(hand.tenant, hand.clock, hand.ids);
    match desk.commit(hand.changes().event(asked.clone())).await {
        Ok(()) => Reply::new(202, "sent"),
        // The commit came twice, as no engine's client lets it: of nothing but an event no store can tell.
        Err(CommitError::Fault(Fault::Broken { .. })) if desk.shop.under.events().contains(&asked) => {
            Reply::new(202, "sent")
        }
        Err(error) => of_commit(&error),
    }
}

async fn put_in_cart(
    desk: &Desk<'_>,
    user: UserId,
    (product, sku): (ProductId, &Sku),
    quantity: u32,
    coupon: Option<String>,
) -> Reply {
    let shop = desk.shop;
    let now = shop.clock.now();
    let own = Cart::of_user(user, now);
    let (found, shelf) = match desk.find::<Cart>(&RecordKey::alone(own.id)).await {
        Ok(found) => (found, desk.products(&shop.tenant, &[product]).await),
        Err(fault) => return of_fault(&fault),
    };
    let shelf = match shelf {
        Ok(shelf) => shelf,
        Err(fault) => return of_fault(&fault),
    };
    let mut cart = found.map_or(own, |cart| cart.at(now));
    if let Err(refused) = cart.add(sku, quantity, shelf.first(), now) {
        return Reply::new(409, format!("{refused:?}"));
    }
    cart.coupon = coupon.or(cart.coupon);
    match desk.commit(cart.save(&shop.tenant, now).1).await {
        Ok(()) => Reply::new(200, "in the cart"),
        Err(CommitError::Refused(_)) => Reply::new(503, "busy"),
        Err(error) => of_commit(&error),
    }
}

/// `<id> <status> <payment status>`
fn told(order: &Order) -> String {
    let paid = serde_json::to_value(order.payment_status).unwrap_or_default();
    format!("{} {} {}", order.id, order.status.name(), paid.as_str().unwrap_or_default())
}

/// `<id> <status>`
fn of_payment(payment: &Payment) -> String {
    let status = serde_json::to_value(payment.status).unwrap_or_default();
    format!("{} {}", payment.id, status.as_str().unwrap_or_default())
}

pub fn of_fault(fault: &Fault) -> Reply {
    match fault {
        Fault::Broken { cause, .. } => Reply::new(500, cause),
        Fault::Away { .. } | Fault::Busy { .. } => Reply::new(503, "unavailable"),
    }
}

fn of_commit(error: &CommitError) -> Reply {
    match error {
        CommitError::Fault(fault) => of_fault(fault),
        CommitError::Refused(Refusal::FenceLost(_)) => Reply::new(409, "request_in_progress"),
        CommitError::Refused(Refusal::VersionChanged(_)) => Reply::new(503, "busy"),
        CommitError::Refused(refusal) => Reply::new(500, refusal),
    }
}
