//! Kills, at random moments, whoever is up: SIGKILL, to PostgreSQL and to all its processes at once. What was killed is
//! started again at once, while others may already be hit.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::shop::Victim;

/// Between two kills, in milliseconds.
const PAUSE: std::ops::Range<u64> = 1_000..4_000;

#[derive(Default)]
pub struct Killed {
    /// How often, and how long the longest took until it served again.
    kinds: BTreeMap<&'static str, (u32, Duration)>,
}

/// As long as somebody buys, and tells how many there were until now. Answers when all are up again.
pub async fn kill(victims: &[Victim], seed: u64, done: watch::Sender<u32>, is_over: impl Fn() -> bool) -> Killed {
    let mut random = StdRng::seed_from_u64(seed);
    let mut restarts = JoinSet::new();
    while !is_over() {
        tokio::time::sleep(Duration::from_millis(random.random_range(PAUSE))).await;
        let victim = &victims[random.random_range(0..victims.len())];
        // It is down already.
        let Ok(mut server) = victim.server.clone().try_lock_owned() else { continue };
        let kind = victim.kind;
        restarts.spawn(async move {
            let begun = Instant::now();
            server.crash().await;
            server.start_again().await;
            (kind, begun.elapsed())
        });
        done.send_modify(|done| *done += 1);
    }
    let mut killed = Killed::default();
    while let Some(restarted) = restarts.join_next().await {
        let (kind, took) = restarted.expect("what was killed starts again");
        let (times, longest) = killed.kinds.entry(kind).or_default();
        *times += 1;
        *longest = took.max(*longest);
    }
    killed
}

impl fmt::Display for Killed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: u32 = self.kinds.values().map(|(times, _)| times).sum();
        write!(f, "{all} kills")?;
        for (kind, (times, longest)) in &self.kinds {
            write!(f, "; {kind} {times} times, serving again after at most {:.1} s", longest.as_secs_f64())?;
        }
        Ok(())
    }
}
