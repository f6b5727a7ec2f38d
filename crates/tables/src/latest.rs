//! The newest value of each key.

/// Values in order of arrival; what an older one is worth is decided when they are taken out. Sorting once is cheaper
/// than a map's work on each arrival, the more so as most keys arrive in order.
pub(crate) struct Latest<K, V> {
    entries: Vec<Option<(K, V)>>,
    /// What is sorted where keys did not arrive in order: places among the entries, as those are up to 200 bytes each.
    order: Vec<u32>,
}

impl<K: Ord, V> Latest<K, V> {
    pub(crate) fn push(&mut self, key: K, value: V) {
        self.entries.push(Some((key, value)));
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Hands out the newest value of each key, in order of keys, and keeps the room for the next ones.
    ///
    /// # Panics
    /// Of more than `u32::MAX` entries.
    pub(crate) fn drain(&mut self, mut each: impl FnMut(K, V)) {
        let Self { entries, order } = self;
        let key = |place: usize| entries[place].as_ref().map(|(key, _)| key);
        if entries.is_sorted_by(|one, next| one.as_ref().map(|(key, _)| key) < next.as_ref().map(|(key, _)| key)) {
            entries.drain(..).flatten().for_each(|(key, value)| each(key, value));
            return;
        }
        order.extend(0..u32::try_from(entries.len()).expect("a transaction has fewer rows"));
        order.sort_unstable_by(|&one, &other| (key(one as usize), one).cmp(&(key(other as usize), other)));
        // Of each key the newest is the last.
        order.dedup_by(|next, kept| {
            let is_same = key(*next as usize) == key(*kept as usize);
            if is_same {
                *kept = *next;
            }
            is_same
        });
        for place in order.drain(..) {
            if let Some((key, value)) = entries[place as usize].take() {
                each(key, value);
            }
        }
        entries.clear();
    }
}

impl<K, V> Default for Latest<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new(), order: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drained(pushed: &[(u8, char)]) -> Vec<(u8, char)> {
        let mut latest = Latest::default();
        let mut drained = Vec::new();
        for _ in 0..2 {
            pushed.iter().for_each(|&(key, value)| latest.push(key, value));
            drained.clear();
            latest.drain(|key, value| drained.push((key, value)));
            assert_eq!(latest.len(), 0);
        }
        drained
    }

    #[test]
    fn of_each_key_the_newest_comes_out_in_order_of_keys() {
        assert_eq!(drained(&[]), []);
        assert_eq!(drained(&[(1, 'a'), (2, 'b'), (3, 'c')]), [(1, 'a'), (2, 'b'), (3, 'c')]);
        assert_eq!(drained(&[(3, 'a'), (1, 'b'), (2, 'c')]), [(1, 'b'), (2, 'c'), (3, 'a')]);
        assert_eq!(drained(&[(1, 'a'), (1, 'b'), (1, 'c'), (2, 'd')]), [(1, 'c'), (2, 'd')]);
        assert_eq!(drained(&[(2, 'a'), (1, 'b'), (2, 'c'), (1, 'd'), (2, 'e')]), [(1, 'd'), (2, 'e')]);
    }
}
