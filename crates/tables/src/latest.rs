//! The newest value of each key.

/// Values in order of arrival; what an older one is worth is decided when they are taken out. Sorting once is cheaper
/// than a map's work on each arrival, the more so as most keys arrive in order.
pub(crate) struct Latest<K, V> {
    entries: Vec<(K, V)>,
}

impl<K: Ord, V> Latest<K, V> {
    pub(crate) fn push(&mut self, key: K, value: V) {
        self.entries.push((key, value));
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Hands out the newest value of each key, in order of keys, and keeps the room for the next ones.
    pub(crate) fn drain(&mut self, mut each: impl FnMut(K, V)) {
        self.entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut entries = self.entries.drain(..).peekable();
        while let Some((key, value)) = entries.next() {
            if entries.peek().is_none_or(|(next, _)| *next != key) {
                each(key, value);
            }
        }
    }
}

impl<K, V> Default for Latest<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}
