//! A seed from its first turn to its last: a day with faults, then none, until nothing is under way; checked after
//! every turn.

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
const REST: u64 = 4 * 3_600_000;

/// `told`: with its history.
pub fn run(seed: u64, plant: Option<Plant>, told: bool) -> Outcome {
    let world = World::new(seed, told);
    let weather = Weather::new(world.clone());
    let shop = Shop::open(&world, weather.clone(), plant);
    let day = Day::begin(shop.clone(), weather.clone());
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
        if world.turns() % 16 == 0 && day.is_everybody_done() && is_quiet(checker).is_ok() {
            return at_the_end(checker);
        }
    }
    is_quiet(checker)?;
    Err(Broken("somebody has something to do still".to_owned()))
}
