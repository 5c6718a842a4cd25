//! Ports that hand on what they are asked to another one: what a decorator of one method does with all the others.

macro_rules! through {
    ($of:ident for $to:ty => $inner:ident; $(fn $name:ident($($arg:ident: $type:ty),* $(,)?) -> $answer:ty;)*) => {
        #[async_trait::async_trait]
        impl bharatmart_core::ports::$of for $to {
            $(async fn $name(&self, $($arg: $type),*) -> $answer {
                self.$inner.$name($($arg),*).await
            })*
        }
    };
}

macro_rules! reads_through {
    ($to:ty => $inner:ident) => {
        $crate::through::through! { CatalogReads for $to => $inner;
            fn product(tenant: &Tenant, product: &ProductRef) -> Result<Option<StockedProduct>, Fault>;
            fn products(tenant: &Tenant, ids: &[ProductId]) -> Result<Vec<StockedProduct>, Fault>;
            fn newest_products(
                tenant: &Tenant, of: Option<&[CategoryId]>, before: Option<ProductId>, limit: usize,
            ) -> Result<Vec<ProductId>, Fault>;
            fn categories(tenant: &Tenant) -> Result<Vec<Category>, Fault>;
            fn stock(tenant: &Tenant, product: ProductId, sku: &Sku) -> Result<Option<Levels>, Fault>;
            fn tenants() -> Result<Vec<Tenant>, Fault>;
        }
        $crate::through::through! { Records for $to => $inner;
            fn record(tenant: &Tenant, kind: &'static Kind, key: &RecordKey) -> Result<Option<Document>, Fault>;
            fn records(
                tenant: &Tenant, kind: &'static Kind, listing: Listing<'_>, before: Option<&str>, limit: usize,
            ) -> Result<Vec<Document>, Fault>;
            fn counted(tenant: &Tenant, counter: &str) -> Result<u64, Fault>;
            fn owner(tenant: &Tenant, claim: ClaimKind, name: &str) -> Result<Option<String>, Fault>;
        }
        $crate::through::through! { Counters for $to => $inner;
            fn count(
                tenant: &Tenant, counter: &str, by: u32, window: Duration, now: Timestamp,
            ) -> Result<Counted, Fault>;
            fn reset(tenant: &Tenant, counter: &str) -> Result<(), Fault>;
        }
    };
}

pub(crate) use {reads_through, through};
