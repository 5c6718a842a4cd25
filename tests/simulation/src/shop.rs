//! The shop of a seed: its ports, with faults before them, and what stands on its shelves when the day begins.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bharatmart_chaos::Injector;
use bharatmart_core::catalog::{NewProduct, create, new_category};
use bharatmart_core::delivery::Reach;
use bharatmart_core::identity::{Actor, Keys};
use bharatmart_core::orders::CodRules;
use bharatmart_core::ports::{Clock, Ids, Letter, Messages, PaymentProvider, Queueing, Secret, Store};
use bharatmart_core::pricing::{Benefit, Coupon, Terms};
use bharatmart_core::{Changes, Expect, Hand, OrderId, Paise, ProductId, Sku, Slug, State, Tenant, Timestamp, UserId};
use serde_json::json;

use crate::dice::Dice;
use crate::faults::chaos;
use crate::inbox::Inbox;
use crate::lanes::Lanes;
use crate::plant::Plant;
use crate::provider::{Door, ProvidersWorld, Within};
use crate::under::{Under, now};
use crate::world::World;

pub const COUPONS: [&str; 3] = ["FIRST10", "ONLYTWO", "GRATIS"];
pub const CUSTOMERS: u64 = 4;

pub struct Shop {
    pub world: Arc<World>,
    pub tenant: Tenant,
    pub terms: Terms,
    pub reach: Reach,
    pub cod: CodRules,
    pub skus: Vec<(ProductId, Sku)>,
    pub coupons: Vec<Coupon>,
    /// Everybody wants the same few things at once.
    pub rush: bool,
    /// The ports as the shop has them.
    pub store: Arc<dyn Store>,
    pub queue: Arc<dyn Queueing>,
    pub clock: Arc<dyn Clock>,
    pub provider: Arc<dyn PaymentProvider>,
    pub messages: Arc<dyn Messages>,
    pub ids: Arc<dyn Ids>,
    pub webhook_keys: Keys,
    /// What lies under them, for whoever checks.
    pub under: Arc<Under>,
    pub lanes: Arc<Lanes>,
    pub inbox: Arc<Inbox>,
    pub providers: Arc<ProvidersWorld>,
    acknowledged: Mutex<BTreeMap<String, OrderId>>,
}

impl Shop {
    pub fn open(world: &Arc<World>, injector: Arc<dyn Injector>, plant: Option<Plant>) -> Arc<Self> {
        let dice = Dice::new(world.seed, "shop");
        let under = Under::new(world.clone(), plant);
        let lanes = Lanes::new(world.clone());
        let inbox = Arc::new(Inbox::default());
        let providers = ProvidersWorld::new(world);
        let door = Arc::new(Door::new(providers.clone(), plant));
        let chaos = chaos(world, injector);
        let tenant = Tenant::main();
        let rush = dice.chance(35);
        let skus = stock_up(world, &under, &tenant, &dice);
        Arc::new(Shop {
            terms: Terms {
                seller: State::parse("Karnataka").unwrap_or_else(|_| unreachable!("it is a state")),
                delivery: Paise::from_rupees(40),
                free_from: Paise::from_rupees(*dice.pick(&[0, 500]).unwrap_or(&0)),
                minimum: Paise::from_rupees(1),
                coupons: true,
            },
            reach: Reach::default(),
            cod: CodRules::default(),
            store: chaos.store(under.clone()),
            queue: chaos.queue(lanes.clone()),
            clock: chaos.clock(world.clone()),
            provider: Arc::new(Within { world: world.clone(), provider: chaos.payments(door) }),
            messages: chaos.messages(inbox.clone()),
            ids: world.clone(),
            webhook_keys: Keys::parse(&Secret::new("webhooks")).unwrap_or_else(|| unreachable!("there is one")),
            acknowledged: Mutex::default(),
            world: world.clone(),
            tenant,
            skus,
            rush,
            coupons: coupons(world.now()),
            under,
            lanes,
            inbox,
            providers,
        })
    }

    pub fn hand(&self, by: Actor) -> Hand<'_> {
        Hand { by, ..Hand::shop(&self.tenant, self.clock.as_ref(), self.ids.as_ref()) }
    }

    /// What customers were told of with a 201, by the note they ordered with.
    pub fn acknowledged(&self) -> MutexGuard<'_, BTreeMap<String, OrderId>> {
        self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub fn user(nth: u64) -> UserId {
    UserId::from_uuid(uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(nth)))
}

fn stock_up(world: &Arc<World>, under: &Under, tenant: &Tenant, dice: &Dice) -> Vec<(ProductId, Sku)> {
    let (clock, ids): (&dyn Clock, &dyn Ids) = (world.as_ref(), world.as_ref());
    let commit = |changes: Changes| match now(under.apply(changes)) {
        Ok(()) => {}
        Err(error) => unreachable!("an empty store takes the first stock: {error}"),
    };
    let slug = Slug::parse("staples").unwrap_or_else(|_| unreachable!("it is a slug"));
    let (category, changes) = new_category(tenant, slug, "Staples", 1, clock, ids);
    commit(changes);
    let mut skus = Vec::new();
    for (name, variants) in [("Tea", &["TEA-1", "TEA-2"][..]), ("Rice", &["RICE-1", "RICE-5"]), ("Salt", &["SALT-1"])] {
        let variants: Vec<_> = variants
            .iter()
            .map(|sku| {
                let price = json!({ "amount": dice.between(1, 900) * 100 + dice.below(100), "currency": "INR" });
                json!({ "sku": sku, "price": price, "stock": dice.between(3, 30), "options": { "size": sku } })
            })
            .collect();
        let input = json!({
            "name": name, "description": "", "brand": "Bharat", "category": "staples", "gst_rate": 5,
            "hsn": "0902", "variants": variants,
        });
        let input = serde_json::from_value(input).ok().and_then(|input| NewProduct::parse(input).ok());
        let Some(input) = input else { unreachable!("it is a product") };
        let created = create(tenant, &input, &category, Vec::new(), 1, clock, ids);
        skus.extend(created.product.variants.iter().map(|variant| (created.product.id, variant.sku.clone())));
        commit(created.changes);
    }
    for coupon in coupons(clock.now()) {
        commit(Changes::new(tenant).put(&coupon, Expect::New));
    }
    skus
}

fn coupons(now: Timestamp) -> Vec<Coupon> {
    let coupon = |code: &str, benefit, value, total_limit, user_limit| Coupon {
        code: code.to_owned(),
        version: 1,
        benefit,
        value,
        at_most: None,
        minimum: Paise::ZERO,
        starts_at: Timestamp::from_millis(0),
        ends_at: now.after(Duration::from_secs(365 * 24 * 3600)),
        total_limit,
        user_limit,
        active: true,
        created_at: now,
        updated_at: now,
    };
    vec![
        coupon(COUPONS[0], Benefit::Percent, 10, None, Some(1)),
        coupon(COUPONS[1], Benefit::Amount, 5_000, Some(2), None),
        // All of an order: there is nothing to pay.
        coupon(COUPONS[2], Benefit::Amount, 100_000_000, Some(3), Some(2)),
    ]
}

/// For a letter's reader.
impl Shop {
    pub fn letters_to(&self, phone: &str) -> Vec<Letter> {
        self.inbox.of(phone)
    }
}
