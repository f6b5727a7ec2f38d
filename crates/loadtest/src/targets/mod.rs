//! The endpoints under test, each with its test points.

mod check;
mod token;

pub use check::check;
pub use token::token;

use crate::load::Pace;
use crate::measure::{Load, Search};
use crate::plan::Plan;
use crate::site::Site;

/// A step of the plan's length at this rate.
fn open_load(plan: &Plan, name: &str, per_second: f64) -> Load {
    Load {
        name: name.to_owned(),
        connections: plan.load.connections,
        pace: Pace::Open { per_second, spin: false },
        warm_up: *plan.load.warm_up,
        duration: *plan.load.step,
        reply_max: *plan.load.reply_max,
        sample_every: *plan.load.sample_every,
    }
}

fn search<'a>(plan: &'a Plan, site: &'a Site) -> Search<'a> {
    Search { site, load: &plan.load, thresholds: &plan.thresholds, runs: plan.load.runs }
}

/// The highest rate that was served, in words.
fn capacity_text(capacity: Option<&crate::report::Capacity>) -> String {
    match capacity {
        Some(capacity) => {
            let bound = match capacity.ended_by {
                crate::report::EndedBy::Latency | crate::report::EndedBy::Failures => "",
                crate::report::EndedBy::Generator | crate::report::EndedBy::Plan => "at least ",
            };
            format!(
                "{bound}{:.0} per second with p99 {:.1} ms ({})",
                capacity.per_second, capacity.p99_ms, capacity.ended_why
            )
        }
        None => "not even the first rate of the plan".to_owned(),
    }
}
