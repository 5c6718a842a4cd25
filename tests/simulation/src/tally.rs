//! How often each thing was seen: so that nobody takes for tested what never came about.

use std::collections::BTreeMap;

use bharatmart_chaos::{FaultKind, Operation, operations};
use bharatmart_core::orders::status::MOVES;

/// Besides the faults of chaos: its caller died before the call, or after it took effect.
pub const CRASH_BEFORE: &str = "crash_before";
pub const CRASH_AFTER: &str = "crash_after";

type Called = (&'static str, &'static str);

#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub seeds: u64,
    pub turns: u64,
    /// Least of a seed.
    pub fewest_turns: u64,
    /// By the place of a move in the table.
    pub moves: BTreeMap<usize, u64>,
    /// While faults were about.
    pub calls: BTreeMap<Called, u64>,
    pub faults: BTreeMap<(Called, &'static str), u64>,
    /// What else came about, by name.
    pub seen: BTreeMap<&'static str, u64>,
}

impl Tally {
    pub fn call(&mut self, operation: &Operation) {
        *self.calls.entry((operation.port, operation.name)).or_default() += 1;
    }

    pub fn fault(&mut self, operation: &Operation, fault: &'static str) {
        *self.faults.entry(((operation.port, operation.name), fault)).or_default() += 1;
    }

    pub fn add(&mut self, other: &Tally) {
        fn sum<K: Ord + Copy>(into: &mut BTreeMap<K, u64>, of: &BTreeMap<K, u64>) {
            of.iter().for_each(|(key, count)| *into.entry(*key).or_default() += count);
        }
        self.fewest_turns =
            if self.seeds == 0 { other.fewest_turns } else { self.fewest_turns.min(other.fewest_turns) };
        self.seeds += other.seeds;
        self.turns += other.turns;
        sum(&mut self.moves, &other.moves);
        sum(&mut self.calls, &other.calls);
        sum(&mut self.faults, &other.faults);
        sum(&mut self.seen, &other.seen);
    }

    /// Everything that could have come about, and how often it did.
    pub fn counts(&self) -> Vec<(String, u64)> {
        let mut counts = Vec::new();
        for (at, (from, to, _)) in MOVES.iter().enumerate() {
            let count = self.moves.get(&at).copied().unwrap_or_default();
            counts.push((format!("order {} → {}", from.name(), to.name()), count));
        }
        for (port, name) in self.calls.keys() {
            for fault in faults_of(port, name) {
                let count = self.faults.get(&((*port, *name), fault)).copied().unwrap_or_default();
                counts.push((format!("{port}.{name} {fault}"), count));
            }
        }
        counts
    }

    /// As a table: moves, then the faults of each operation.
    pub fn text(&self) -> String {
        let mut text = format!(
            "{} seeds, {} turns, at least {} a seed\n\nmoves of orders\n",
            self.seeds, self.turns, self.fewest_turns
        );
        for (name, count) in self.counts().iter().filter(|(name, _)| name.starts_with("order ")) {
            text += &format!("{count:>10}  {}\n", &name["order ".len()..]);
        }
        text += "\nseen\n";
        self.seen.iter().for_each(|(name, count)| text += &format!("{count:>10}  {name}\n"));
        for ((port, name), calls) in &self.calls {
            text += &format!("\n{port}.{name}, {calls} calls\n");
            for fault in faults_of(port, name) {
                let count = self.faults.get(&((*port, *name), fault)).copied().unwrap_or_default();
                text += &format!("{count:>10}  {fault}\n");
            }
        }
        text
    }
}

fn faults_of(port: &str, name: &str) -> Vec<&'static str> {
    let operation = operations().find(|one| one.port == port && one.name == name);
    let faults = operation.map_or(&[] as &[FaultKind], |operation| operation.faults);
    let mut names: Vec<_> = faults.iter().map(|fault| fault.name()).collect();
    if faults.contains(&FaultKind::TimeoutAfter) {
        names.extend([CRASH_BEFORE, CRASH_AFTER]);
    }
    names
}
