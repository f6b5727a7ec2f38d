//! Real servers, real clients and real faults for the tests.
//!
//! Nothing here knows how the service is built: a [`Server`] is the binary itself in a scratch data directory, a
//! [`Client`] speaks HTTP to it, and what they may rely on is the wire contract alone. A helper that does not get
//! what the contract promises panics with what it got instead, because its only callers are tests.

mod acknowledgements;
mod admin;
mod balancer;
mod buyer;
mod call;
mod catalog;
mod client;
mod collector;
pub mod disk;
mod events;
mod planted;
mod poller;
mod pooler;
pub mod postgres;
mod process;
mod proxy;
mod raw;
mod receiver;
mod reply;
mod script;
mod server;
mod setup;
mod shape;
mod shop;
mod small_disk;
mod storm;
pub mod trace;
mod wait;

pub use acknowledgements::{Acknowledged, Log};
pub use admin::{ADMIN_KEY, Admin};
pub use balancer::Balancer;
pub use buyer::Buyer;
pub use call::Call;
pub use catalog::{Catalog, Schedule};
pub use client::{Client, Connection, Lost};
pub use collector::{Collector, Span};
pub use events::{Event, Events};
pub use planted::{Entry, Fault, PlantedServer, Rules, Wire};
pub use poller::Poller;
pub use pooler::Pooler;
pub use process::cpu_time;
pub use proxy::{Proxy, Way};
pub use raw::{exchange, exchange_and_break_off};
pub use receiver::{Receiver, Tongue};
pub use reply::Reply;
pub use script::Script;
pub use server::{Port, Server};
pub use setup::Setup;
pub use shape::{Kind, assert_shape, assert_utc_instant};
pub use shop::Shop;
pub use small_disk::SmallDisk;
pub use storm::{raise_descriptor_limit, storm};
pub use wait::{eventually, eventually_some};
