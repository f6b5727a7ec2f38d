//! A second implementation of the wire contract, in memory and independent of the service: correct by default, with
//! one planted [`Fault`] at a time.
//!
//! It is what a load test is tested with. A load test that passes the correct one and names what is wrong with each of
//! the others can be believed. Nothing here is durable, fast, or meant to be sold from: all state is behind one lock.

mod answer;
mod door;
mod fault;
mod hall;
mod lists;
mod manners;
mod metrics;
mod queue;
mod ranks;
mod request;
mod rules;
mod sale;
mod serve;
#[cfg(test)]
mod tests;
mod wire;
mod world;

pub use door::Entry;
pub use fault::Fault;
pub use rules::Rules;
pub use serve::PlantedServer;
pub use wire::Wire;
