//! What came of a publication.

/// What a publication made or changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Published {
    pub schedules: u32,
    pub seats: u32,
}
