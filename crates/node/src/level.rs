//! When the nodes of one store may rely on what a newer version brings.

/// How many looks in a row, a second apart, must find the same: a node that has just begun has said nothing yet.
const LOOKS: u32 = 5;

/// Finds the moment at which a store that nodes share can be raised.
#[derive(Clone, Copy, Debug, Default)]
pub struct Watch {
    level: u32,
    looks: u32,
}

impl Watch {
    /// The level to raise the store to, if the time has come. `store` is where it stands; `nodes` are the highest levels
    /// that its nodes would raise it to, this one's among them: whoever was heard from in the last ten minutes, for a
    /// silent node may come back. A node that says none is of a version before levels.
    pub fn look(&mut self, store: u32, nodes: impl IntoIterator<Item = u32>) -> Option<u32> {
        let level = nodes.into_iter().min().unwrap_or(0);
        if level != self.level {
            *self = Self { level, looks: 0 };
        }
        self.looks = self.looks.saturating_add(1);
        (level > store && self.looks >= LOOKS).then_some(level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_raised_once_all_have_said_for_a_while_that_they_can() {
        let mut watch = Watch::default();
        // An old node lives, which says nothing of levels.
        assert!((0..20).all(|_| watch.look(0, [1, 0, 1]).is_none()));
        // It is gone; and comes back before the others were sure.
        assert!((1..LOOKS).all(|_| watch.look(0, [1, 1]).is_none()));
        assert_eq!(watch.look(0, [1, 0]), None);
        assert!((1..LOOKS).all(|_| watch.look(0, [2, 1]).is_none()));
        assert_eq!(watch.look(0, [2, 1]), Some(1));
        // Another has raised it.
        assert_eq!(watch.look(1, [2, 1]), None);
    }
}
