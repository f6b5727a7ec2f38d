//! One node: commands in, one durable order, outcomes and views out.
//!
//! ```text
//! Lane::submit ──▶ sequencer ──▶ journal ──▶ applier (engine) ──▶ views, replies
//!                                                   └──▶ projector ──▶ tables
//! ```
//!
//! Three threads of its own do the work: the sequencer gathers commands and makes entries durable, the applier runs
//! the engine over them, the projector keeps the tables up. Where nodes share a store, a fourth follows what the others
//! append. Reads go to [`Views`] and wait for none of them.

mod bookmark;
mod cluster;
// Public for the simulator, which drives the machines in place of `threads`; nobody else is to use it.
#[doc(hidden)]
pub mod core;
pub mod events;
mod lane;
mod level;
mod node;
mod open_error;
mod options;
#[doc(hidden)]
pub mod recovery;
mod stats;
mod threads;
pub mod trail;
mod views;

pub use crate::core::presence::{active, seen};
pub use bookmark::{Bookmark, Standing};
pub use cluster::Cluster;
pub use lane::{Error, Lane};
pub use level::Watch as LevelWatch;
pub use node::Node;
pub use onsale_journal::local::Progress;
pub use onsale_postgres::Target;
pub use onsale_tables::{history, webhooks};
pub use open_error::OpenError;
pub use options::{Currency, Difference, Options, Overrides, Store};
pub use stats::{Histogram, Stats, storage_busy};
pub use views::{
    Asking, Board, Campaigns, Catalog, DrawView, Entrants, Estimate, Keys, Listing, People, QueueView,
    RESERVATIONS_SHOWN_MAX, Record, Reissued, Revoked, Roster, Rules, Sales, ScheduleView, SeatStatus, TicketView,
    Users, Views, Withheld, in_zone, json, rfc3339,
};
