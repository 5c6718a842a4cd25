//! The shop's store, read from beside: through the same ports, and the tables that have more rows than anybody is led to.

use bharatmart_adapters::postgres::PostgresStore;
use bharatmart_core::ids::{OrderId, PaymentId};
use bharatmart_core::orders::{ORDER, Order};
use bharatmart_core::payments::{LedgerEntry, MockCharge, Payment};
use bharatmart_core::ports::{Outbox, Records};
use bharatmart_core::record::{Document, Kind, Listing, Record, RecordKey, Row};
use bharatmart_core::{Event, Tenant};

use crate::shop::Shop;

pub struct Reader {
    pub store: PostgresStore,
    pub tenant: Tenant,
    url: String,
}

/// An order with all that belongs to it.
pub struct Bought {
    pub order: Order,
    pub payments: Vec<Payment>,
    /// What the provider remembers of them.
    pub charges: Vec<MockCharge>,
    pub entries: Vec<LedgerEntry>,
}

const PAGE: usize = 200;
const ALL_EVENTS: usize = 1_000_000;

impl Reader {
    pub fn open(shop: &Shop) -> Self {
        let store = PostgresStore::attach(&shop.postgres, 8).unwrap();
        Reader { store, tenant: Tenant::main(), url: shop.postgres.clone() }
    }

    async fn find<R: Record>(&self, id: impl ToString) -> Option<R> {
        let found = self.store.record(&self.tenant, R::KIND, &RecordKey::alone(id)).await.unwrap();
        found.map(|fields| Row::read(fields).unwrap())
    }

    pub async fn list<R: Record>(&self, listing: Listing<'_>) -> Vec<R> {
        let rows = self.rows(R::KIND, listing).await;
        rows.into_iter().map(|fields| Row::read(fields).unwrap()).collect()
    }

    async fn rows(&self, kind: &'static Kind, listing: Listing<'_>) -> Vec<Document> {
        let mut rows: Vec<Document> = Vec::new();
        loop {
            let last = rows.last().and_then(|fields| fields[kind.id].as_str()).map(str::to_owned);
            let page = self.store.records(&self.tenant, kind, listing.clone(), last.as_deref(), PAGE).await.unwrap();
            let is_last = page.len() < PAGE;
            rows.extend(page);
            if is_last {
                return rows;
            }
        }
    }

    pub async fn orders(&self) -> Vec<OrderId> {
        let rows = self.rows(&ORDER, Listing::All).await;
        rows.iter().map(|fields| fields["id"].as_str().unwrap().parse().unwrap()).collect()
    }

    /// `None`: there is no such order.
    pub async fn bought(&self, id: OrderId) -> Option<Bought> {
        let order: Order = self.find(id).await?;
        let entries = self.list(Listing::Within(&id.to_string())).await;
        let mut bought = Bought { order, payments: Vec::new(), charges: Vec::new(), entries };
        for id in &bought.order.payments {
            bought.payments.extend(self.find::<Payment>(id).await);
            bought.charges.extend(self.find::<MockCharge>(id).await);
        }
        Some(bought)
    }

    pub async fn events(&self) -> Vec<Event> {
        self.store.newest_events(ALL_EVENTS).await.unwrap()
    }

    /// How many rows a table has, whoever they belong to.
    pub async fn count(&self, table: &str) -> usize {
        let (client, connection) = tokio_postgres::connect(&self.url, tokio_postgres::NoTls).await.unwrap();
        let serving = tokio::spawn(connection);
        let row = client.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await.unwrap();
        drop(client);
        serving.await.unwrap().unwrap();
        usize::try_from(row.get::<_, i64>(0)).unwrap()
    }
}

impl Bought {
    pub fn charge(&self, payment: PaymentId) -> Option<&MockCharge> {
        self.charges.iter().find(|charge| charge.payment_id == payment)
    }
}
