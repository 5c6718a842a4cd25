//! Which segments become one. Few segments make quick readers and few files; large ones are left alone, so that an
//! apply of a few products never rewrites a million.

use tantivy::SegmentMeta;
use tantivy::index::SegmentId;

/// Below this everything is kept in one segment: a merge takes a few milliseconds.
const SMALL: u32 = 1_000;

/// So many of one size become one of the next.
const FANOUT: u32 = 8;

/// A merged segment is held in memory until it is published.
const LARGEST: u32 = 500_000;

/// The segments to merge next, if any. Asked again after each merge.
pub(super) fn next(segments: &[SegmentMeta]) -> Option<Vec<SegmentId>> {
    let figures: Vec<_> = segments.iter().map(|segment| (segment.max_doc(), segment.num_docs())).collect();
    choose(&figures).map(|chosen| chosen.into_iter().map(|at| segments[at].id()).collect())
}

/// A segment is its documents with and without the deleted ones.
fn choose(segments: &[(u32, u32)]) -> Option<Vec<usize>> {
    let of = |wanted: &dyn Fn(u32) -> bool| -> Vec<usize> {
        (0..segments.len()).filter(|at| wanted(segments[*at].1)).collect()
    };
    let small = of(&|alive| alive < SMALL);
    if small.len() > 1 {
        return Some(small);
    }
    let mut least = SMALL;
    while least < LARGEST / 2 {
        let mut level = of(&|alive| (least..least.saturating_mul(FANOUT)).contains(&alive) && alive < LARGEST / 2);
        if level.len() >= FANOUT as usize {
            level.sort_by_key(|at| segments[*at].1);
            let mut sum = 0;
            level.retain(|at| {
                sum += segments[*at].1;
                sum <= LARGEST
            });
            return Some(level);
        }
        least = least.saturating_mul(FANOUT);
    }
    // What is deleted still costs reading, and counts in the scores.
    segments.iter().position(|(all, alive)| (all - alive) > all / 3).map(|wasteful| vec![wasteful])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_index_is_one_segment() {
        assert_eq!(choose(&[(240, 230), (10, 10)]), Some(vec![0, 1]));
        assert_eq!(choose(&[(240, 240)]), None);
        assert_eq!(choose(&[(50_000, 50_000), (10, 10)]), None);
    }

    #[test]
    fn eight_of_a_size_become_one() {
        let eight = vec![(2_000, 2_000); 8];
        assert_eq!(choose(&eight).map(|chosen| chosen.len()), Some(8));
        assert_eq!(choose(&eight[1..]), None);
    }

    #[test]
    fn a_segment_of_many_deleted_documents_is_written_anew() {
        assert_eq!(choose(&[(400_000, 200_000), (5_000, 5_000)]), Some(vec![0]));
    }

    #[test]
    fn applying_without_end_keeps_the_segments_few_and_comes_to_rest() {
        let mut segments = vec![(1_000_000, 1_000_000)];
        for _ in 0..100_000 {
            segments.push((10, 10));
            while let Some(chosen) = choose(&segments) {
                let merged = chosen.iter().map(|at| segments[*at].1).sum();
                let mut at = 0;
                segments.retain(|_| (!chosen.contains(&at), at += 1).0);
                segments.push((merged, merged));
            }
            assert!(segments.len() < 30, "{segments:?}");
        }
    }
}
