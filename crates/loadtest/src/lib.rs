//! The load test of an on-sale: which endpoints are worth testing, whether they hold, and whether everything is right
//! afterwards. It knows the wire contract and nothing else of the service, so that its verdict is its own.

pub mod answer;
pub mod audit;
pub mod catalog;
pub mod cores;
pub mod http;
pub mod interrupt;
pub mod load;
pub mod plan;
pub mod process;
pub mod report;
pub mod request;
pub mod seat_list;
pub mod sources;
