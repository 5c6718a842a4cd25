//! Reading again what somebody else changed first.

use std::sync::atomic::Ordering;

use bharatmart_adapters::clash::Backoff;
use bharatmart_core::ports::Fault;

use super::Ctx;

impl Ctx {
    /// Waits before it is read again and the change is tried once more, so that of many who change the same thing some
    /// get through: with full jitter, longer each time. `Busy` when the request leaves no time for another try.
    pub async fn again(&self) -> Result<(), Fault> {
        let clashes = self.clashes.fetch_add(1, Ordering::Relaxed);
        match Backoff::after(clashes).pause().await {
            true => Ok(()),
            false => Err(Fault::busy("store", "others changed it as often as it was read")),
        }
    }
}
