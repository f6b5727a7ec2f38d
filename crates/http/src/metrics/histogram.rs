//! Buckets that grow by half and by a third in turn: two to the octave, found from the leading bits.

/// The first bound, in nanoseconds: 2^14, or 16 µs.
const FIRST_BITS: u32 = 14;

/// From 16 µs to 17 s.
const OCTAVES: u32 = 20;

/// The buckets, with the last for all that is longer.
pub(super) const BUCKETS: usize = OCTAVES as usize * 2 + 2;

/// The bucket of a duration.
pub(super) fn bucket(elapsed_ns: u64) -> usize {
    // A bound belongs to the bucket below it.
    let below = elapsed_ns.saturating_sub(1);
    if below >> FIRST_BITS == 0 {
        return 0;
    }
    let octave = below.ilog2() - FIRST_BITS;
    let upper_half = (below >> (below.ilog2() - 1)) & 1;
    ((octave * 2) as usize + 1 + usize::from(upper_half == 1)).min(BUCKETS - 1)
}

/// The upper bound of a bucket, in seconds.
pub(super) fn bound_s(bucket: usize) -> f64 {
    if bucket + 1 == BUCKETS {
        return f64::INFINITY;
    }
    let base_ns = 1_u64 << (FIRST_BITS as usize + bucket / 2);
    let bound_ns = if bucket.is_multiple_of(2) { base_ns } else { base_ns / 2 * 3 };
    bound_ns as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_duration_lies_between_its_bucket_s_bounds() {
        for elapsed_ns in (0..64).flat_map(|bits| [(1_u64 << bits) - 1, 1 << bits, (1 << bits) + 1, 3 << bits >> 1]) {
            let bucket = bucket(elapsed_ns);
            let seconds = elapsed_ns as f64 / 1e9;
            assert!(seconds <= bound_s(bucket), "{elapsed_ns} ns is above bucket {bucket}");
            assert!(bucket == 0 || seconds > bound_s(bucket - 1), "{elapsed_ns} ns is below bucket {bucket}");
        }
    }
}
