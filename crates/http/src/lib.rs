//! The wire: how requests come in, who may make them, and how answers and refusals go out.

pub mod api;
pub mod metrics;
pub mod negotiate;
pub mod problem;
pub mod server;
pub mod token;
