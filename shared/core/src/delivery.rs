//! Where the shop brings things, and when. Pure: what is not served is a setting, and the hour is the caller's.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::check::Invalid;
use crate::place::{PinCode, State, Zone};
use crate::time::Timestamp;

/// All of India but what is listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    except: Vec<String>,
}

impl Reach {
    /// PIN codes that are not served, or what they begin with, with commas between; `none` leaves none out.
    pub fn parse(list: &str) -> Result<Self, Invalid> {
        if list.trim() == "none" {
            return Ok(Reach::default());
        }
        let except: Vec<String> = list.split(',').map(|prefix| prefix.trim().to_owned()).collect();
        let prefix = |text: &String| (1..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        match except.iter().all(prefix) {
            true => Ok(Reach { except }),
            false => Err(Invalid::new("invalid_pincodes", "must be PIN codes or what they begin with, with commas")),
        }
    }

    fn serves(&self, pincode: &PinCode) -> bool {
        !self.except.iter().any(|prefix| pincode.as_str().starts_with(prefix))
    }
}

/// What is known of a place before anything is brought there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    pub pincode: PinCode,
    /// `None` for the army's own post, which the code does not place.
    pub state: Option<State>,
    pub serviceable: bool,
}

impl Destination {
    pub fn parse(text: &str, reach: &Reach) -> Result<Self, Invalid> {
        let pincode = PinCode::parse(text)?;
        let state = match pincode.zone() {
            Some(Zone::State(state)) => Some(state),
            Some(Zone::Army) => None,
            None => return Err(Invalid::new("unknown_pincode", "must be a PIN code that some post office has")),
        };
        let serviceable = reach.serves(&pincode);
        Ok(Destination { pincode, state, serviceable })
    }
}

/// A span of hours in which an order may be brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "DeliverySlot")]
pub struct Slot {
    /// Its day and hours in India: `2026-11-21T09-12`.
    pub id: String,
    pub starts_at: String,
    pub ends_at: String,
}

const DAYS: i64 = 3;
const HOURS: [(i64, i64); 4] = [(9, 12), (12, 15), (15, 18), (18, 21)];

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// India has one time, and no summer time.
const IST: Duration = Duration::from_secs(5 * 3600 + 1800);

/// The next three days from tomorrow, as the calendar in India has it.
pub fn slots(now: Timestamp) -> Vec<Slot> {
    let today = now.after(IST).millis().div_euclid(DAY_MS);
    let days = (today + 1..=today + DAYS).map(|day| Timestamp::from_millis(day * DAY_MS));
    days.flat_map(|day| {
        let date: String = day.to_string().chars().take(10).collect();
        HOURS.map(|(from, to)| {
            let at = |hour: i64| Timestamp::from_millis(day.millis() + hour * HOUR_MS).before(IST).to_string();
            Slot { id: format!("{date}T{from:02}-{to:02}"), starts_at: at(from), ends_at: at(to) }
        })
    })
    .collect()
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Delivery")]
pub struct DeliveryView {
    pub pincode: String,
    /// Null for the army's own post offices, and where a district spans two states the one of most of it: the address
    /// decides.
    #[schemars(with = "Option<String>")]
    pub state: Option<State>,
    pub serviceable: bool,
    /// None where nothing is brought.
    pub slots: Vec<Slot>,
}

impl DeliveryView {
    pub fn of(destination: &Destination, now: Timestamp) -> Self {
        DeliveryView {
            pincode: destination.pincode.to_string(),
            state: destination.state,
            serviceable: destination.serviceable,
            slots: if destination.serviceable { slots(now) } else { Vec::new() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_india_is_served_but_what_is_listed() {
        let reach = Reach::parse("744, 68255,560001").unwrap();
        let to = |code: &str| Destination::parse(code, &reach).unwrap().serviceable;
        assert!(to("560002") && to("682001") && to("900056") && to("194101"));
        assert!(!to("560001") && !to("744101") && !to("682559"));
        assert!(Destination::parse("744101", &Reach::parse("none").unwrap()).unwrap().serviceable);
        for wrong in ["", "744,", "744;68255", "7441011", "Goa"] {
            assert_eq!(Reach::parse(wrong).unwrap_err().code, "invalid_pincodes", "{wrong}");
        }
    }

    #[test]
    fn a_code_that_no_post_office_has_is_no_destination() {
        let to = |code: &str| Destination::parse(code, &Reach::default());
        assert_eq!(to("540000").unwrap_err().code, "unknown_pincode");
        assert_eq!(to("54000").unwrap_err().code, "invalid_pincode");
        assert_eq!(to("900056").unwrap().state, None);
    }

    /// At whatever moment of two days, summer or winter.
    #[test]
    fn there_are_four_slots_on_each_of_the_next_three_days() {
        for minute in 0..2 * 24 * 60 {
            let now = Timestamp::from_millis(1_790_000_000_000 + minute * 60_000);
            let slots = slots(now);
            assert_eq!(slots.len(), 12);
            let day = |time: Timestamp| time.after(IST).millis().div_euclid(DAY_MS);
            for (nth, slot) in slots.iter().enumerate() {
                let (from, to) = (Timestamp::parse(&slot.starts_at).unwrap(), Timestamp::parse(&slot.ends_at).unwrap());
                assert_eq!(to.since(from), Duration::from_secs(3 * 3600));
                assert_eq!(day(from), day(now) + 1 + nth as i64 / 4, "{slot:?} at {now}");
                assert_eq!(slot.id[..10], from.after(IST).to_string()[..10]);
            }
        }
    }

    #[test]
    fn a_slot_is_told_in_utc_and_named_by_indias_calendar() {
        // 20:00 of the 20th in London is the 21st in India already.
        let now = Timestamp::parse("2026-11-20T20:00:00Z").unwrap();
        let first = slots(now).remove(0);
        assert_eq!(first.id, "2026-11-22T09-12");
        assert_eq!(first.starts_at, "2026-11-22T03:30:00.000Z");
        assert_eq!(first.ends_at, "2026-11-22T06:30:00.000Z");
    }
}
