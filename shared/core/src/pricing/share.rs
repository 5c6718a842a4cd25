//! Parting a sum by weights, exactly.

use crate::money::Paise;

/// Parts of `sum` in proportion to `weights` that add up to it. What rounding leaves goes to those it took most from,
/// the earlier first among equals. Without any weight the parts are equal.
pub fn share(sum: Paise, weights: &[Paise]) -> Vec<Paise> {
    let whole: i128 = weights.iter().map(|weight| i128::from(weight.get())).sum();
    if weights.is_empty() {
        return Vec::new();
    }
    let (weight, whole): (Box<dyn Fn(usize) -> i128>, i128) = match whole {
        0 => (Box::new(|_| 1), weights.len() as i128),
        _ => (Box::new(|at| i128::from(weights[at].get())), whole),
    };
    let exact = |at: usize| i128::from(sum.get()) * weight(at);
    let mut parts: Vec<i64> = (0..weights.len()).map(|at| (exact(at) / whole) as i64).collect();
    let mut left = sum.get() - parts.iter().sum::<i64>();
    let mut by_loss: Vec<usize> = (0..weights.len()).collect();
    by_loss.sort_by_key(|at| std::cmp::Reverse(exact(*at) % whole));
    for at in by_loss {
        if left == 0 {
            break;
        }
        parts[at] += 1;
        left -= 1;
    }
    parts.into_iter().map(Paise::exactly).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paise(amounts: &[i64]) -> Vec<Paise> {
        amounts.iter().copied().map(Paise::exactly).collect()
    }

    #[test]
    fn parts_follow_the_weights_and_add_up() {
        assert_eq!(share(Paise::exactly(100), &paise(&[1, 1, 1])), paise(&[34, 33, 33]));
        assert_eq!(
            share(Paise::exactly(100), &paise(&[199, 1])),
            paise(&[100, 0]),
            "of two halves the first is made whole"
        );
        assert_eq!(share(Paise::exactly(7), &paise(&[0, 0])), paise(&[4, 3]));
        assert_eq!(share(Paise::exactly(7), &[]), []);
    }

    #[test]
    fn no_part_is_larger_than_its_weight_when_the_sum_is_not_larger_than_the_weights() {
        for sum in 0..=12 {
            for (part, weight) in share(Paise::exactly(sum), &paise(&[5, 0, 3, 4])).iter().zip(paise(&[5, 0, 3, 4])) {
                assert!(*part <= weight, "{sum}: {part} of {weight}");
            }
        }
    }
}
