//! The engines against the store in memory: ten thousand generated commits, and the keys, leases, counts and events
//! between them, are answered alike and leave the same state. A story that goes apart is told by its seed and by the steps that
//! touched what the last one was about.

mod cast;
mod generate;
mod people;
mod play;
mod state;

use std::future::Future;
use std::sync::Arc;

use bharatmart_adapters::memory::MemoryStore;
use bharatmart_core::Write;
use bharatmart_core::changes::Changes;
use bharatmart_tests::long_run;
use bharatmart_tests::stores::{self, StoreWorld};
use futures_util::future::join_all;

use self::generate::{LIMIT, Story};
use self::play::{Player, Said, Step, Whose};
use self::state::see;

/// Told side by side, each to a store of its own.
const STORIES: u64 = 8;
const COMMITS: usize = 10_000 / STORIES as usize;
/// The whole state is compared after so many commits.
const CHAPTER: usize = COMMITS / 2;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_answers_ten_thousand_commits_as_memory_does() {
    compare(stores::sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_answers_ten_thousand_commits_as_memory_does() {
    compare(stores::postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dynamodb_answers_ten_thousand_commits_as_memory_does() {
    compare(stores::dynamodb).await;
}

async fn compare<F>(world: impl Fn() -> F)
where
    F: Future<Output = StoreWorld> + Send + 'static,
{
    for round in 0..if long_run() { 10 } else { 1 } {
        let seeds = round * STORIES..(round + 1) * STORIES;
        let told = join_all(seeds.map(|seed| tokio::spawn(tell(seed, world())))).await;
        assert_eq!(told.into_iter().filter_map(Result::ok).count() as u64, STORIES, "a story went apart, see above");
    }
}

async fn tell(seed: u64, world: impl Future<Output = StoreWorld>) {
    let world = world.await;
    let mut both = Both {
        seed,
        model: Player::new(Arc::new(MemoryStore::new())),
        engine: Player::new(world.store.clone()),
        story: Story::new(seed),
        played: Vec::new(),
    };
    for step in both.story.beginning() {
        assert_eq!(both.play(step).await, Said::Done);
    }
    let (mut commits, mut taken) = (0, 0);
    while commits < COMMITS {
        let step = both.story.next();
        let is_commit = matches!(step, Step::Commit { .. });
        let said = both.play(step).await;
        commits += usize::from(is_commit);
        taken += usize::from(is_commit && said == Said::Done);
        if is_commit && commits % CHAPTER == 0 {
            both.look().await;
        }
    }
    both.probe_counters().await;
    let both_ways = COMMITS * 3 / 10..COMMITS * 7 / 10;
    assert!(both_ways.contains(&taken), "{taken} of {COMMITS} commits were taken: too few refused, or too many");
}

struct Both {
    seed: u64,
    model: Player,
    engine: Player,
    story: Story,
    played: Vec<Step>,
}

impl Both {
    async fn play(&mut self, step: Step) -> Said {
        let expected = self.model.play(&step).await.expect("memory has no faults");
        let said = match self.engine.play(&step).await {
            Ok(said) if said == expected => said,
            other => self.apart(&step, &format!("the engine said {other:?}\nmemory said {expected:?}")),
        };
        self.story.remember(&step, &said);
        self.played.push(step);
        said
    }

    async fn look(&self) {
        let now = self.story.now;
        let expected = see(&*self.model.store, &self.story.cast, now).await.expect("memory has no faults");
        let seen = see(&*self.engine.store, &self.story.cast, now).await;
        let seen = seen.unwrap_or_else(|fault| panic!("seed {}: {fault}", self.seed));
        assert!(seen == expected, "seed {}: the states differ: {}", self.seed, difference(&seen, &expected));
    }

    /// No method reads a commit's counter: the least limit at which adding nothing is taken is where it stands.
    async fn probe_counters(&mut self) {
        for tenant in self.story.cast.tenants.clone() {
            for counter in self.story.cast.counters.clone() {
                let count = |at_most| {
                    alone(Changes::new(&tenant).write(Write::Count { counter: counter.clone(), by: 0, at_most }))
                };
                let (mut low, mut high) = (0, LIMIT);
                while low < high {
                    let middle = (low + high) / 2;
                    match self.play(count(middle)).await {
                        Said::Done => high = middle,
                        _ => low = middle + 1,
                    }
                }
            }
        }
    }

    fn apart(&self, step: &Step, what: &str) -> ! {
        let mine = subjects(step);
        let before: Vec<_> = self.played.iter().filter(|played| !subjects(played).is_disjoint(&mine)).collect();
        let last = before.len().saturating_sub(12);
        panic!(
            "seed {}, step {}: {step:#?}\n{what}\nearlier steps about the same things: {:#?}",
            self.seed,
            self.played.len(),
            &before[last..]
        );
    }
}

fn alone(changes: Changes) -> Step {
    Step::Commit { changes: Box::new(changes), answer: Whose::Latest, lease: Whose::Latest }
}

/// What a step is about.
fn subjects(step: &Step) -> std::collections::BTreeSet<String> {
    match step {
        Step::Commit { changes, .. } => {
            let of_tenant = |what: String| format!("{}/{what}", changes.tenant);
            let writes = changes.writes.iter().map(|write| of_tenant(write.key()));
            let marks = changes.applied.iter().map(|mark| of_tenant(format!("{}/{}", mark.consumer, mark.event)));
            let answer = changes.answer.iter().map(|answered| of_tenant(answered.key.0.clone()));
            let lease = changes.lease.iter().map(|(name, _)| name.0.to_owned());
            writes.chain(marks).chain(answer).chain(lease).collect()
        }
        Step::ClaimKey { tenant, key, .. } | Step::FreeKey { tenant, key, .. } => {
            [format!("{tenant}/{}", key.0)].into()
        }
        Step::Count { tenant, counter, .. } | Step::ResetCounter { tenant, counter } => {
            [format!("{tenant}/window/{counter}")].into()
        }
        Step::TakeLease { name, .. } | Step::ReleaseLease { name, .. } => [name.0.to_owned()].into(),
        Step::MarkSent(events) => events.iter().map(|event| event.id.to_string()).collect(),
    }
}

/// The first lines that differ; the whole would fill the screen.
fn difference(seen: &state::Seen, expected: &state::Seen) -> String {
    let (seen, expected) = (format!("{seen:#?}"), format!("{expected:#?}"));
    let lines = seen.lines().zip(expected.lines()).enumerate().filter(|(_, (a, b))| a != b);
    let lines: Vec<_> =
        lines.take(10).map(|(nth, (a, b))| format!("line {nth}: {} <> {}", a.trim(), b.trim())).collect();
    format!("{}\n({} and {} lines)", lines.join("\n"), seen.lines().count(), expected.lines().count())
}
