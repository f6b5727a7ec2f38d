//! One module per row, or few rows, of the table: each sets its state up on a service of its own.

mod drawn;
mod gate;
mod idle;
pub(crate) mod inside;
mod million;
mod pages;
mod payment;
mod reads;
mod refused;
mod reserve;
mod self_test;
mod signed;
mod stadium;
mod streams;
pub(crate) mod waiting;

use anyhow::Result;
use clap::ValueEnum;

use crate::context::Context;
use crate::report::Findings;

pub(crate) use self_test::self_test;

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Experiment {
    /// A token check with 100,000 waiting.
    Check,
    /// A check of a gate before a site, by visitors who are inside.
    Gate,
    /// The schedule list and a seat list of 50 seats: plain, gzip, 304.
    Reads,
    /// The start page, whole and 304, and a script of it.
    Pages,
    /// A seat list of 50,000 seats while 5,000 seats a second change.
    Stadium,
    /// A reservation of a seat that somebody else holds.
    Refused,
    /// Token issue, each its own user.
    Issue,
    /// Token issue with an entry token (HS256, Ed25519) to one without.
    Signed,
    /// A token check behind a signed door, where how often one may write is limited, to one at an open door.
    Door,
    /// Charges, each its own user.
    Charge,
    /// Reservations, each its own user and seat.
    Reserve,
    /// Payments, each its own user and hold.
    Payment,
    /// Token checks and memory with a million waiting.
    Million,
    /// Token checks with a million waiting at places that were drawn.
    Drawn,
    /// The slots that are used where three of ten who are let in never come.
    Idle,
    /// Token checks and memory with ten thousand open streams of places, idle, moving and opening.
    Streams,
}

impl Experiment {
    /// Runs it.
    ///
    /// # Errors
    /// When the service does not do what the wire contract says, or a process fails.
    pub(crate) fn run(self, context: &Context) -> Result<Findings> {
        match self {
            Self::Check => waiting::check(context),
            Self::Gate => gate::run(context),
            Self::Reads => reads::run(context),
            Self::Pages => pages::run(context),
            Self::Stadium => stadium::run(context),
            Self::Refused => refused::run(context),
            Self::Issue => waiting::issue(context),
            Self::Signed => signed::run(context),
            Self::Door => signed::check(context),
            Self::Charge => inside::charge(context),
            Self::Reserve => reserve::run(context),
            Self::Payment => payment::run(context),
            Self::Million => million::run(context),
            Self::Drawn => drawn::run(context),
            Self::Idle => idle::run(context),
            Self::Streams => streams::run(context),
        }
    }
}
