//! Which use of a link each visitor has tried last on this node, so that whoever presses its button twice has the same use twice.
//!
//! What is forgotten, with the node or for want of room, is that: the journal alone says which uses are left.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use onsale_domain::ids::UserId;

/// So many are remembered: two clicks are seconds apart, and looking through them takes microseconds.
const CLICKS_MAX: usize = 4_096;

#[derive(Debug, Default)]
pub(crate) struct Clicks(Mutex<VecDeque<Click>>);

#[derive(Debug)]
struct Click {
    link: UserId,
    visitor: UserId,
    /// The use that was tried.
    which: u32,
}

impl Clicks {
    /// The use to try now, by somebody who has `tried` some with this click: what their other click tries, or has come in with; else one
    /// that `free` finds, if it does.
    pub(crate) fn next(
        &self,
        (link, visitor): (UserId, UserId),
        tried: &[u32],
        free: impl FnOnce() -> Option<u32>,
    ) -> Option<u32> {
        let mut clicks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = clicks.iter().position(|click| (click.link, click.visitor) == (link, visitor));
        if let Some(which) = at.map(|at| clicks[at].which).filter(|which| !tried.contains(which)) {
            return Some(which);
        }
        let which = free()?;
        at.and_then(|at| clicks.remove(at));
        if clicks.len() >= CLICKS_MAX {
            clicks.pop_front();
        }
        clicks.push_back(Click { link, visitor, which });
        Some(which)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_clicks_of_one_visitor_try_the_same_uses_in_the_same_order() {
        let (clicks, anna, bert) = (Clicks::default(), (UserId(1), UserId(2)), (UserId(1), UserId(3)));
        assert_eq!(clicks.next(anna, &[], || Some(0)), Some(0));
        assert_eq!(clicks.next(anna, &[], || Some(9)), Some(0), "the second click");
        assert_eq!(clicks.next(bert, &[], || Some(0)), Some(0), "somebody else");
        // Somebody else was faster with that one.
        assert_eq!(clicks.next(anna, &[0], || Some(1)), Some(1));
        assert_eq!(clicks.next(anna, &[0], || Some(2)), Some(1));
        assert_eq!(clicks.next(anna, &[0, 1], || None), None);
        for visitor in 0..2 * CLICKS_MAX as u64 {
            clicks.next((UserId(9), UserId(visitor)), &[], || Some(0));
        }
        assert_eq!(clicks.0.lock().expect("no panic").len(), CLICKS_MAX);
    }
}
