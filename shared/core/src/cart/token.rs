//! What a guest's cart is held by: its id under the shop's seal, so that nobody takes another's by trying ids. Whoever
//! has the token has the cart, and nothing else.

use uuid::Uuid;

use crate::identity::{Keys, digest};
use crate::ids::CartId;
use crate::tenant::Tenant;

/// `<uuid>.<HMAC-SHA-256, base64url>`, good in this shop alone.
pub fn seal(keys: &Keys, tenant: &Tenant, id: CartId) -> String {
    let uuid = id.uuid().simple();
    format!("{uuid}.{}", tag(keys.newest(), tenant, id))
}

/// `None`: this shop gave out no such token.
pub fn open(keys: &Keys, tenant: &Tenant, token: &str) -> Option<CartId> {
    let (uuid, given) = token.split_once('.')?;
    let id = CartId::from_uuid(Uuid::try_parse(uuid).ok()?);
    // A UUID may be written in several ways; one of them was given out.
    let as_given_out = uuid == id.uuid().simple().to_string();
    (as_given_out && keys.all().any(|key| digest::same(&tag(key, tenant, id), given))).then_some(id)
}

fn tag(key: &[u8], tenant: &Tenant, id: CartId) -> String {
    digest::keyed(key, "cart", &format!("{tenant}\0{}", id.uuid().simple()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::Secret;

    fn keys(text: &str) -> Keys {
        Keys::parse(&Secret::new(text)).unwrap()
    }

    fn id() -> CartId {
        CartId::from_uuid(Uuid::from_u128(0x0199_a3b1_c2d3_7e4f_8a5b_6c7d_8e9f_0a1b))
    }

    #[test]
    fn a_token_opens_in_its_own_shop_alone() {
        let (main, spices) = (Tenant::main(), Tenant::parse("spices").unwrap());
        let token = seal(&keys("secret"), &main, id());
        assert_eq!(open(&keys("secret"), &main, &token), Some(id()));
        assert_eq!(open(&keys("secret"), &spices, &token), None);
        assert_eq!(open(&keys("another"), &main, &token), None);
    }

    #[test]
    fn no_changed_token_opens() {
        let (main, keys) = (Tenant::main(), keys("secret"));
        let token = seal(&keys, &main, id());
        for at in 0..token.len() {
            for letter in [b'0', b'A', b'.'] {
                let mut bytes = token.clone().into_bytes();
                bytes[at] = letter;
                let changed = String::from_utf8(bytes).unwrap();
                assert!(changed == token || open(&keys, &main, &changed).is_none(), "{changed}");
            }
        }
        let hyphenated = token.replacen(&id().uuid().simple().to_string(), &id().uuid().to_string(), 1);
        for wrong in ["", ".", &token[..32], &token.to_uppercase(), &hyphenated] {
            assert_eq!(open(&keys, &main, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_newer_key_seals_and_what_the_former_sealed_opens() {
        let main = Tenant::main();
        let former = seal(&keys("former"), &main, id());
        let both = keys("newer,former");
        assert_ne!(seal(&both, &main, id()), former);
        assert_eq!(open(&both, &main, &former), Some(id()));
    }
}
