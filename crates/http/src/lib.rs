//! The wire: how requests come in, who may make them, and how answers and refusals go out.

pub mod admin;
pub mod api;
mod gzip;
pub mod metrics;
pub mod negotiate;
pub mod observe;
pub mod openapi;
pub mod ops;
pub mod pages;
pub mod problem;
pub mod server;
mod ticket;
pub mod token;
