//! No port, and no method of one, is without its faults: core's own source says which there are.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bharatmart_adapters::blobs::FileBlobs;
use bharatmart_adapters::memory::{MemoryCache, MemoryQueueing, MemoryStore};
use bharatmart_adapters::system::System;
use bharatmart_chaos::{Act, FaultKind, Operation, Plan, operations};
use bharatmart_core::catalog::ProductRef;
use bharatmart_core::changes::ClaimKind;
use bharatmart_core::identity::User;
use bharatmart_core::payments::PaymentMethod;
use bharatmart_core::ports::{
    Blobs, Cache, Channel, Charge, Clock, Etag, Fence, IdempotencyKey, Ids, LeaseName, Letter, PaymentProvider,
    Queueing, SearchQuery, Store,
};
use bharatmart_core::queues::STOCK;
use bharatmart_core::record::Listing;
use bharatmart_core::{Changes, OrderId, Paise, PaymentId, ProductId, Record, RecordKey, Sku};

use crate::stage::{Stage, always, now, tenant};
use crate::stubs::Tally;

const SECOND: Duration = Duration::from_secs(1);
/// Not asked of anybody, so nothing can go wrong on the way. A clock's fault is a skew.
const NO_CALLS: &[&str] = &[
    "Secrets::forget",
    "Messages::sends",
    "Ids::uuid",
    "Random::fill",
    "Random::below",
    "Patience::left",
    "Patience::pause",
    "Vault::seal",
    "Vault::open",
];

/// `trait::method` of all that core asks of the world.
fn methods_of_core() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src/ports");
    let mut methods = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for of_trait in source.split("\npub trait ").skip(1) {
            let name: String = of_trait.chars().take_while(char::is_ascii_alphanumeric).collect();
            let body = of_trait.split("\n}").next().unwrap();
            for line in body.lines().filter_map(|line| line.strip_prefix("    ")) {
                let method = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "));
                methods.extend(method.map(|method| format!("{name}::{}", method.split('(').next().unwrap())));
            }
        }
    }
    methods
}

#[test]
fn every_method_of_every_port_is_an_operation() {
    let in_core = methods_of_core();
    assert!(in_core.len() > 40, "{in_core:?}");
    let listed: BTreeSet<_> = operations().map(|one| format!("{}::{}", one.of, one.name)).collect();
    let plain: BTreeSet<_> = NO_CALLS.iter().map(|name| (*name).to_owned()).collect();
    let known = &listed | &plain;
    let missing: Vec<_> = in_core.difference(&known).collect();
    assert!(missing.is_empty(), "not in shared/chaos/src/ports: {missing:?}");
    let gone: Vec<_> = known.difference(&in_core).collect();
    assert!(gone.is_empty(), "core has no such methods: {gone:?}");
}

#[test]
fn an_operation_has_one_name_in_its_port_and_every_fault_is_of_use() {
    let all: Vec<_> = operations().collect();
    let names: BTreeSet<_> = all.iter().map(|one| (one.port, one.name)).collect();
    assert_eq!(names.len(), all.len());
    for kind in FaultKind::ALL {
        assert!(all.iter().any(|one| one.faults.contains(kind)), "{kind}");
    }
}

#[test]
fn the_page_tells_of_every_fault() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/chaos.md")).unwrap();
    for kind in FaultKind::ALL {
        assert!(page.contains(&format!("\n| `{kind}` | ")), "{kind}");
    }
    for plan in page.split("```json\n").skip(1) {
        Plan::read(plan.split("```").next().unwrap()).unwrap();
    }
}

/// Every call there is, each by its decorator.
#[tokio::test]
async fn every_call_goes_by_the_injector_under_its_own_name() {
    let (refusing, stage) = always("*", Act::ErrorBefore);
    store(&refusing.store(Arc::new(MemoryStore::new()))).await;
    queue(&*refusing.queue(Arc::new(MemoryQueueing::new(Arc::new(System))))).await;
    cache(&*refusing.cache(Arc::new(MemoryCache::new(Arc::new(System))))).await;
    let folder = tempfile::tempdir().unwrap();
    blobs(&*refusing.blobs(Arc::new(FileBlobs::open(folder.path().to_owned()).unwrap()))).await;
    let tally = Tally::default();
    let secrets = refusing.secrets(Arc::new(tally.clone()));
    refused(secrets.secret("name").await);
    let messages = refusing.messages(Arc::new(tally.clone()));
    refused(messages.send(&a_letter()).await);
    payments(&*refusing.payments(Arc::new(tally.clone()))).await;
    let search = refusing.search(Arc::new(tally.clone()));
    refused(search.find(&SearchQuery::all(&tenant())).await);
    refused(search.suggest(&tenant(), "te", 5).await);
    refused(search.snapshot().await);
    let index = refusing.index(Arc::new(tally.clone()));
    refused(index.apply(Fence(1), Vec::new(), Vec::new(), now()).await);
    refused(index.rebuild().await);
    assert_eq!(tally.calls(), 0);
    assert!(messages.sends(Channel::Sms) && !messages.sends(Channel::Email));
    secrets.forget("name");
    assert_eq!(tally.calls(), 1, "what is no call goes through");

    let mut asked = told(&stage);
    let (skewing, stage) = always("*", Act::Skew(-5_000));
    let behind = skewing.clock(Arc::new(System)).now();
    assert!(behind < System.now().before(Duration::from_secs(4)));
    asked.extend(told(&stage));
    asked.extend(rebuilding().await);
    assert_eq!(asked, operations().copied().collect());
}

