//! ETags: the version of what is shown, if it has one, and a hash of the body.

use twox_hash::XxHash3_64;

pub fn of(version: Option<u64>, body: &str) -> String {
    let hash = XxHash3_64::oneshot(body.as_bytes());
    match version {
        Some(version) => format!("\"v{version}-{hash:016x}\""),
        None => format!("\"{hash:016x}\""),
    }
}

/// Whether `If-None-Match` names this ETag. Weak comparison, as the standard asks.
pub fn matches(if_none_match: &str, etag: &str) -> bool {
    let given = |tag: &str| tag.trim().trim_start_matches("W/") == etag;
    if_none_match.trim() == "*" || if_none_match.split(',').any(given)
}

/// Whether `If-Match` names this version, however it was shown. A gateway that packs answers may have made the tag weak.
pub fn names_version(if_match: &str, version: u64) -> bool {
    let opening = format!("\"v{version}-");
    let given = |tag: &str| tag.trim().trim_start_matches("W/").starts_with(&opening);
    if_match.trim() == "*" || if_match.split(',').any(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_changes_with_the_version_and_with_the_body() {
        let etag = of(Some(3), "{}");
        assert!(etag.starts_with("\"v3-"));
        assert_ne!(etag, of(Some(4), "{}"));
        assert_ne!(etag, of(Some(3), "{ }"));
        assert!(matches(&format!("\"other\", W/{etag}"), &etag));
        assert!(!matches("\"other\"", &etag));
    }

    #[test]
    fn if_match_names_a_version_whatever_was_shown_of_it() {
        assert!(names_version(&of(Some(3), "{}"), 3) && names_version(&of(Some(3), "[]"), 3));
        assert!(names_version(&format!("\"other\", W/{}", of(Some(3), "{}")), 3) && names_version("*", 3));
        for other in [of(Some(4), "{}"), of(Some(31), "{}"), of(None, "v3-"), "v3-0".to_owned(), String::new()] {
            assert!(!names_version(&other, 3), "{other}");
        }
    }
}
