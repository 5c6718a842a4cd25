//! Time and turns. Every actor is a future; one of those that can go on, drawn by the seed, is polled until it waits
//! again, and it waits at every call of a port. When nobody can go on, time jumps to whoever wakes first: an hour of the
//! shop costs nothing. What hour it is to the shop is another matter: its clock may be set forward and back.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::Timestamp;
use bharatmart_core::ports::{Clock, Ids, Patience};
use uuid::Uuid;

use crate::dice::Dice;

pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// When every world begins, to its clock.
const BEGINNING: i64 = 1_790_000_000_000;

pub struct World {
    pub seed: u64,
    /// Whose turn it is.
    turns: Dice,
    ids: Dice,
    pauses: Dice,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Milliseconds since the beginning; never goes back.
    now: u64,
    /// How far the clock is from it.
    ahead: i64,
    actors: Vec<Actor>,
    /// Whose turn it is.
    current: usize,
    turns: u64,
    history: Option<Vec<String>>,
}

struct Actor {
    name: String,
    /// `None` while it has its turn, and when it has come to its end.
    task: Option<Task>,
    wakes_at: u64,
    ended: bool,
    /// Until when what it does may take, and whether it is to die at its next wait.
    deadline: Option<u64>,
    doomed: bool,
    /// Of its time, what it may not wait away.
    kept_back: u64,
}

/// What became of work that could die.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Its process was killed, with all it knew.
    Crashed,
    TimedOut,
}

