//! The load test of an on-sale: which endpoints are worth testing, whether they hold, and whether everything is right
//! afterwards. It knows the wire contract and nothing else of the service, so that its verdict is its own.

mod answer;
pub mod audit;
pub mod catalog;
pub mod compare;
pub mod cores;
pub mod crash;
pub mod endpoint;
pub mod html;
pub mod http;
pub mod interrupt;
pub mod journey;
pub mod load;
pub mod measure;
mod others;
pub mod overload;
pub mod plan;
pub mod process;
pub mod profile;
pub mod promises;
mod quiet;
pub mod report;
pub mod request;
pub mod rules;
pub mod run;
mod seat_list;
pub mod selection;
mod shell;
pub mod site;
pub mod sources;
mod stolen;
pub mod summary;
pub mod targets;
mod words;
pub mod zipf;
