//! The tables from outside: what goes in comes out, whatever happens in between.

mod audit;
mod common;
mod corrupt;
mod crash;
mod docs;
mod feed;
mod postgres;
mod round_trip;
mod sums;
mod transactions;
mod views;
mod webhooks;
