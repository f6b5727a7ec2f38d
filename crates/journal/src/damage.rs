/// What can befall a stored journal.
#[derive(Clone, Copy, Debug)]
pub enum Damage {
    /// The entry's payload is another one of the same length.
    Payload(u64),
    /// The entry's time is a millisecond later.
    Time(u64),
    /// The entry's node is another one.
    Node(u64),
    /// The entry's number among its node's is another one.
    Number(u64),
    /// The entry's hash is another one.
    Hash(u64),
    /// The entry is gone.
    Delete(u64),
    /// Two entries have changed places, with all they have but their numbers.
    Swap(u64, u64),
    /// All entries behind this one are gone.
    CutAfter(u64),
    /// The sealed checkpoint has another fingerprint.
    Checkpoint,
}
