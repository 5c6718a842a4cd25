//! Sealing what must be read again but must not lie open in a store: the secrets of second factors.

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    #[error("sealed with a key that is not ours, for another purpose, or changed since")]
    NotOurs,
    #[error("the sealing key cannot be used")]
    Key,
}

pub trait Vault: Send + Sync {
    /// MUST differ each time. `purpose` is bound to it: what was sealed for one thing does not open for another.
    fn seal(&self, purpose: &str, plain: &[u8]) -> Result<String, VaultError>;

    /// MUST open what an earlier key sealed, as long as that key is still listed.
    fn open(&self, purpose: &str, sealed: &str) -> Result<Vec<u8>, VaultError>;
}
