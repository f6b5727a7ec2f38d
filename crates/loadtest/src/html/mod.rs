//! The report as one HTML page: no script, no other file, no other host. Verdict first.

mod chart;
mod figure;
mod page;
mod plots;
mod proof;
mod sale;
mod summary;
mod targets;

pub use page::render;
