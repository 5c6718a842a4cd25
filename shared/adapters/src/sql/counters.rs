//! Counting within windows of time: one statement, so that no count is lost.

use std::time::Duration;

use async_trait::async_trait;
use bharatmart_core::ports::{Counted, Counters, Fault};
use bharatmart_core::{Tenant, Timestamp};

use super::engine::{Engine, Query};
use super::rows::{Columns, Reader, broken};
use super::{SqlStore, statements as sql};

#[async_trait]
impl<E: Engine> Counters for SqlStore<E> {
    /// Where a connection is lost as it counts, it may count twice; it never counts too little.
    async fn count(
        &self,
        tenant: &Tenant,
        counter: &str,
        by: u32,
        window: Duration,
        now: Timestamp,
    ) -> Result<Counted, Fault> {
        let query = |sql| Query::new(sql).with(tenant).with(counter);
        if by == 0 {
            let present = self.one(query(sql::WINDOW).with(now), |row| counted(row, now)).await?;
            return Ok(present.unwrap_or(Counted { value: 0, resets_in: window }));
        }
        let count = query(sql::COUNT_IN_WINDOW).with(by).with(now.after(window)).with(now);
        let rows = self.engine.write(vec![count]).await?;
        let row = rows.iter().flatten().next();
        row.map_or_else(|| Err(broken("counted, and nothing came of it")), |row| counted(row, now))
    }

    async fn reset(&self, tenant: &Tenant, counter: &str) -> Result<(), Fault> {
        let query = Query::new(sql::END_WINDOW).with(tenant).with(counter);
        self.engine.write(vec![query]).await.map(drop)
    }
}

fn counted<R: Columns>(row: &R, now: Timestamp) -> Result<Counted, Fault> {
    let mut read = Reader::new(row);
    Ok(Counted { value: read.int()?, resets_in: read.time()?.since(now) })
}