/// A rebuild that began well has faults of its own.
async fn rebuilding() -> BTreeSet<Operation> {
    let mut all = BTreeSet::new();
    for (at, calls) in [("index.add", 3), ("index.changed", 3), ("index.publish", 3)] {
        let (chaos, stage) = always(at, Act::ErrorBefore);
        let tally = Tally::default();
        let mut rebuild = chaos.index(Arc::new(tally.clone())).rebuild().await.unwrap();
        let added = rebuild.add(Vec::new()).await;
        let changed = rebuild.changed().await;
        let published = rebuild.publish(Fence(1), Vec::new(), Vec::new(), now()).await;
        let failed = [added.is_err(), changed.is_err(), published.is_err()];
        assert_eq!(failed.iter().filter(|failed| **failed).count(), 1, "{at}");
        assert_eq!(tally.calls(), calls, "{at}");
        all.extend(told(&stage));
    }
    all
}

fn told(stage: &Stage) -> BTreeSet<Operation> {
    stage.told().into_iter().map(|(operation, _)| *operation).collect()
}

#[track_caller]
fn refused<T, E: std::fmt::Display>(answer: Result<T, E>) {
    let error = answer.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.ends_with("is away: injected: an error"), "{error}");
}

pub fn a_letter() -> Letter {
    let text = String::new;
    let (id, to) = ("1".to_owned(), "+919876543210".to_owned());
    Letter { id, channel: Channel::Sms, to, subject: text(), text: text(), html: None }
}

async fn store(store: &Arc<dyn Store>) {
    let (tenant, id) = (tenant(), ProductId::from_uuid(System.uuid()));
    let (sku, key) = (Sku::parse("TEA-1").unwrap(), IdempotencyKey("a/b/c".to_owned()));
    refused(store.product(&tenant, &ProductRef::Id(id)).await);
    refused(store.products(&tenant, &[id]).await);
    refused(store.newest_products(&tenant, None, None, 5).await);
    refused(store.categories(&tenant).await);
    refused(store.stock(&tenant, id, &sku).await);
    refused(store.tenants().await);
    refused(store.record(&tenant, User::KIND, &RecordKey::alone("1")).await);
    refused(store.records(&tenant, User::KIND, Listing::All, None, 5).await);
    refused(store.counted(&tenant, "counter").await);
    refused(store.owner(&tenant, ClaimKind::ProductSlug, "tea").await);
    refused(store.count(&tenant, "counter", 1, SECOND, now()).await);
    refused(store.reset(&tenant, "counter").await);
    refused(store.commit(Changes::new(&tenant)).await);
    refused(store.claim_key(&tenant, &key, "hash", SECOND, now()).await);
    refused(store.free_key(&tenant, &key, Fence(1)).await);
    refused(store.take_lease(LeaseName("lease"), "owner", SECOND, now()).await);
    refused(store.release_lease(LeaseName("lease"), Fence(1)).await);
    refused(store.unsent(now(), 5).await);
    refused(store.mark_sent(&[]).await);
    refused(store.applied(&tenant, "worker", &[]).await);
    refused(store.newest_events(5).await);
    refused(store.forget(now(), 5).await);
    refused(store.probe().await);
}

async fn queue(queue: &dyn Queueing) {
    refused(queue.send(&STOCK, &[]).await);
    refused(queue.receive(&STOCK, 5, SECOND).await);
    refused(queue.done(&STOCK, "receipt").await);
    refused(queue.retry(&STOCK, "receipt", SECOND).await);
    refused(queue.waiting(&STOCK).await);
    refused(queue.dead_letters(&STOCK, 5).await);
    refused(queue.redrive(&STOCK).await);
    refused(queue.probe().await);
}

async fn cache(cache: &dyn Cache) {
    refused(cache.count("key", 1, SECOND).await);
    refused(cache.probe().await);
}

async fn payments(provider: &dyn PaymentProvider) {
    let (payment, order) = (PaymentId::from_uuid(System.uuid()), OrderId::from_uuid(System.uuid()));
    let (amount, method) = (Paise::from_rupees(1), PaymentMethod::Upi);
    refused(provider.charge(&Charge { tenant: tenant(), payment, order, amount, method, instrument: None }).await);
    refused(provider.look(&tenant(), payment).await);
    refused(provider.refund(&tenant(), payment, "key", amount).await);
}

async fn blobs(blobs: &dyn Blobs) {
    let etag = Etag("1".to_owned());
    refused(blobs.get("key").await);
    refused(blobs.get_newer("key", &etag).await);
    refused(blobs.put("key", Vec::new(), "text/plain").await);
    refused(blobs.put_if("key", Vec::new(), None).await);
    refused(blobs.delete("key").await);
    refused(blobs.list("").await);
    refused(blobs.probe().await);
}
