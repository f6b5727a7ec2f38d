//! The load test of an on-sale: which endpoints are worth testing, whether they hold, and whether everything is right
//! afterwards. It knows the wire contract and nothing else of the service, so that its verdict is its own.

pub mod audit;
pub mod html;
pub mod report;
