//! The five domains of an on-sale and the pure engine over them.

pub mod command;
pub mod concert;
pub mod idempotency;
pub mod ids;
pub mod queue;
pub mod reply;
pub mod reservation;
pub mod row;
pub mod settings;
pub mod time;