impl World {
    /// `told`: whether its history is kept.
    pub fn new(seed: u64, told: bool) -> Arc<Self> {
        let turns = Dice::new(seed, "turns");
        // Some begin a few minutes before a day ends in India.
        let ahead = BEGINNING + (turns.below(48) * 1_800_000) as i64;
        let inner = Inner { ahead, history: told.then(Vec::new), ..Inner::default() };
        Arc::new(World {
            seed,
            turns,
            ids: Dice::new(seed, "ids"),
            pauses: Dice::new(seed, "pauses"),
            inner: Mutex::new(inner),
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn spawn(&self, name: impl Into<String>, task: impl Future<Output = ()> + Send + 'static) {
        let mut inner = self.inner();
        let wakes_at = inner.now;
        let (name, task) = (name.into(), Some(Box::pin(task) as Task));
        inner.actors.push(Actor { name, task, wakes_at, ended: false, deadline: None, doomed: false, kept_back: 0 });
    }

    /// One turn of one actor. `false`: there is nobody left.
    pub fn turn(&self) -> bool {
        let Some((at, mut task)) = self.next() else { return false };
        let polled = task.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let mut inner = self.inner();
        inner.turns += 1;
        let actor = &mut inner.actors[at];
        match polled {
            Poll::Ready(()) => actor.ended = true,
            Poll::Pending => actor.task = Some(task),
        }
        true
    }

    fn next(&self) -> Option<(usize, Task)> {
        let mut inner = self.inner();
        let first = inner.actors.iter().filter(|actor| !actor.ended).map(|actor| actor.wakes_at).min()?;
        // A turn takes its time.
        inner.now = (inner.now + self.turns.below(4)).max(first);
        let now = inner.now;
        let ready = |actor: &Actor| !actor.ended && actor.wakes_at <= now;
        let count = inner.actors.iter().filter(|actor| ready(actor)).count();
        let nth = self.turns.below(count as u64) as usize;
        let at = inner.actors.iter().enumerate().filter(|(_, actor)| ready(actor)).nth(nth)?.0;
        inner.current = at;
        let actor = &mut inner.actors[at];
        actor.wakes_at = u64::MAX;
        Some((at, actor.task.take()?))
    }

    pub fn turns(&self) -> u64 {
        self.inner().turns
    }

    /// Milliseconds since the beginning.
    pub fn elapsed(&self) -> u64 {
        self.inner().now
    }

    /// Sets the clock forward or back.
    pub fn shift_clock(&self, millis: i64) {
        self.inner().ahead += millis;
    }

    /// Whoever has the turn goes on after this; at once, but behind others, when it is nothing.
    pub async fn sleep(&self, wait: Duration) {
        let until = self.elapsed() + wait.as_millis() as u64;
        let mut turned = false;
        std::future::poll_fn(|_| {
            let mut inner = self.inner();
            if turned && inner.now >= until {
                return Poll::Ready(());
            }
            turned = true;
            let current = inner.current;
            let actor = &mut inner.actors[current];
            actor.wakes_at = actor.wakes_at.min(until);
            Poll::Pending
        })
        .await;
    }

    /// Work of a process that may be killed at any wait, and is at the latest when its time is up.
    pub async fn alive<T>(&self, limit: Duration, work: impl Future<Output = T> + Send) -> Result<T, Ended> {
        let deadline = self.elapsed() + limit.as_millis() as u64;
        let mut work = Box::pin(work);
        let ended = std::future::poll_fn(|context| {
            self.scene(|actor| actor.deadline = Some(deadline));
            if self.elapsed() >= deadline {
                return Poll::Ready(Err(Ended::TimedOut));
            }
            match work.as_mut().poll(context) {
                Poll::Ready(done) => Poll::Ready(Ok(done)),
                Poll::Pending if self.scene(|actor| actor.doomed) => Poll::Ready(Err(Ended::Crashed)),
                Poll::Pending => {
                    self.scene(|actor| actor.wakes_at = actor.wakes_at.min(deadline));
                    Poll::Pending
                }
            }
        })
        .await;
        drop(work);
        self.scene(|actor| (actor.deadline, actor.doomed) = (None, false));
        ended
    }

    /// Whoever has the turn dies at its next wait. `false`: it is none that can die.
    pub fn doom(&self) -> bool {
        self.scene(|actor| {
            actor.doomed = actor.deadline.is_some();
            actor.doomed
        })
    }

    /// Of the work that has the turn. What is waited for ends a little before it is killed for taking too long.
    pub fn left(&self) -> Duration {
        const MARGIN: u64 = 500;
        let now = self.elapsed();
        let (deadline, kept_back) = self.scene(|actor| (actor.deadline, actor.kept_back));
        let left = deadline.map_or(10_000, |deadline| deadline.saturating_sub(now + MARGIN + kept_back));
        Duration::from_millis(left)
    }

    /// Waits for an answer no longer than leaves so much time.
    pub async fn keeping_back<T>(&self, kept: Duration, work: impl Future<Output = T> + Send) -> T {
        let mut work = Box::pin(work);
        std::future::poll_fn(|context| {
            self.scene(|actor| actor.kept_back = kept.as_millis() as u64);
            let polled = work.as_mut().poll(context);
            self.scene(|actor| actor.kept_back = 0);
            polled
        })
        .await
    }

    fn scene<T>(&self, of: impl FnOnce(&mut Actor) -> T) -> T {
        let mut inner = self.inner();
        let current = inner.current;
        of(&mut inner.actors[current])
    }

    /// For whoever reads the history, if anybody will.
    pub fn tell(&self, line: impl FnOnce() -> String) {
        let mut inner = self.inner();
        if inner.history.is_none() {
            return;
        }
        let (now, current) = (inner.now, inner.current);
        let who = inner.actors.get(current).map_or("-", |actor| actor.name.as_str());
        let line = format!("{:>8}.{:03} {who:<14} {}", now / 1_000, now % 1_000, line());
        inner.history.iter_mut().for_each(|history| history.push(line.clone()));
    }

    pub fn history(&self) -> Vec<String> {
        self.inner().history.clone().unwrap_or_default()
    }

    /// Lets go of the actors, which hold the world.
    pub fn end(&self) {
        let actors = std::mem::take(&mut self.inner().actors);
        drop(actors);
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        let inner = self.inner();
        Timestamp::from_millis(inner.now as i64 + inner.ahead)
    }
}

impl Ids for World {
    fn uuid(&self) -> Uuid {
        let millis = u64::try_from(self.now().millis()).unwrap_or_default();
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.ids.throw().to_be_bytes());
        random[8..].copy_from_slice(&self.ids.throw().to_be_bytes()[..2]);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

#[async_trait]
impl Patience for World {
    fn left(&self) -> Duration {
        World::left(self)
    }

    async fn pause(&self, clashes: u32) -> bool {
        let wait = Duration::from_millis(self.pauses.below(4 << clashes.min(6)));
        if World::left(self) < wait + Duration::from_millis(50) {
            return false;
        }
        self.sleep(wait).await;
        true
    }
}
