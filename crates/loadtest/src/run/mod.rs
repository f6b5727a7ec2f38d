//! A whole run: part after part, and the report that they come to.

mod answers;
mod context;
mod environment;
mod verdict;
mod whole;

pub use context::{Limit, Options, Part, Progress, Run, Settings, Target, Unfit};
pub(crate) use whole::is_machine;
pub use whole::run;
