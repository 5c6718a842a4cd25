//! Chance that can be had again: the same seed, request and call always have the same number.

/// Which request or batch a call belongs to, and its how manieth call this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub request: u64,
    pub call: u64,
}

/// Tells calls apart; each call is asked for once.
pub trait Marks: Send + Sync {
    fn next(&self) -> Mark;
}

/// Of texts that name something (FNV-1a); not for secrets.
pub fn hash(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    mix(bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
}

/// SplitMix64: each bit of the answer hangs on each bit of the number.
const fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Numbers for one call, each as good as any other.
pub(crate) struct Draws(u64);

impl Draws {
    pub fn of(seed: u64, mark: Mark, port: &str, operation: &str) -> Self {
        Draws(mix(mix(mix(seed) ^ mark.request) ^ mark.call) ^ hash(&[port, operation]))
    }

    fn next(&mut self) -> u64 {
        self.0 = mix(self.0);
        self.0
    }

    /// From 0 up to, but not, 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Both ends may come.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        let numbers = most.saturating_sub(least).saturating_add(1);
        least + ((u128::from(self.next()) * u128::from(numbers)) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(call: u64) -> Draws {
        Draws::of(7, Mark { request: 1, call }, "store", "commit")
    }

    #[test]
    fn shares_lie_evenly() {
        let mut tenths = [0u32; 10];
        (0..10_000).for_each(|call| tenths[(draws(call).share() * 10.0) as usize] += 1);
        assert!(tenths.iter().all(|count| (850..1_150).contains(count)), "{tenths:?}");
    }

    #[test]
    fn both_ends_of_a_range_come_and_nothing_beyond() {
        let drawn: std::collections::BTreeSet<_> = (0..1_000).map(|call| draws(call).between(3, 6)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [3, 4, 5, 6]);
        assert_eq!(draws(0).between(9, 9), 9);
    }

    #[test]
    fn parts_are_told_apart() {
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
    }
}
