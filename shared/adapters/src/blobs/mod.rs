//! Blobs as files and in S3.

mod files;
#[cfg(feature = "s3")]
mod s3;

use bharatmart_core::ports::Fault;

pub use files::FileBlobs;
#[cfg(feature = "s3")]
pub use s3::S3Blobs;

const PORT: &str = "blobs";
/// Short enough to be a file's name.
const LONGEST_KEY: usize = 240;

/// Keys are ours, not a customer's, so a wrong one is a mistake of ours; no key may lead out of its place.
fn check(key: &str) -> Result<(), Fault> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let segment = |part: &str| !matches!(part, "" | "." | "..") && part.bytes().all(allowed);
    match key.len() <= LONGEST_KEY && key.split('/').all(segment) {
        true => Ok(()),
        false => Err(Fault::broken(PORT, format!("no key for a blob: {key:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_segments_of_plain_characters_and_leads_nowhere_else() {
        assert!(check("search/main/0001.tar").is_ok());
        for key in
            ["", "/", "a//b", "/a", "a/", ".", "..", "a/../b", "./a", "a b", "a\\b", "ä", "a\0", &"a".repeat(241)]
        {
            assert!(check(key).is_err(), "{key:?}");
        }
    }
}
