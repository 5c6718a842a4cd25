//! What customers call an order: unique, not gapless. Numbers are taken in blocks beside the commit, so that no counter
//! is waited for by everybody.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::ports::{Counters, Fault};
use crate::tenant::Tenant;
use crate::time::{IST, Timestamp};

/// How many numbers a process takes at once.
const BLOCK: u32 = 20;
/// The counter of a year is kept well beyond its end.
const KEPT: Duration = Duration::from_secs(3 * 366 * 24 * 3600);

/// What is left of the blocks this process took, by shop.
#[derive(Debug, Default)]
pub struct Numbers(Mutex<BTreeMap<Tenant, Block>>);

#[derive(Debug)]
struct Block {
    year: String,
    left: Range<u64>,
}

impl Numbers {
    /// `BM-2026-000001`; the year is India's.
    pub async fn next(&self, counters: &dyn Counters, tenant: &Tenant, now: Timestamp) -> Result<String, Fault> {
        let year: String = now.after(IST).to_string().chars().take(4).collect();
        if let Some(nth) = self.take(tenant, &year) {
            return Ok(written(&year, nth));
        }
        let last = counters.count(tenant, &format!("order-number/{year}"), BLOCK, KEPT, now).await?.value;
        let first = last.saturating_sub(u64::from(BLOCK)) + 1;
        let left = first + 1..last + 1;
        self.blocks().insert(tenant.clone(), Block { year: year.clone(), left });
        Ok(written(&year, first))
    }

    fn take(&self, tenant: &Tenant, year: &str) -> Option<u64> {
        self.blocks().get_mut(tenant).filter(|block| block.year == year)?.left.next()
    }

    fn blocks(&self) -> std::sync::MutexGuard<'_, BTreeMap<Tenant, Block>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn written(year: &str, nth: u64) -> String {
    format!("BM-{year}-{nth:06}")
}
