//! The clock of the machine the shop runs on, which somebody sets forward and back. When faults stop it is right again.

use std::sync::Arc;

use super::Day;
use crate::dice::Dice;

pub async fn goes_wrong(day: Arc<Day>) {
    let world = &day.shop.world;
    let dice = Dice::new(world.seed, "clock");
    let mut off = 0;
    if dice.chance(40) && !day.weather.is_fair() {
        while !day.is_closing() {
            day.wait(&dice, 5_000, 240_000).await;
            let by = *dice.pick(&[-600_000_i64, -60_000, -2_000, 2_000, 60_000, 600_000, 2_400_000]).unwrap_or(&0);
            if day.is_closing() || off + by > 10_800_000 {
                continue;
            }
            off += by;
            world.shift_clock(by);
            day.saw("jumps of the clock");
            world.tell(|| format!("! the clock goes by {by} ms"));
        }
    }
    world.shift_clock(-off);
}
