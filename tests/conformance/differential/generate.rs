//! Writes a story step by step from a seed. It remembers roughly what was committed, so that about as many steps
//! succeed as are refused; what it remembers is never compared with anything.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bharatmart_core::catalog::{Category, Image, Product, Rating, Status};
use bharatmart_core::changes::{Applied, ClaimKind};
use bharatmart_core::inventory::{Location, Piece, release, reserve, sell, take_back};
use bharatmart_core::ports::{Answer, Answered, Fence};
use bharatmart_core::{Changes, Event, EventId, Expect, ProductId, RecordKey, Sku, Tenant, Timestamp, Write};
use bharatmart_tests::data::{an_event, at};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::cast::{Cast, uuid};
use super::play::{Said, Step, Whose};

/// Of the counters that are not to run full.
pub const LIMIT: u32 = 1 << 14;

pub struct Story {
    rng: StdRng,
    pub cast: Cast,
    pub now: Timestamp,
    told: u64,
    marked: usize,
    products: BTreeMap<(Tenant, ProductId), u64>,
    categories: BTreeMap<(Tenant, bharatmart_core::CategoryId), u64>,
    stocked: BTreeSet<(Tenant, ProductId, Sku, Location)>,
    claimed: BTreeMap<(Tenant, ClaimKind, String), String>,
    pub records: BTreeMap<(Tenant, &'static str, RecordKey), u64>,
    unsent: Vec<Event>,
}

impl Story {
    pub fn new(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let cast = Cast::new(&mut rng);
        Story {
            rng,
            cast,
            now: at(0),
            told: 0,
            marked: 0,
            products: BTreeMap::new(),
            categories: BTreeMap::new(),
            stocked: BTreeSet::new(),
            claimed: BTreeMap::new(),
            records: BTreeMap::new(),
            unsent: Vec::new(),
        }
    }

    pub fn next(&mut self) -> Step {
        self.now = self.now.after(Duration::from_secs(self.below(4) as u64));
        match self.below(22) {
            0 | 1 => self.claim_key(),
            2 => {
                let (tenant, key, fence) = (self.tenant(), self.one(|cast| &cast.keys), self.whose());
                Step::FreeKey { tenant, key, fence }
            }
            3 => {
                let (name, owner) = (self.one(|cast| &cast.leases), ["a", "b", "c"][self.below(3)]);
                Step::TakeLease { name, owner, ttl: self.seconds(40), now: self.now }
            }
            4 if self.below(3) == 0 => Step::ReleaseLease { name: self.one(|cast| &cast.leases), fence: self.whose() },
            4 => self.mark_sent(),
            5 | 6 => self.count(),
            _ => self.commit(),
        }
    }

    /// What the answer to a commit means for the steps to come.
    pub fn remember(&mut self, step: &Step, said: &Said) {
        let (Step::Commit { changes, .. }, Said::Done) = (step, said) else { return };
        let tenant = &changes.tenant;
        for write in &changes.writes {
            match write {
                Write::Product { product, .. } => {
                    self.products.insert((tenant.clone(), product.id), product.version);
                }
                Write::Category { category, .. } => {
                    self.categories.insert((tenant.clone(), category.id), category.version);
                }
                Write::Record { row, .. } => {
                    let (Some(key), Some(version)) = (row.key(), row.version()) else { continue };
                    self.records.insert((tenant.clone(), row.kind.name, key), version);
                }
                Write::Remove { kind, key, .. } => {
                    self.records.remove(&(tenant.clone(), kind.name, key.clone()));
                }
                Write::NewStock { product, sku, location, .. } => {
                    self.stocked.insert((tenant.clone(), *product, sku.clone(), location.clone()));
                }
                Write::DropStock { product, sku, location } => {
                    self.stocked.remove(&(tenant.clone(), *product, sku.clone(), location.clone()));
                }
                Write::Claim { kind, name, owner } => {
                    self.claimed.insert((tenant.clone(), *kind, name.clone()), owner.clone());
                }
                Write::Unclaim { kind, name, .. } => {
                    self.claimed.remove(&(tenant.clone(), *kind, name.clone()));
                }
                _ => {}
            }
        }
        self.unsent.extend(changes.events.iter().cloned());
    }

