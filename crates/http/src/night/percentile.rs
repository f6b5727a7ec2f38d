//! Percentiles of what was counted in buckets.

/// The value that `share` of all are at or below, in the bounds' unit, where `buckets` are upper bounds and counts in
/// order. Within a bucket the values are taken to be spread evenly; `None` where there are none.
pub(crate) fn percentile(buckets: &[(f64, u64)], share: f64) -> Option<f64> {
    let total: u64 = buckets.iter().map(|&(_, count)| count).sum();
    let rank = share * total as f64;
    let (mut below, mut lower) = (0_u64, 0.0);
    for &(upper, count) in buckets.iter().filter(|_| total > 0) {
        if count > 0 && (below + count) as f64 >= rank {
            // Of the last bucket it is only known where it begins.
            return Some(if upper.is_finite() {
                lower + (upper - lower) * (rank - below as f64) / count as f64
            } else {
                lower
            });
        }
        below += count;
        lower = if upper.is_finite() { upper } else { lower };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn it_lies_in_the_bucket_of_its_rank() {
        let buckets = [(1.0, 50), (2.0, 0), (4.0, 49), (f64::INFINITY, 1)];
        assert_eq!(percentile(&buckets, 0.5), Some(1.0));
        assert_eq!(percentile(&buckets, 0.25), Some(0.5));
        assert_eq!(percentile(&buckets, 0.99), Some(4.0));
        assert_eq!(percentile(&buckets, 1.0), Some(4.0));
        assert_eq!(percentile(&[(1.0, 0)], 0.5), None);
    }
}
