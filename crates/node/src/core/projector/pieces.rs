//! Rows that wait to be projected, in the order of their batches, and what is to be done with them.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use onsale_domain::row::{Mark, Row};
use onsale_journal::Hash;
use onsale_tables::Coalesced;

use super::Batch;

/// Rows of consecutive batches, to be projected together.
pub(super) struct Piece {
    pub(super) rows: Coalesced,
    /// The batch that they follow.
    pub(super) after: u64,
    /// Where they lead.
    pub(super) newest: (Mark, Hash),
    pub(super) weight: u64,
    begun: Duration,
}

/// What brings the tables closer to the newest batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// They are there.
    Nothing,
    /// The first piece follows what they hold.
    Write,
    /// Rows between them and the first piece are gone: only the journal still has what they say.
    Remake,
}

/// Consecutive pieces, the oldest first.
pub(super) struct Pieces {
    list: VecDeque<Piece>,
    /// The newest batch that was taken in.
    newest: u64,
    /// Of a piece that was written: what is empty now, with its room, which the next one need not make anew.
    emptied: Coalesced,
}

impl Pieces {
    pub(super) fn new(newest: u64) -> Self {
        Self { list: VecDeque::new(), newest, emptied: Coalesced::default() }
    }

    pub(super) fn newest(&self) -> u64 {
        self.newest
    }

    pub(super) fn rows(&self) -> usize {
        self.list.iter().map(|piece| piece.rows.len()).sum()
    }

    pub(super) fn weight(&self) -> u64 {
        self.list.iter().map(|piece| piece.weight).sum()
    }

    /// How long the oldest rows have waited.
    pub(super) fn age(&self, now: Duration) -> Duration {
        self.list.front().map_or(Duration::ZERO, |piece| now.saturating_sub(piece.begun))
    }

    /// Takes a batch in: into the last piece, unless that has so many rows, or has gathered them for so long.
    pub(super) fn take(&mut self, batch: Batch, rows_max: usize, time_max: Duration, now: Duration) {
        let Batch { mark, hash, rows, before, weight } = batch;
        let is_full = |piece: &Piece| piece.rows.len() >= rows_max || now.saturating_sub(piece.begun) > time_max;
        if self.list.back().is_none_or(is_full) {
            let rows = mem::take(&mut self.emptied);
            self.list.push_back(Piece { rows, after: self.newest, newest: (mark, hash), weight: 0, begun: now });
        }
        if let Some(piece) = self.list.back_mut() {
            piece.newest = (mark, hash);
            piece.weight += weight;
            // Here, and not where the rows come from: buyers wait there.
            let told = before.told(mark.seq, mark.time, hash.as_bytes(), &rows);
            piece.rows.extend(rows.into_iter().chain(told.map(Row::Told)));
        }
        self.newest = mark.seq;
    }

    /// What is to be done where the tables are at `at`.
    pub(super) fn next(&self, at: u64) -> Next {
        match self.list.front() {
            _ if self.newest <= at => Next::Nothing,
            Some(piece) if piece.after <= at => Next::Write,
            Some(_) | None => Next::Remake,
        }
    }

    pub(super) fn pop(&mut self) -> Option<Piece> {
        self.list.pop_front()
    }

    /// Takes back a piece that was written, for its room.
    pub(super) fn written(&mut self, piece: Piece) {
        debug_assert!(piece.rows.is_empty(), "its rows were drained");
        self.emptied = piece.rows;
    }

    /// Keeps rows for another try. Written behind where others have brought the tables, the outcome is the same.
    pub(super) fn put_back(&mut self, mut piece: Piece, rows: Vec<Row>) {
        piece.rows.extend(rows);
        self.list.push_front(piece);
    }

    /// Lets go of what the tables hold at `at`, and says how much that weighs.
    pub(super) fn drop_until(&mut self, at: u64) -> u64 {
        let mut weight = 0;
        while self.list.front().is_some_and(|piece| piece.newest.0.seq <= at) {
            weight += self.list.pop_front().map_or(0, |piece| piece.weight);
        }
        weight
    }

    /// Lets go of everything, and says how much that weighs.
    pub(super) fn drop_all(&mut self) -> u64 {
        self.list.drain(..).map(|piece| piece.weight).sum()
    }
}

#[cfg(test)]
mod tests {
    use onsale_domain::engine::Engine;
    use onsale_domain::feed::Before;
    use onsale_domain::ids::UserId;

    use super::*;

    fn batch(seq: u64) -> Batch {
        let mark = Mark { seq, ..Engine::new().mark() };
        let rows = vec![Row::Wallet { user: UserId(seq), balance: 1 }];
        Batch { mark, hash: Hash::from([0; 32]), rows, before: Before::start(), weight: 1 }
    }

    fn pieces(from: u64, to: u64) -> Pieces {
        let mut pieces = Pieces::new(from);
        (from + 1..=to).for_each(|seq| pieces.take(batch(seq), 100, Duration::MAX, Duration::ZERO));
        pieces
    }

    #[test]
    fn rows_are_written_where_they_follow_and_made_anew_where_the_tables_went_back() {
        let pieces = pieces(10, 13);
        for (at, expected) in [
            (13, Next::Nothing),
            (14, Next::Nothing),
            (12, Next::Write),
            (10, Next::Write),
            (9, Next::Remake),
            (0, Next::Remake),
        ] {
            assert_eq!(pieces.next(at), expected, "{at}");
        }
    }

    #[test]
    fn what_was_let_go_is_missed() {
        let mut pieces = pieces(10, 13);
        assert_eq!((pieces.weight(), pieces.drop_all()), (3, 3));
        assert_eq!((pieces.next(12), pieces.next(13)), (Next::Remake, Next::Nothing));
        pieces.take(batch(14), 100, Duration::MAX, Duration::ZERO);
        assert_eq!((pieces.next(12), pieces.next(13)), (Next::Remake, Next::Write));
        assert_eq!((pieces.drop_until(13), pieces.drop_until(14)), (0, 1));
        assert_eq!(pieces.next(14), Next::Nothing);
    }
}
