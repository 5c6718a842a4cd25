//! Everyone and everything a generated story is about: few of each, so that its steps get in each other's way.

use bharatmart_core::catalog::Product;
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::inventory::Location;
use bharatmart_core::ports::{IdempotencyKey, LeaseName};
use bharatmart_core::{CategoryId, EventId, ProductId, Sku, Slug, Tenant};
use bharatmart_tests::data::{a_category, a_product, at, sku, slug, tenant};
use rand::Rng;
use rand::rngs::StdRng;
use uuid::Uuid;

use super::people::People;

pub struct Cast {
    pub tenants: Vec<Tenant>,
    pub products: Vec<ProductId>,
    pub skus: Vec<Sku>,
    pub locations: Vec<Location>,
    pub slugs: Vec<Slug>,
    pub categories: Vec<CategoryId>,
    pub counters: Vec<String>,
    pub keys: Vec<IdempotencyKey>,
    pub leases: [LeaseName; 2],
    pub consumers: [&'static str; 2],
    /// Events of others that are taken into account.
    pub heard: Vec<EventId>,
    pub people: People,
    /// What every product is made from.
    pub pattern: Product,
}

impl Cast {
    pub fn new(rng: &mut StdRng) -> Self {
        let tenants = ["main", "main-2"].map(tenant).to_vec();
        let (category, _) = a_category(&tenants[0], "groceries");
        let mut pattern = a_product(&tenants[0], &category, "Atta", &[("A", 0)]).product;
        pattern.created_at = at(0);
        pattern.updated_at = at(0);
        let names = |kind: &str, count: usize| (0..count).map(|i| format!("{kind}-{i}")).collect::<Vec<_>>();
        Cast {
            tenants,
            products: (0..14).map(|nth| ProductId::from_uuid(uuid(rng, nth))).collect(),
            skus: names("S", 4).iter().map(|name| sku(name)).collect(),
            locations: vec![Location::main(), Location::parse("pune-2").unwrap()],
            slugs: names("slug", 10).iter().map(|name| slug(name)).collect(),
            categories: (0..4).map(|nth| CategoryId::from_uuid(uuid(rng, nth))).collect(),
            counters: names("counter/ü", 4),
            keys: names("usr_1/POST orders/#", 6).into_iter().map(IdempotencyKey).collect(),
            leases: [LeaseName("index-writer"), LeaseName("sweeper")],
            consumers: ["search", "mail"],
            heard: (0..500).map(|nth| EventId::from_uuid(uuid(rng, nth))).collect(),
            people: People::new(rng),
            pattern,
        }
    }

    /// Names of every kind, for claims.
    pub fn names(&self, kind: ClaimKind) -> Vec<String> {
        match kind {
            ClaimKind::Sku => self.skus.iter().map(Sku::to_string).collect(),
            ClaimKind::ProductSlug | ClaimKind::CategorySlug => self.slugs.iter().map(Slug::to_string).collect(),
            ClaimKind::Email => (0..4).map(|nth| format!("asha+{nth}@example.in")).collect(),
            ClaimKind::Phone => (0..4).map(|nth| format!("+91987654321{nth}")).collect(),
        }
    }

    /// Who may hold one.
    pub fn owner(&self, kind: ClaimKind, nth: usize) -> String {
        match kind {
            ClaimKind::CategorySlug => self.categories[nth % self.categories.len()].to_string(),
            ClaimKind::ProductSlug | ClaimKind::Sku => self.products[nth % self.products.len()].to_string(),
            ClaimKind::Email | ClaimKind::Phone => self.people.users[nth % self.people.users.len()].to_string(),
        }
    }

    pub fn owners(&self, kind: ClaimKind) -> usize {
        match kind {
            ClaimKind::CategorySlug => self.categories.len(),
            ClaimKind::ProductSlug | ClaimKind::Sku => self.products.len(),
            ClaimKind::Email | ClaimKind::Phone => self.people.users.len(),
        }
    }
}

/// Sorts by `nth`, as ids sort by the time they were made; its tail is random, as theirs is.
pub fn uuid(rng: &mut StdRng, nth: u64) -> Uuid {
    Uuid::from_u128(u128::from(nth) << 80 | 0x7000_8000_0000_0000_0000 | u128::from(rng.random::<u64>() >> 2))
}
