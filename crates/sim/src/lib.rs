//! A simulator: nodes, people and a database in a time of their own, and one seed for everything that varies.
//!
//! The sequencer, the applier, the follower, the projector and the journal's client are those of production; the database behind
//! them is `onsale_journal::postgres::model`. One thing happens at a time, at moments that a seed draws: who has its turn, how
//! long the database takes, whose answers are lost, who is cut off, stands still or dies. What people are told is held against
//! the journal, which is the order in which everything happened. `CONTRIBUTING.md` says how it
//! is used.

mod check;
mod conditions;
mod draws;
mod idle;
mod ledger;
mod marks;
mod node;
mod oracle;
mod plan;
mod shrink;
mod tables;
mod turns;
mod words;
mod world;

pub use check::{Check, Failure};
pub use marks::Marks;
pub use plan::{Draw, Errand, Fault, Hall, Knobs, Orphans, Part, Person, Plan, Sale, Wants, What};
pub use shrink::shrink;
pub use world::{Run, run};
