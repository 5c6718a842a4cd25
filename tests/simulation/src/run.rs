//! A seed from its first turn to its last: a day with faults, then none, until nothing is under way; checked after
//! every turn.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::actors::Day;
use crate::check::{Broken, Checker, Kept, at_the_end, is_quiet};
use crate::dice::Dice;
use crate::faults::Weather;
use crate::plant::Plant;
use crate::shop::Shop;
use crate::tally::Tally;
use crate::world::World;

/// What a seed came to.
pub struct Outcome {
    pub seed: u64,
    pub broken: Option<Broken>,
    pub tally: Tally,
    /// Empty unless it was asked for.
    pub history: Vec<String>,
}

/// Faults stop after so many turns, of which each seed has its own number.
const TURNS: (u64, u64) = (400, 1_600);
/// Once they have stopped: no shop takes so long, of its own time, to come to rest.
pub(crate) const REST: u64 = 4 * 3_600_000;

/// `told`: with its history.
pub fn run(seed: u64, plant: Option<Plant>, told: bool) -> Outcome {
    let world = World::new(seed, told);
    let weather = Weather::new(world.clone());
    let shop = Shop::open(&world, weather.clone(), plant);
    let day = Day::new(shop.clone(), weather.clone());
    day.people();
    day.machines(true);
    let mut checker = Checker::new(&shop);
    let broken = live(&world, &weather, &day, &mut checker).err();
    if let Some(Broken(what)) = &broken {
        world.tell(|| format!("BROKEN: {what}"));
    }
    let mut tally = weather.tally().clone();
    (tally.seeds, tally.turns, tally.fewest_turns) = (1, world.turns(), world.turns());
    tally.moves = checker.moves;
    world.end();
    Outcome { seed, broken, tally, history: world.history() }
}

/// So many seeds, on all cores: what they saw, and the first that broke a promise.
pub fn run_many(seeds: Range<u64>, plant: Option<Plant>) -> (Tally, Option<Outcome>) {
    let (next, stop) = (AtomicU64::new(seeds.start), AtomicU64::new(seeds.end));
    let found: Mutex<(Tally, Vec<Outcome>)> = Mutex::default();
    let work = || loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= stop.load(Ordering::Relaxed) {
            return;
        }
        let outcome = run(seed, plant, false);
        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
        found.0.add(&outcome.tally);
        if outcome.broken.is_some() {
            stop.fetch_min(seed, Ordering::Relaxed);
            found.1.push(outcome);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let (tally, broken) = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    (tally, broken.into_iter().min_by_key(|outcome| outcome.seed))
}

fn live(world: &World, weather: &Weather, day: &Day, checker: &mut Checker) -> Kept {
    let most = Dice::new(world.seed, "length").between(TURNS.0, TURNS.1);
    while world.turns() < most {
        world.turn();
        checker.look()?;
        day.look()?;
    }
    weather.end();
    day.close();
    let stopped = world.elapsed();
    while world.elapsed() < stopped + REST {
        world.turn();
        checker.look()?;
        day.look()?;
        if world.turns().is_multiple_of(16) && day.is_everybody_done() && is_quiet(checker).is_ok() {
            return at_the_end(checker);
        }
    }
    is_quiet(checker)?;
    Err(Broken("somebody has something to do still".to_owned()))
}
