//! The operators who have a key of their own: asked at each request of an operator.

use std::sync::Arc;

use arc_swap::ArcSwap;
use onsale_domain::operator::OperatorRow;

/// All of them, by name.
#[derive(Debug, Default)]
pub struct Roster {
    operators: ArcSwap<Vec<OperatorRow>>,
}

impl Roster {
    #[must_use]
    pub fn all(&self) -> Arc<Vec<OperatorRow>> {
        self.operators.load_full()
    }

    pub(super) fn put(&self, row: &OperatorRow) {
        self.change(|operators| match operators.binary_search_by(|other| other.name.cmp(&row.name)) {
            Ok(at) => operators[at] = row.clone(),
            Err(at) => operators.insert(at, row.clone()),
        });
    }

    pub(super) fn remove(&self, name: &str) {
        self.change(|operators| operators.retain(|other| other.name != name));
    }

    /// One thread writes.
    fn change(&self, change: impl FnOnce(&mut Vec<OperatorRow>)) {
        let mut operators = self.operators.load().to_vec();
        change(&mut operators);
        self.operators.store(Arc::new(operators));
    }
}
