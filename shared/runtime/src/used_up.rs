//! Limits that are used up, as far as this process knows: until such a window ends, requests are refused without asking
//! the store. So a flood wears out neither the store nor whoever else waits for it. What counts is the store alone.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bharatmart_core::Timestamp;
use bharatmart_core::ports::Counted;

/// A flood from more addresses than this is counted by the store.
const MOST: usize = 10_000;

#[derive(Default)]
pub(crate) struct UsedUp(Mutex<HashMap<String, Ended>>);

struct Ended {
    value: u64,
    until: Timestamp,
}

impl UsedUp {
    pub fn find(&self, counter: &str, now: Timestamp) -> Option<Counted> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Ended { value, until } = known.get(counter).filter(|ended| ended.until > now)?;
        Some(Counted { value: *value, resets_in: until.since(now) })
    }

    /// A counter that is past its quota; it only grows until its window ends.
    pub fn remember(&self, counter: String, counted: Counted, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, ended| ended.until > now);
        }
        if known.len() < MOST {
            known.insert(counter, Ended { value: counted.value, until: now.after(counted.resets_in) });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn counted(seconds: u64) -> Counted {
        Counted { value: 61, resets_in: Duration::from_secs(seconds) }
    }

    #[test]
    fn it_is_known_until_its_window_ends() {
        let used_up = UsedUp::default();
        used_up.remember("a".to_owned(), counted(60), NOW);
        let later = NOW.after(Duration::from_secs(59));
        assert_eq!(used_up.find("a", later), Some(counted(1)));
        assert_eq!(used_up.find("a", NOW.after(Duration::from_secs(60))), None);
        assert_eq!(used_up.find("b", NOW), None);
    }

    #[test]
    fn what_has_ended_makes_room_and_more_than_there_is_room_for_is_left_to_the_store() {
        let used_up = UsedUp::default();
        for nth in 0..MOST {
            used_up.remember(nth.to_string(), counted(60), NOW);
        }
        used_up.remember("more".to_owned(), counted(60), NOW);
        assert_eq!(used_up.find("more", NOW), None);
        let later = NOW.after(Duration::from_secs(61));
        used_up.remember("more".to_owned(), counted(60), later);
        assert_eq!(used_up.find("more", later), Some(counted(60)));
    }
}
