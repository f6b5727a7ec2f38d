//! A copy of a store in a bucket: a place that keeps objects under names, as Amazon's S3 does, and as other programs do that speak as it does.
//!
//! Nothing there is ever changed but one object, the manifest. It says which objects are the copy: files in parts, and what the journal has
//! behind them in segments. All others are written once, under names that nobody has had before, and before the manifest that names them. So
//! the copy is always whole: as the manifest was, or as it was to be.

mod address;
mod client;
mod failed;
mod fetch;
mod keeper;
mod manifest;
mod scratch;

pub(crate) use address::Address;
pub(crate) use client::Bucket;
pub(crate) use failed::Failed;
pub(crate) use fetch::{Fetched, fetch};
pub(crate) use keeper::Keeper;
