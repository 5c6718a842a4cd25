//! A breaker over hours, which pass at once.

use super::super::breaker::{Breaker, BreakerState, Entry, Outcome, Turn};
use super::*;

const SECOND: Duration = Duration::from_secs(1);

struct Line {
    breaker: Breaker,
    now: Instant,
}

impl Line {
    fn new() -> Self {
        let now = Instant::now();
        Line { breaker: Breaker::new(now), now }
    }

    /// One that is left alone five failures later.
    fn in_an_outage() -> Self {
        let mut line = Line::new();
        for _ in 0..5 {
            assert!(line.call(Outcome::Away));
        }
        assert_eq!(line.breaker.state(), BreakerState::Open);
        line
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
    }

    fn enter(&mut self) -> Option<Turn> {
        match self.breaker.enter(self.now) {
            Entry::Open(turn) => Some(turn),
            Entry::Closed { .. } => None,
        }
    }

    fn end(&mut self, turn: Turn, outcome: Outcome) {
        self.breaker.ended(turn, outcome, self.now);
    }

    /// Whether it was made.
    fn call(&mut self, outcome: Outcome) -> bool {
        let turn = self.enter();
        let made = turn.is_some();
        if let Some(turn) = turn {
            self.end(turn, outcome);
        }
        made
    }

    /// How long nobody is let through.
    fn left_alone(&mut self) -> (Duration, Turn) {
        let begun = self.now;
        loop {
            if let Some(turn) = self.enter() {
                return (self.now - begun, turn);
            }
            self.pass(Duration::from_millis(100));
        }
    }
}

#[test]
fn a_few_failures_among_many_answers_are_no_outage() {
    let mut line = Line::new();
    for outcome in [Outcome::Answered, Outcome::Answered, Outcome::Away].repeat(100) {
        assert!(line.call(outcome));
    }
    assert_eq!(line.breaker.state(), BreakerState::Closed);
}

#[test]
fn failures_of_long_ago_are_forgotten() {
    let mut line = Line::new();
    for _ in 0..20 {
        assert!(line.call(Outcome::Away));
        line.pass(6 * SECOND);
    }
    assert_eq!(line.breaker.state(), BreakerState::Closed);
}

#[test]
fn answers_of_the_last_hour_do_not_hide_an_outage() {
    let mut line = Line::new();
    for _ in 0..1_000 {
        assert!(line.call(Outcome::Answered));
    }
    line.pass(20 * SECOND);
    for _ in 0..5 {
        assert!(line.call(Outcome::Away));
    }
    assert!(!line.call(Outcome::Answered));
}

#[test]
fn a_busy_one_is_left_alone_after_ten_failures_in_a_row() {
    let mut line = Line::new();
    for _ in 0..1_000 {
        assert!(line.call(Outcome::Answered));
    }
    for outcome in [[Outcome::Away; 9].as_slice(), &[Outcome::Answered], &[Outcome::Away; 10]].concat() {
        assert!(line.call(outcome));
    }
    assert!(!line.call(Outcome::Answered));
}

#[test]
fn after_a_pause_one_call_tries_and_the_others_wait_for_what_it_tells() {
    let mut line = Line::in_an_outage();
    line.pass(Duration::from_millis(499));
    assert!(line.enter().is_none());
    line.pass(Duration::from_millis(1));
    let trying = line.enter().unwrap();
    assert!(line.enter().is_none());
    assert_eq!(line.breaker.state(), BreakerState::HalfOpen);
    line.end(trying, Outcome::Answered);
    assert_eq!(line.breaker.state(), BreakerState::Closed);
    assert!(line.call(Outcome::Answered) && line.call(Outcome::Answered));
}

#[test]
fn while_it_stays_away_the_pauses_grow_to_five_seconds_and_no_further() {
    let mut line = Line::in_an_outage();
    let mut pauses = Vec::new();
    for _ in 0..6 {
        let (pause, trying) = line.left_alone();
        line.end(trying, Outcome::Away);
        pauses.push(pause.as_millis());
    }
    assert_eq!(pauses, [500, 1_000, 2_000, 4_000, 5_000, 5_000]);
}

#[test]
fn whoever_gets_stuck_trying_keeps_nobody_else_from_it_for_long() {
    let mut line = Line::in_an_outage();
    let (_, stuck) = line.left_alone();
    let (waited, trying) = line.left_alone();
    assert_eq!(waited, 3 * SECOND);
    line.end(trying, Outcome::Answered);
    line.end(stuck, Outcome::Away);
    assert_eq!(line.breaker.state(), BreakerState::Closed);
}

#[test]
fn a_listener_that_hears_something_late_tells_that_it_is_back() {
    let mut line = Line::in_an_outage();
    let (_, listening) = line.left_alone();
    let (_, another) = line.left_alone();
    line.end(listening, Outcome::Answered);
    assert_eq!(line.breaker.state(), BreakerState::Closed);
    line.end(another, Outcome::Answered);
    assert_eq!(line.breaker.state(), BreakerState::Closed);
}

#[test]
fn a_try_that_its_caller_broke_off_leaves_it_to_the_next() {
    let mut line = Line::in_an_outage();
    let (_, broken_off) = line.left_alone();
    line.end(broken_off, Outcome::Unknown);
    assert!(line.call(Outcome::Answered));
    assert_eq!(line.breaker.state(), BreakerState::Closed);
}

#[test]
fn calls_that_began_before_it_came_back_say_nothing_about_it() {
    let mut line = Line::new();
    let old: Vec<Turn> = (0..20).filter_map(|_| line.enter()).collect();
    for _ in 0..5 {
        line.call(Outcome::Away);
    }
    let (_, trying) = line.left_alone();
    line.end(trying, Outcome::Answered);
    for turn in old {
        line.end(turn, Outcome::Away);
    }
    assert_eq!(line.breaker.state(), BreakerState::Closed);
}