    fn claim_key(&mut self) -> Step {
        let (tenant, key) = (self.tenant(), self.one(|cast| &cast.keys));
        let request = if self.below(8) == 0 { "another" } else { "hash" };
        Step::ClaimKey { tenant, key, request, lease: self.seconds(60), now: self.now }
    }

    fn mark_sent(&mut self) -> Step {
        let most = self.unsent.len().min(12);
        let count = self.below(most + 1);
        let mut sent: Vec<_> = self.unsent.drain(..count).collect();
        if self.below(4) == 0 {
            sent.push(an_event(&self.tenant(), self.now));
        }
        Step::MarkSent(sent)
    }

    fn commit(&mut self) -> Step {
        let mut changes = Changes::new(&self.tenant());
        for _ in 0..=self.below(4) {
            self.write(&mut changes);
        }
        for _ in 0..self.below(3) {
            let event = self.event(&changes.tenant);
            changes.events.push(event);
        }
        for _ in 0..self.below(8).saturating_sub(5) {
            let (consumer, event) = (self.one(|cast| &cast.consumers), self.heard());
            changes.applied.push(Applied { consumer, event, expires_at: self.now.after(self.seconds(3_600)) });
        }
        if self.below(10) == 0 {
            changes.answer = Some(self.answered());
        }
        if self.below(12) == 0 {
            changes.lease = Some((self.one(|cast| &cast.leases), Fence(0)));
        }
        if self.below(100) == 0 {
            self.spoil(&mut changes);
        } else {
            tidy(&mut changes);
        }
        Step::Commit { changes: Box::new(changes), answer: self.whose(), lease: self.whose() }
    }

    fn write(&mut self, changes: &mut Changes) {
        let kind = ClaimKind::ALL[self.below(ClaimKind::ALL.len())];
        match self.below(16) {
            0 | 1 => self.product(changes),
            2 => {
                let category = self.category(&changes.tenant);
                changes.writes.push(category);
            }
            3 => {
                if let Some(product) = self.known_product(&changes.tenant) {
                    self.new_stock(changes, product);
                }
            }
            4 | 5 => {
                let pieces: Vec<_> = (0..=self.below(3)).map(|_| self.piece(&changes.tenant)).collect();
                let moves = [reserve, reserve, release, sell, take_back];
                changes.writes.extend(moves[self.below(moves.len())](&pieces));
            }
            6 => {
                let Piece { product_id: product, sku, location, .. } = self.piece(&changes.tenant);
                changes.writes.push(match self.below(3) {
                    0 => Write::DropStock { product, sku, location },
                    _ => {
                        let (available, reserved) = (self.movement(), self.movement());
                        let sold = self.below(30) as i64 - 8;
                        Write::MoveStock { product, sku, location, available, reserved, sold }
                    }
                });
            }
            7..10 => self.name(changes, kind),
            10..14 => self.record(changes),
            _ => {
                let (counter, by) = (self.one(|cast| &cast.counters), self.below(7) as i32 - 2);
                let at_most = if self.below(5) == 0 { self.below(1_000) as u32 } else { LIMIT };
                changes.writes.push(Write::Count { counter, by, at_most });
            }
        }
    }

    /// A product, now and then with its stock and slug, as the shop itself would write it.
    fn product(&mut self, changes: &mut Changes) {
        let id = self.one(|cast| &cast.products);
        let known = self.products.get(&(changes.tenant.clone(), id)).copied();
        let (expect, version) = self.expect(known);
        let product = self.described(id, version);
        let slug = product.slug.to_string();
        changes.writes.push(Write::Product { product: Box::new(product), expect });
        if expect == Expect::New && self.below(2) == 0 {
            self.new_stock(changes, id);
            changes.writes.push(Write::Claim { kind: ClaimKind::ProductSlug, name: slug, owner: id.to_string() });
        }
    }

