//! A purse over hours, which pass at once.

use super::super::purse::Purse;
use super::*;

#[test]
fn repetitions_are_a_tenth_of_the_calls_in_the_long_run() {
    let now = Instant::now();
    let mut purse = Purse::new(now);
    let mut repeated = 0;
    for _ in 0..10_000 {
        purse.earn();
        repeated += u32::from(purse.spend(now));
    }
    // And the thirty that were in it when nothing had gone wrong yet.
    assert!((1_000..=1_030).contains(&repeated), "{repeated}");
}

#[test]
fn quiet_hours_save_up_no_storm() {
    let now = Instant::now();
    let mut purse = Purse::new(now);
    for _ in 0..10_000 {
        purse.earn();
    }
    let later = now + Duration::from_secs(3_600);
    assert_eq!((0..100).filter(|_| purse.spend(later)).count(), 30);
}

#[test]
fn who_calls_seldom_may_repeat_now_and_then() {
    let mut now = Instant::now();
    let mut purse = Purse::new(now);
    while purse.spend(now) {}
    now += Duration::from_secs(9);
    assert!(!purse.spend(now));
    now += Duration::from_secs(1);
    assert!(purse.spend(now) && !purse.spend(now));
}
