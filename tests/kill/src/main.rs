//! `make test-kill`: people buy in a shop of two processes on PostgreSQL and Redis, while processes and servers are killed
//! outright at random moments. Afterwards all that was promised must be true, and the books exact. `kill-test [seed]`:
//! the seed says who is killed after how long and who buys what; how that falls together is the machine's to say.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command tells a person what came of it")]

mod books;
mod buyer;
mod client;
mod killer;
mod money;
mod read;
mod rest;
mod shop;
mod truth;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use buyer::Promise;
use killer::Killed;
use read::Reader;
use shop::Shop;
use tokio::sync::watch;

const BUYERS: usize = 20;
const ORDERS_OF_EACH: usize = 25;
const KILLS: u32 = 100;
/// Buying and killing are over by then, or something hangs.
const IN_ALL: Duration = Duration::from_secs(10 * 60);
/// After the last restart each acknowledged order is in a true state within this.
const TRUE_WITHIN: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> ExitCode {
    let given = std::env::args().nth(1).map(|seed| seed.parse().unwrap());
    let seed: u64 = given.unwrap_or_else(|| rand::random::<u64>() % 1_000_000);
    println!("seed {seed}: {} orders by {BUYERS} buyers, {KILLS} kills", BUYERS * ORDERS_OF_EACH);
    let mut shop = Shop::open().await;
    let failed = tokio::select! {
        problems = run(&mut shop, seed) => problems,
        // The servers end with this process; it only says nothing more.
        _ = tokio::signal::ctrl_c() => return ExitCode::FAILURE,
    };
    if failed.is_empty() {
        println!("\nAll that was promised is true.");
        return ExitCode::SUCCESS;
    }
    shop.tell_what_it_said();
    println!("\n{} things are not as they should be, with the seed {seed}:", failed.len());
    failed.iter().for_each(|problem| println!("  {problem}"));
    ExitCode::FAILURE
}

/// What is wrong at the end.
async fn run(shop: &mut Shop, seed: u64) -> Vec<String> {
    let begun = Instant::now();
    let (promises, killed) = tokio::time::timeout(IN_ALL, buy_and_kill(shop, seed)).await.expect("it ends in time");
    let restarted = Instant::now();
    println!("{} s of buying and killing", begun.elapsed().as_secs());
    println!("{killed}");
    println!("{}", shop.client.tally());

    let reader = Reader::open(shop);
    let untrue = truth::within(TRUE_WITHIN, &reader, &promises).await;
    if !untrue.is_empty() {
        return untrue;
    }
    let took = restarted.elapsed().as_secs_f64();
    println!("{} orders acknowledged, each in a true state {took:.1} s after the last restart", promises.len());
    let mut problems = rest::comes(shop, &reader).await;
    println!("at rest {:.1} s after the last restart", restarted.elapsed().as_secs_f64());
    problems.extend(books::problems(shop, &reader, &promises).await);
    problems
}

async fn buy_and_kill(shop: &mut Shop, seed: u64) -> (Vec<Promise>, Killed) {
    let buyers = buyer::sign_up(shop, seed, BUYERS).await;
    let (done, kills) = watch::channel(0);
    let buyers = tokio::spawn(buyer::buy(buyers, ORDERS_OF_EACH, kills, KILLS));
    let killed = killer::kill(&shop.victims, seed, done, || buyers.is_finished()).await;
    (buyers.await.expect("no buyer met what cannot be"), killed)
}
