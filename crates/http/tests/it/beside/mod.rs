//! What stands beside the hot paths: pages, metrics and the admin API, over a node in a directory of its own.

mod catalog;
mod levers;
mod pages;
mod scrape;
mod store;
mod wire;
