//! What is checked, by name.

use std::fmt;

/// What must hold whatever goes wrong. The numbers are those of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// Nodes that have applied the same entries are in the same state.
    State,
    /// What is acknowledged is in the journal by then, and no crash takes it back.
    Durable,
    /// What is acknowledged is in exactly once, with what it came to; what was refused is not in. A reference moves money once,
    /// an entry token that is good once lets one person in, and somebody has one number.
    ExactlyOne,
    /// What began behind an acknowledgement comes behind it in the journal.
    RealTime,
    /// A read is as new as was promised.
    Reads,
    /// A place never rises, and nobody goes back from being inside to waiting.
    PollOrder,
    /// All accounts together are zero, a seat has one taker or is held back, a hold is what was asked for, and no more are inside
    /// than may be.
    Money,
    /// Who is heard from is not passed over, and is admitted in the order of joining, or of the draw; nobody is before the queue
    /// opens.
    FirstCome,
    /// The tables are what the journal comes to, and never ahead of it.
    Tables,
    /// A node ends only for what befell it.
    Exits,
    /// Only who has seen what is lost is told that it is.
    Lost,
    /// The journal's time goes on, and not far ahead of the truth.
    Time,
    /// Nothing grows without bound, and no node has people wait for what cannot come.
    Bounds,
    /// Once all is mended everybody is answered, and everything catches up.
    Liveness,
    /// Nothing in the code of production panics.
    Panic,
    /// The same seed gives the same run.
    Repeats,
    /// One draw is sealed at the opening, everybody has the place that comes of it, and nobody is told one before.
    Draw,
    /// Who is inside and does nothing is let go, and nobody else is.
    Idle,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::State => "C1 state",
            Self::Durable => "C2 durable",
            Self::ExactlyOne => "C3 exactly-one",
            Self::RealTime => "C4 real-time",
            Self::Reads => "C6 reads",
            Self::PollOrder => "C7 poll-order",
            Self::Money => "C8 money-and-seats",
            Self::FirstCome => "C9 first-come",
            Self::Tables => "C10 tables",
            Self::Exits => "C11 exits",
            Self::Lost => "C12 lost",
            Self::Time => "C13 time",
            Self::Bounds => "C14 bounds",
            Self::Liveness => "C16 liveness",
            Self::Panic => "C17 panic",
            Self::Repeats => "C18 repeats",
            Self::Draw => "C19 draw",
            Self::Idle => "C20 idle",
        })
    }
}

/// What does not hold, and how that showed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{text}")]
pub struct Failure {
    pub check: Check,
    pub text: String,
}
