//! Holm's correction: a table makes many tests at once, and without a correction one in twenty pairs
//! that do not differ would be reported as different.
//!
//! Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
//! Statistics 6 (1979). It bounds the chance of any false verdict in the group however the tests
//! depend on each other, which matters since all of a block's ratios share a partner.

/// The adjusted p value of each of `p`, in their order: a difference accepted at 0.05 on an adjusted value
/// keeps the chance of any false verdict among them all at 0.05.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut adjusted = vec![0.0; p.len()];
    let mut floor = 0.0f64;
    for (rank, index) in order.into_iter().enumerate() {
        // Step down: no p value may end below one that was smaller before.
        floor = floor.max(p[index] * (p.len() - rank) as f64).min(1.0);
        adjusted[index] = floor;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjusted_values_are_those_of_r_p_adjust() {
        // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") gives 0.03 0.06 0.06 0.02.
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (value, expected) in adjusted.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((value - expected).abs() < 1e-12, "{adjusted:?}");
        }
    }

    #[test]
    fn a_group_of_one_is_left_alone_and_nothing_exceeds_one() {
        assert_eq!(holm(&[]), [] as [f64; 0]);
        assert_eq!(holm(&[0.2]), [0.2]);
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
    }
}
