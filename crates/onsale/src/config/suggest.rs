//! A guess at what was meant by a key that there is not.

/// How alike two keys must be for one to be taken for the other, from 0 to 1.
const LIKENESS_MIN: f64 = 0.5;

/// The known key that is most like this one, if any is.
pub(super) fn nearest<'k>(key: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let alike = known.map(|candidate| (strsim::normalized_damerau_levenshtein(key, candidate), candidate));
    let best = alike.filter(|&(likeness, _)| likeness >= LIKENESS_MIN).max_by(|a, b| a.0.total_cmp(&b.0));
    best.map(|(_, candidate)| candidate)
}
