//! The one door for writing: `Changes` as one TransactWriteItems. Each item carries its precondition, so the reasons of a
//! cancelled transaction, which come in the order of the items, tell which one failed first.

use async_trait::async_trait;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use bharatmart_core::Tenant;
use bharatmart_core::changes::{Changes, Expect, MAX_ITEMS, Write};
use bharatmart_core::ports::{CommitError, Commits, Fault};

use super::keys;
use super::transaction::Transaction;
use super::{DynamoStore, PORT, broken};
use crate::aws::{Failed, Hindrance, call, call_clashing};

#[async_trait]
impl Commits for DynamoStore {
    async fn commit(&self, changes: Changes) -> Result<(), CommitError> {
        changes.check()?;
        if changes.items() == 0 {
            return Ok(());
        }
        let mut transaction = Transaction::of(&self.table, &changes)?;
        let registers = founds(&changes) && !self.is_registered(&changes.tenant).await?;
        if registers && transaction.items.len() < MAX_ITEMS {
            transaction.register(&changes.tenant)?;
        } else if registers {
            self.register(&changes.tenant).await?;
        }
        self.transact(transaction).await?;
        if registers {
            self.remember(&changes.tenant);
        }
        Ok(())
    }
}

impl DynamoStore {
    /// All attempts carry one token: one that was applied although its answer was lost is not applied again.
    async fn transact(&self, transaction: Transaction) -> Result<(), CommitError> {
        let token = format!("{:032x}", rand::random::<u128>());
        let write = || {
            let items = Some(transaction.items.clone());
            self.client.transact_write_items().set_transact_items(items).client_request_token(&token).send()
        };
        match call_clashing(&self.dependency, hindrance, write).await {
            Ok(_) => Ok(()),
            Err(Failed::Fault(fault)) => Err(fault.into()),
            Err(Failed::Told(error, status)) => match first_failed(&error) {
                Some((nth, "ConditionalCheckFailed")) => match transaction.refusals.into_iter().nth(nth).flatten() {
                    Some(refusal) => Err(refusal.into()),
                    None => Err(broken("an event of this id was committed before").into()),
                },
                _ => Err(Failed::Told(error, status).into_fault(PORT).into()),
            },
        }
    }

    async fn is_registered(&self, tenant: &Tenant) -> Result<bool, Fault> {
        if self.registered.lock().is_ok_and(|registered| registered.contains(tenant)) {
            return Ok(true);
        }
        let registered = self.get(keys::registered(tenant)).await?.is_some();
        if registered {
            self.remember(tenant);
        }
        Ok(registered)
    }

    fn remember(&self, tenant: &Tenant) {
        if let Ok(mut registered) = self.registered.lock() {
            registered.insert(tenant.clone());
        }
    }

    /// For a commit that has no room for one more item.
    async fn register(&self, tenant: &Tenant) -> Result<(), Fault> {
        let item = keys::registered(tenant).item();
        let put = || self.client.put_item().table_name(&self.table).set_item(Some(item.clone())).send();
        call(&self.dependency, put).await.map(|_| ()).map_err(super::fault)
    }
}

/// Whether a tenant may get its first category or product by this.
fn founds(changes: &Changes) -> bool {
    let new = |write: &Write| match write {
        Write::Product { expect, .. } | Write::Category { expect, .. } => *expect == Expect::New,
        _ => false,
    };
    changes.writes.iter().any(new)
}

/// The first item that stood in the way, and why.
fn first_failed(error: &TransactWriteItemsError) -> Option<(usize, &str)> {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { return None };
    let codes = cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap_or("None"));
    codes.enumerate().find(|(_, code)| *code != "None")
}

/// What stands behind the first item in the way is not known: a clash before a failed condition may hide an earlier one.
fn hindrance(error: &TransactWriteItemsError) -> Option<Hindrance> {
    let (nth, code) = first_failed(error)?;
    let cause = format!("{code} at item {nth}");
    match code {
        "TransactionConflict" => Some(Hindrance::Clash(cause)),
        "ThrottlingError" | "ProvisionedThroughputExceeded" => Some(Hindrance::Throttled(cause)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::types::CancellationReason;
    use aws_sdk_dynamodb::types::error::TransactionCanceledException;

    fn cancelled(codes: &[&str]) -> TransactWriteItemsError {
        let reasons = codes.iter().map(|code| CancellationReason::builder().code(*code).build()).collect();
        let cancelled = TransactionCanceledException::builder().set_cancellation_reasons(Some(reasons)).build();
        TransactWriteItemsError::TransactionCanceledException(cancelled)
    }

    #[test]
    fn the_first_reason_decides_between_a_clash_and_a_refusal() {
        let clash = hindrance(&cancelled(&["None", "TransactionConflict", "ConditionalCheckFailed"]));
        assert!(matches!(clash, Some(Hindrance::Clash(_))));
        assert!(matches!(hindrance(&cancelled(&["ThrottlingError"])), Some(Hindrance::Throttled(_))));
        assert!(hindrance(&cancelled(&["None", "ConditionalCheckFailed", "TransactionConflict"])).is_none());
        assert_eq!(
            first_failed(&cancelled(&["None", "ConditionalCheckFailed", "ConditionalCheckFailed"])),
            Some((1, "ConditionalCheckFailed"))
        );
    }
}
