//! What a plan injects: the share it names, at the calls it aims at, until its end, and the same again from one seed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use bharatmart_chaos::{Act, FaultKind, Injector, Mark, Marks, Operation, Plan, PlanInjector, operations};
use bharatmart_core::Timestamp;
use bharatmart_core::ports::Clock;

const END: &str = "2030-01-01T00:00:00Z";

/// A clock that a test turns; it begins an hour before the plans' end.
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// Ten calls a request.
#[derive(Default)]
struct Tens(AtomicU64);

impl Marks for Tens {
    fn next(&self) -> Mark {
        let nth = self.0.fetch_add(1, Ordering::Relaxed);
        Mark { request: nth / 10, call: nth % 10 }
    }
}

struct World {
    injector: PlanInjector,
    clock: Arc<Hands>,
    marks: Arc<Tens>,
}

fn world(plan: Plan, seed: u64) -> World {
    let end = Timestamp::parse(END).unwrap();
    let clock = Arc::new(Hands(AtomicI64::new(end.before(Duration::from_secs(3_600)).millis())));
    let marks = Arc::new(Tens::default());
    let injector = PlanInjector::new(plan, seed, clock.clone(), marks.clone());
    injector.switch(true);
    World { injector, clock, marks }
}

fn plan(faults: &[&str]) -> Plan {
    let faults: Vec<_> = faults.iter().map(|fault| format!(r#"{{{fault},"until":"{END}"}}"#)).collect();
    Plan::read(&format!(r#"{{"faults":[{}]}}"#, faults.join(","))).unwrap()
}

fn operation(port: &str, name: &str) -> &'static Operation {
    operations().find(|one| one.port == port && one.name == name).unwrap()
}

impl World {
    fn acts(&self, operation: &'static Operation, calls: usize) -> Vec<Act> {
        (0..calls).map(|_| self.injector.act(operation)).collect()
    }

    /// How many of 10 000 calls met each fault.
    fn met(&self, operation: &'static Operation) -> BTreeMap<FaultKind, i64> {
        let mut met = BTreeMap::new();
        for kind in self.acts(operation, 10_000).into_iter().filter_map(Act::kind) {
            *met.entry(kind).or_default() += 1;
        }
        met
    }
}

#[track_caller]
fn about(met: &BTreeMap<FaultKind, i64>, kind: FaultKind, percent: i64) {
    let count = met.get(&kind).copied().unwrap_or_default();
    assert!((count - percent * 100).abs() <= 200, "{kind} befell {count} of 10 000, not {percent} %");
}

#[test]
fn each_fault_has_the_share_it_was_given() {
    let commit = operation("store", "commit");
    for percent in [0, 1, 10, 50, 90, 100] {
        let fault = format!(r#""fault":"error_after","share":{}"#, f64::from(percent) / 100.0);
        about(&world(plan(&[&fault]), 7).met(commit), FaultKind::ErrorAfter, percent.into());
    }
    let beside = [
        r#""fault":"busy","share":0.3"#,
        r#""fault":"duplicate","share":0.3"#,
        r#""fault":"latency","share":0.2,"latency_ms":5"#,
    ];
    let met = world(plan(&beside), 7).met(commit);
    about(&met, FaultKind::Busy, 30);
    about(&met, FaultKind::Duplicate, 30);
    about(&met, FaultKind::Latency, 20);
}

#[test]
fn the_settings_for_everything_fail_a_share_and_slow_the_rest() {
    let everything = Plan::default().and_failures(0.2).and_latency(Duration::from_millis(80));
    for one in operations().filter(|one| one.port != "clock") {
        let met = world(everything.clone(), 7).met(one);
        about(&met, FaultKind::ErrorBefore, 10);
        about(&met, FaultKind::ErrorAfter, 10);
        about(&met, FaultKind::Latency, 80);
    }
    assert!(Plan::default().and_failures(0.0).and_latency(Duration::ZERO).is_empty());
}

#[test]
fn one_seed_is_the_same_faults_and_another_is_not() {
    let faults = [r#""fault":"error_before","share":0.3"#, r#""fault":"latency","share":0.3,"latency_ms":[50,400]"#];
    let acts = |seed| world(plan(&faults), seed).acts(operation("store", "commit"), 1_000);
    assert_eq!(acts(7), acts(7));
    assert_ne!(acts(7), acts(8));
    let late = acts(7).into_iter().filter_map(|act| match act {
        Act::Latency(wait) => Some(wait.as_millis()),
        _ => None,
    });
    assert!(late.clone().all(|ms| (50..=400).contains(&ms)) && late.max() > Some(390));
}

#[test]
fn operations_of_one_request_are_struck_apart_from_each_other() {
    let everywhere = world(plan(&[r#""fault":"busy","share":0.5"#]), 7);
    let (commit, send) = (operation("store", "commit"), operation("queue", "send"));
    let both: Vec<_> = (0..1_000).map(|_| everywhere.injector.act(commit) == everywhere.injector.act(send)).collect();
    let alike = both.iter().filter(|alike| **alike).count();
    assert!((420..580).contains(&alike), "{alike}");
}

#[test]
fn a_fault_strikes_only_where_it_aims() {
    let aimed = plan(&[
        r#""fault":"busy","share":1,"port":"store","operation":"commit""#,
        r#""fault":"duplicate","share":1,"port":"cache""#,
        r#""fault":"error_before","share":1,"operation":"probe""#,
    ]);
    let world = world(aimed, 7);
    for one in operations() {
        let expected = match (one.port, one.name) {
            ("store", "commit") => Act::Busy,
            ("cache", _) => Act::Duplicate,
            (_, "probe") => Act::ErrorBefore,
            _ => Act::Pass,
        };
        assert_eq!(world.injector.act(one), expected, "{one:?}");
    }
    let struck = operations().filter(|one| one.port == "cache" || one.name == "probe" || one.name == "commit").count();
    assert_eq!(world.marks.0.load(Ordering::Relaxed), struck as u64, "a call that no fault aims at is not counted");
}

#[test]
fn a_plan_ends_when_it_says() {
    let world = world(plan(&[r#""fault":"busy","share":1"#]), 7);
    let commit = operation("store", "commit");
    let end = Timestamp::parse(END).unwrap().millis();
    for (at, act) in [(end - 1, Act::Busy), (end, Act::Pass), (end + 1, Act::Pass)] {
        world.clock.0.store(at, Ordering::Relaxed);
        assert_eq!(world.injector.act(commit), act, "{}", at - end);
    }
}

#[test]
fn the_switch_comes_before_the_plan() {
    let world = world(plan(&[r#""fault":"busy","share":1"#]), 7);
    world.injector.switch(false);
    assert_eq!(world.injector.act(operation("store", "commit")), Act::Pass);
    assert!(!world.injector.is_on());
}

#[test]
fn of_a_broken_plan_every_mistake_is_told() {
    let broken = Plan::read(r#"{"faults":[{"fault":"explode","share":2}]}"#).unwrap_err().to_string();
    for field in
        ["faults[0].fault must be one of latency, ", "faults[0].share must be", "faults[0].until must be given"]
    {
        assert!(broken.contains(field), "{broken}");
    }
}
