//! The wire: how requests come in, who may make them, and how answers and refusals go out.
//!
//! The modules lie in layers: each uses what is below it alone (see ARCHITECTURE.md, and the tidy test that holds it).

pub mod admin;
mod answer;
pub mod api;
mod app;
mod arrivals;
mod assets;
mod body;
mod cookie;
mod docs;
pub mod entry;
pub mod gate;
mod gzip;
mod head;
mod holdings;
pub mod login;
pub mod look;
pub mod metrics;
pub mod negotiate;
mod night;
pub mod observe;
pub mod openapi;
pub mod ops;
mod pages;
mod pass;
mod place;
pub mod problem;
mod query;
pub mod rate;
mod request_id;
pub mod router;
pub mod server;
pub mod shared;
mod times;
pub mod token;
pub mod trace;
pub mod webhooks;
pub mod wire;
