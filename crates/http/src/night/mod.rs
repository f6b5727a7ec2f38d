//! The night as this node has seen it: figures by the second and by the span, and what the other nodes said.

mod figures;
mod look;
mod memory;
mod peers;
mod percentile;
mod report;

pub use memory::Monitor;

pub(crate) use figures::Figures;
pub(crate) use peers::{COUNTED, Peer};
pub(crate) use percentile::percentile;
pub(crate) use report::{Report, Said};
