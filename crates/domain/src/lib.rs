//! The five domains of an on-sale — [`queue`], [`user`], [`concert`], [`reservation`], [`payment`] — and the
//! [`engine::Engine`] over them, which has the rules that take several at once.
//!
//! Everything here is pure: no IO, no clock, no randomness, no configuration. The journal gives each batch of
//! commands its number and its time, and the same batches make the same state everywhere.

pub mod ask;
pub mod cbor;
mod changes;
pub mod codes;
pub mod command;
pub mod concert;
pub mod engine;
pub mod feed;
pub mod fingerprint;
pub mod idempotency;
pub mod ids;
pub mod level;
pub mod operator;
pub mod payment;
pub mod queue;
mod refusal;
pub mod reply;
pub mod reservation;
pub mod row;
pub mod settings;
pub mod time;
pub mod user;
