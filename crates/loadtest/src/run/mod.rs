//! A whole run: part after part, and the report that they come to.

mod answers;
mod context;
mod environment;
mod judged;
mod life;
mod ready;
mod verdict;
mod whole;

pub use context::{Limit, Options, Part, Progress, Run, Settings, Target, Told, Unfit};
pub use whole::run;
pub(crate) use whole::{is_machine, is_servers_doing};