    fn described(&mut self, id: ProductId, version: u64) -> Product {
        let mut product = Product { id, version, ..self.cast.pattern.clone() };
        product.slug = self.one(|cast| &cast.slugs);
        product.category = self.one(|cast| &cast.categories);
        product.name = format!("Product “{}” %_'", self.below(1_000));
        product.status = Status::ALL[self.below(3)];
        product.unit = (self.below(2) == 0).then(|| "500 ml".to_owned());
        product.rating = Rating { stars: self.below(500) as u32, count: self.below(100) as u32 };
        product.updated_at = self.now;
        product.tags.truncate(self.below(3));
        product.attributes.insert(format!("z{}", self.below(3)), "first, then a".to_owned());
        product.attributes.insert("a".to_owned(), "आटा 😀".to_owned());
        product.images = (0..self.below(3)).map(image).collect();
        let variant = product.variants[0].clone();
        let first = self.below(self.cast.skus.len());
        let skus = self.cast.skus[first..].iter().rev().cloned();
        product.variants = skus.map(|sku| bharatmart_core::catalog::Variant { sku, ..variant.clone() }).collect();
        product.variants[0].compare_at = None;
        product
    }

    fn category(&mut self, tenant: &Tenant) -> Write {
        let id = self.one(|cast| &cast.categories);
        let known = self.categories.get(&(tenant.clone(), id)).copied();
        let (expect, version) = self.expect(known);
        if self.below(4) == 0 {
            let version = if let Expect::Version(held) = expect { held } else { version };
            return Write::HoldCategory { id, version };
        }
        // A slug of its own, since two of one slug and position have no order.
        let nth = self.cast.categories.iter().position(|known| *known == id).unwrap_or(0);
        let category = Category {
            id,
            slug: self.cast.slugs[nth].clone(),
            name: format!("Category {}", self.below(100)),
            parent: (self.below(2) == 0).then(|| self.one(|cast| &cast.categories)),
            position: self.below(3) as u32,
            deleted: self.below(5) == 0,
            version,
            created_at: self.now,
        };
        Write::Category { category, expect }
    }

    /// Mostly right, for a row whose version is `known`.
    pub fn expect(&mut self, known: Option<u64>) -> (Expect, u64) {
        let stale = self.below(6) == 0;
        match known {
            None if stale => (Expect::Version(1), 2),
            None => (Expect::New, 1),
            Some(_) if stale && self.below(2) == 0 => (Expect::New, 1),
            Some(version) if stale => (Expect::Version(version + 1), version + 2),
            Some(version) => (Expect::Version(version), version + 1),
        }
    }

    fn piece(&mut self, tenant: &Tenant) -> Piece {
        let known: Vec<_> = self.stocked.iter().filter(|(owner, ..)| owner == tenant).cloned().collect();
        let quantity = 1 + self.below(6) as u32;
        if known.is_empty() || self.below(10) == 0 {
            let (product_id, sku) = (self.one(|cast| &cast.products), self.one(|cast| &cast.skus));
            return Piece { product_id, sku, location: self.one(|cast| &cast.locations), quantity };
        }
        let (_, product_id, sku, location) = known[self.below(known.len())].clone();
        Piece { product_id, sku, location, quantity }
    }

    fn movement(&mut self) -> i64 {
        match self.below(40) {
            0 => i64::from(u32::MAX),
            1 => i64::MIN,
            2 => i64::MAX,
            _ => self.below(30) as i64 - 8,
        }
    }

    fn known_product(&mut self, tenant: &Tenant) -> Option<ProductId> {
        let known: Vec<_> = self.products.keys().filter(|(owner, _)| owner == tenant).map(|(_, id)| *id).collect();
        (!known.is_empty()).then(|| known[self.below(known.len())])
    }

