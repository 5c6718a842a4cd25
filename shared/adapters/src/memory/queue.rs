//! The queue in memory: for simulation. It keeps the port's promises but survives no restart; time is the clock's, and
//! the same calls in the same order have the same answers.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::Timestamp;
use bharatmart_core::ports::{Clock, Fault, Message, Queueing, Received, Waiting};
use bharatmart_core::queues::Queue;

use crate::bells::{Bells, Look};

const TAKEN_ONCE_FOR: Duration = Duration::from_secs(5 * 60);

pub struct MemoryQueueing {
    clock: Arc<dyn Clock>,
    lanes: Mutex<BTreeMap<&'static str, Lane>>,
    bells: Bells,
}

/// What is in one queue, by the order it was sent in.
#[derive(Default)]
struct Lane {
    last: u64,
    waiting: BTreeMap<u64, Entry>,
    dead: BTreeMap<u64, Entry>,
    /// FIFO: when an id was taken.
    taken: HashMap<String, Timestamp>,
}

struct Entry {
    message: Message,
    receives: u32,
    sent_at: Timestamp,
    visible_at: Timestamp,
}

impl MemoryQueueing {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        MemoryQueueing { clock, lanes: Mutex::default(), bells: Bells::default() }
    }

    fn lane<T>(&self, queue: &'static Queue, work: impl FnOnce(&mut Lane, Timestamp) -> T) -> T {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        work(lanes.entry(queue.name).or_default(), self.clock.now())
    }
}

impl Lane {
    fn send(&mut self, queue: &Queue, message: &Message, now: Timestamp) {
        if queue.fifo {
            self.taken.retain(|_, at| at.after(TAKEN_ONCE_FOR) > now);
            if self.taken.contains_key(&message.id) {
                return;
            }
            self.taken.insert(message.id.clone(), now);
        }
        let delay = if queue.fifo { Duration::ZERO } else { message.delay };
        let message = Message { delay: Duration::ZERO, ..message.clone() };
        self.put(Entry { message, receives: 0, sent_at: now, visible_at: now.after(delay) });
    }

    fn put(&mut self, entry: Entry) {
        self.last += 1;
        self.waiting.insert(self.last, entry);
    }

    fn look(&mut self, queue: &Queue, most: usize, now: Timestamp) -> Look {
        let next = self.waiting.values().filter(|entry| entry.visible_at > now).map(|entry| entry.visible_at).min();
        let next_in = next.map(|at| at.since(now));
        let mut received = Vec::new();
        if queue.fifo && next.is_some() {
            return Look { received, next_in };
        }
        let visible: Vec<u64> =
            self.waiting.iter().filter(|(_, entry)| entry.visible_at <= now).map(|(number, _)| *number).collect();
        for number in visible {
            if received.len() == most {
                break;
            }
            let Some(entry) = self.waiting.get_mut(&number) else { continue };
            if entry.receives >= queue.max_receives {
                self.dead.extend(self.waiting.remove_entry(&number));
                continue;
            }
            entry.receives += 1;
            entry.visible_at = now.after(queue.visibility);
            received.push(entry.received(number));
        }
        Look { received, next_in }
    }

    /// The number of a delivery that is still the message's last one.
    fn current(&self, receipt: &str) -> Option<u64> {
        let (number, receives) = receipt.split_once('.')?;
        let number = number.parse().ok()?;
        self.waiting.get(&number).filter(|entry| entry.receives.to_string() == receives).map(|_| number)
    }

    fn waiting(&self, now: Timestamp) -> Waiting {
        let hidden = self.waiting.values().filter(|entry| entry.visible_at > now);
        let (delayed, in_flight): (Vec<_>, Vec<_>) = hidden.partition(|entry| entry.receives == 0);
        Waiting {
            ready: (self.waiting.len() - delayed.len() - in_flight.len()) as u64,
            in_flight: in_flight.len() as u64,
            delayed: delayed.len() as u64,
            dead: self.dead.len() as u64,
        }
    }

    fn redrive(&mut self, now: Timestamp) -> u64 {
        let dead = std::mem::take(&mut self.dead);
        let count = dead.len() as u64;
        for entry in dead.into_values() {
            self.put(Entry { receives: 0, visible_at: now, ..entry });
        }
        count
    }
}

impl Entry {
    fn received(&self, number: u64) -> Received {
        Received {
            message: self.message.clone(),
            receipt: format!("{number}.{}", self.receives),
            receives: self.receives,
            sent_at: self.sent_at,
        }
    }
}

#[async_trait]
impl Queueing for MemoryQueueing {
    async fn send(&self, queue: &'static Queue, messages: &[Message]) -> Result<(), Fault> {
        self.lane(queue, |lane, now| messages.iter().for_each(|message| lane.send(queue, message, now)));
        self.bells.ring(queue.name);
        Ok(())
    }

    async fn receive(&self, queue: &'static Queue, most: usize, wait: Duration) -> Result<Vec<Received>, Fault> {
        let look = || async { Ok(self.lane(queue, |lane, now| lane.look(queue, most, now))) };
        self.bells.receive(queue.name, wait, look).await
    }

    async fn done(&self, queue: &'static Queue, receipt: &str) -> Result<(), Fault> {
        self.lane(queue, |lane, _| lane.current(receipt).and_then(|number| lane.waiting.remove(&number)));
        self.bells.ring(queue.name);
        Ok(())
    }

    async fn retry(&self, queue: &'static Queue, receipt: &str, wait: Duration) -> Result<(), Fault> {
        self.lane(queue, |lane, now| {
            let number = lane.current(receipt);
            if let Some(entry) = number.and_then(|number| lane.waiting.get_mut(&number)) {
                entry.visible_at = now.after(wait);
            }
        });
        self.bells.ring(queue.name);
        Ok(())
    }

    async fn waiting(&self, queue: &'static Queue) -> Result<Waiting, Fault> {
        Ok(self.lane(queue, |lane, now| lane.waiting(now)))
    }

    async fn dead_letters(&self, queue: &'static Queue, most: usize) -> Result<Vec<Received>, Fault> {
        Ok(self.lane(queue, |lane, _| {
            lane.dead.iter().take(most).map(|(number, entry)| entry.received(*number)).collect()
        }))
    }

    async fn redrive(&self, queue: &'static Queue) -> Result<u64, Fault> {
        let count = self.lane(queue, Lane::redrive);
        self.bells.ring(queue.name);
        Ok(count)
    }

    async fn probe(&self) -> Result<(), Fault> {
        Ok(())
    }
}
