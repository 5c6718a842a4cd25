//! What carts and orders are about, looked up in the store: whose the SKUs are, the products of all lines, a coupon with
//! its uses. Each is asked for at once, so that many lines take no longer than one.

use futures_util::future::{try_join_all, try_join3};

use super::Shelf;
use crate::changes::ClaimKind;
use crate::ids::{ProductId, UserId};
use crate::ports::{CatalogReads, Fault, Records};
use crate::pricing::{COUPON, CouponCode, NamedCoupon};
use crate::record::{RecordKey, Row};
use crate::tenant::Tenant;
use crate::text::Sku;

/// So many SKUs are asked after at once: a full cart takes two steps, and no store more than it can bear.
const AT_ONCE: usize = 25;

/// Who sells under these SKUs, each in its place; `None` where nobody does.
pub async fn sellers(records: &dyn Records, tenant: &Tenant, skus: &[&Sku]) -> Result<Vec<Option<ProductId>>, Fault> {
    let mut sellers = Vec::with_capacity(skus.len());
    for some in skus.chunks(AT_ONCE) {
        let owners = some.iter().map(|sku| records.owner(tenant, ClaimKind::Sku, sku.as_str()));
        let owners = try_join_all(owners).await?;
        sellers.extend(owners.into_iter().map(|owner| owner.and_then(|id| id.parse().ok())));
    }
    Ok(sellers)
}

/// These products, where they are there.
pub async fn shelf(
    catalog: &dyn CatalogReads,
    tenant: &Tenant,
    products: impl IntoIterator<Item = ProductId>,
) -> Result<Shelf, Fault> {
    let mut ids: Vec<ProductId> = products.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(Shelf::default());
    }
    Ok(catalog.products(tenant, &ids).await?.into_iter().collect())
}

/// What there is of a coupon and how often it was used, by this customer too.
pub async fn coupon(
    records: &dyn Records,
    tenant: &Tenant,
    code: &CouponCode,
    user: Option<UserId>,
) -> Result<NamedCoupon, Fault> {
    let (key, uses) = (RecordKey::alone(code), code.uses());
    let by_user = async {
        match user {
            Some(user) => records.counted(tenant, &code.uses_of(user)).await,
            None => Ok(0),
        }
    };
    let coupon = records.record(tenant, &COUPON, &key);
    let (coupon, used, used_by_user) = try_join3(coupon, records.counted(tenant, &uses), by_user).await?;
    Ok(NamedCoupon { code: code.to_string(), coupon: coupon.map(Row::record).transpose()?, used, used_by_user })
}