    /// Takes a name that is free, or gives one back, or tries to.
    fn name(&mut self, changes: &mut Changes, kind: ClaimKind) {
        let names = self.cast.names(kind);
        let (name, nth) = (names[self.below(names.len())].clone(), self.below(self.cast.owners(kind)));
        let held = self.claimed.get(&(changes.tenant.clone(), kind, name.clone())).cloned();
        let wrong = self.below(6) == 0;
        let owner = held.clone().filter(|_| !wrong).unwrap_or_else(|| self.cast.owner(kind, nth));
        changes.writes.push(match held.is_some() != (wrong && self.below(2) == 0) {
            true => Write::Unclaim { kind, name, owner },
            false => Write::Claim { kind, name, owner },
        });
    }

    fn new_stock(&mut self, changes: &mut Changes, product: ProductId) {
        let (tenant, again) = (changes.tenant.clone(), self.below(6) == 0);
        let location = self.one(|cast| &cast.locations);
        let known = |sku: &&Sku| self.stocked.contains(&(tenant.clone(), product, (*sku).clone(), location.clone()));
        let skus: Vec<_> = self.cast.skus.iter().filter(|sku| again || !known(sku)).cloned().collect();
        if !skus.is_empty() {
            let (sku, available) = (skus[self.below(skus.len())].clone(), self.below(60).saturating_sub(15) as u32);
            changes.writes.push(Write::NewStock { product, sku, location, available });
        }
    }

    /// Mostly one of the next, now and then one that was heard of before.
    fn heard(&mut self) -> EventId {
        let last = self.cast.heard.len() - 1;
        self.marked = (self.marked + 1).min(last);
        let nth = if self.below(5) == 0 { self.below(self.marked) } else { self.marked };
        self.cast.heard[nth]
    }

    fn answered(&mut self) -> Answered {
        let body = format!("{{\"n\":{}}}", self.below(1_000));
        let answer = Answer { status: 201, headers: vec![("ETag".to_owned(), "\"1\"".to_owned())], body };
        let (key, expires_at) = (self.one(|cast| &cast.keys), self.now.after(self.seconds(120)));
        Answered { key, fence: Fence(0), answer, expires_at }
    }

    fn event(&mut self, tenant: &Tenant) -> Event {
        self.told += 1;
        let event = an_event(tenant, self.now);
        let traceparent = event.traceparent.clone().filter(|_| self.below(2) == 0);
        Event { id: EventId::from_uuid(uuid(&mut self.rng, self.told)), traceparent, ..event }
    }

    /// Makes a commit that no store may take.
    fn spoil(&mut self, changes: &mut Changes) {
        let (counter, tenant) = (self.one(|cast| &cast.counters), changes.tenant.clone());
        let times = if self.below(2) == 0 { 2 } else { 101 };
        changes.writes.extend((0..times).map(|_| Write::Count { counter: counter.clone(), by: 1, at_most: 9_999 }));
        changes.events.push(self.event(&tenant));
    }

    fn whose(&mut self) -> Whose {
        match self.below(8) {
            0 => Whose::Previous,
            1 => Whose::Nobodys,
            _ => Whose::Latest,
        }
    }

    pub fn tenant(&mut self) -> Tenant {
        self.one(|cast| &cast.tenants)
    }

    fn seconds(&mut self, most: usize) -> Duration {
        Duration::from_secs(1 + self.below(most) as u64)
    }

    pub fn one<T: Clone>(&mut self, of: impl Fn(&Cast) -> &[T]) -> T {
        let many = of(&self.cast).len();
        let nth = self.rng.random_range(0..many);
        of(&self.cast)[nth].clone()
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.rng.random_range(0..bound)
    }
}

/// One write a key and one mark an event.
fn tidy(changes: &mut Changes) {
    let (mut keys, mut marks) = (BTreeSet::new(), BTreeSet::new());
    changes.writes.retain(|write| keys.insert(write.key()));
    changes.applied.retain(|mark| marks.insert((mark.consumer, mark.event)));
}

fn image(nth: usize) -> Image {
    Image { url: format!("/p/{nth}.svg"), alt: "a \"picture\"".to_owned(), width: 640, height: 480 }
}
