//! Who does something in the shop by themselves: customers, those who work there, its workers and sweepers, the
//! provider, and whoever sets its clock wrong.

mod clock;
pub mod customer;
mod staff;
mod sweepers;
mod teller;
mod workers;

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bharatmart_core::identity::Actor;
use bharatmart_core::orders::Numbers;
use bharatmart_core::queues;

use crate::check::{Broken, Kept};
use crate::dice::Dice;
use crate::faults::Weather;
use crate::requests::{Ask, LIMIT, Reply};
use crate::shop::{CUSTOMERS, Shop, user};
use crate::world::Ended;

/// What everybody knows of the day.
pub struct Day {
    pub shop: Arc<Shop>,
    pub weather: Arc<Weather>,
    /// Nobody begins anything new.
    closing: AtomicBool,
    /// So many have something to do still.
    busy: AtomicU32,
    broken: Mutex<Option<Broken>>,
}

impl Day {
    /// With nobody in it.
    pub fn new(shop: Arc<Shop>, weather: Arc<Weather>) -> Arc<Self> {
        Arc::new(Day {
            shop,
            weather,
            closing: AtomicBool::new(false),
            busy: AtomicU32::new(0),
            broken: Mutex::default(),
        })
    }

    /// Customers, those who work in the shop, and who sets its clock.
    pub fn people(self: &Arc<Self>) {
        let day = self;
        for nth in 1..=CUSTOMERS {
            day.spawn(format!("customer-{nth}"), customer::shops(day.clone(), nth));
        }
        day.spawn("staff", staff::works(day.clone()));
        day.spawn("clock", clock::goes_wrong(day.clone()));
    }

    /// Workers and sweepers, and the provider's webhooks: whether those are `heard`.
    pub fn machines(self: &Arc<Self>, heard: bool) {
        let (day, world) = (self, &self.shop.world);
        world.spawn("teller", teller::tells(day.clone(), heard));
        for (queue, work) in [
            (&queues::ORDERS, workers::Work::Orders),
            (&queues::PAYMENTS, workers::Work::Payments),
            (&queues::ANALYTICS, workers::Work::Figures),
            (&queues::STOCK, workers::Work::Books),
            (&queues::NOTIFICATIONS, workers::Work::Letters),
        ] {
            // Two of each: what one has in hand the other is given again.
            for nth in 1..=2 {
                world.spawn(format!("{}-{nth}", queue.name), workers::works(day.clone(), queue, work, nth));
            }
        }
        for nth in 1..=2 {
            world.spawn(format!("sweeper-{nth}"), sweepers::sweeps(day.clone(), nth));
        }
    }

    pub fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }

    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    pub fn is_everybody_done(&self) -> bool {
        self.busy.load(Ordering::Relaxed) == 0
    }

    /// The day is not over before this is.
    pub fn spawn(self: &Arc<Self>, name: impl Into<String>, task: impl Future<Output = ()> + Send + 'static) {
        self.busy.fetch_add(1, Ordering::Relaxed);
        let day = self.clone();
        self.shop.world.spawn(name, async move {
            task.await;
            day.busy.fetch_sub(1, Ordering::Relaxed);
        });
    }

    /// What somebody met with that nobody should.
    pub fn look(&self) -> Kept {
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.clone().map_or(Ok(()), Err)
    }

    fn breaks(&self, what: String) {
        *self.broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(Broken(what));
    }

    /// What may only come about where something went wrong.
    fn saw_wrong(&self, what: &'static str) {
        self.saw(what);
        if self.weather.is_fair() {
            self.breaks(format!("{what}, and nothing went wrong before"));
        }
    }

    fn saw(&self, what: &'static str) {
        *self.weather.tally().seen.entry(what).or_default() += 1;
    }

    /// Some time passes; no more than a little, once the day is closing.
    async fn wait(&self, dice: &Dice, least_ms: u64, most_ms: u64) {
        let most = if self.is_closing() { most_ms.min(least_ms + 2_000) } else { most_ms };
        self.shop.world.sleep(Duration::from_millis(dice.between(least_ms, most))).await;
    }
}

/// Somebody with a browser, and the process that serves them.
pub struct Client {
    pub day: Arc<Day>,
    pub by: Actor,
    pub dice: Dice,
    numbers: Numbers,
}

impl Client {
    pub fn new(day: &Arc<Day>, by: Actor, name: &str) -> Self {
        let dice = Dice::new(day.shop.world.seed, name);
        Client { day: day.clone(), by, dice, numbers: Numbers::default() }
    }

    pub fn customer(day: &Arc<Day>, nth: u64, name: &str) -> Self {
        Self::new(day, Actor::User(user(nth)), name)
    }

    /// Asked once. `None`: no answer came.
    pub async fn ask(&mut self, key: Option<&str>, ask: &Ask) -> Option<Reply> {
        let shop = self.day.shop.clone();
        shop.world.tell(|| format!("> {} {ask:?}", key.unwrap_or_default()));
        let answered = shop.world.alive(LIMIT, shop.serve(&self.numbers, self.by, key, ask)).await;
        shop.world.tell(|| format!("< {answered:?}"));
        if answered == Err(Ended::Crashed) {
            self.numbers = Numbers::default();
        }
        if let Ok(Reply { status: 500, body }) = &answered {
            self.day.breaks(format!("a customer was told that something is broken: {body}"));
        }
        answered.ok()
    }

    /// Until there is an answer that asking again would not change, or patience is at its end.
    pub async fn insist(&mut self, key: Option<&str>, ask: &Ask) -> Option<Reply> {
        for nth in 0..12 {
            match self.ask(key, ask).await {
                Some(reply) if !reply.is_passing() => return Some(reply),
                _ => {
                    let wait = Duration::from_millis(self.dice.between(300, 500 << nth.min(5)));
                    self.day.shop.world.sleep(wait).await;
                }
            }
        }
        self.day.saw_wrong("customers out of patience");
        None
    }
}
