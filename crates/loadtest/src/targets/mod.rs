//! The endpoints under test, each with its test points.

mod added;
mod beside;
mod check;
pub(crate) mod database;
mod reserve;
mod schedule;
mod seat;
mod token;

pub use added::added;
pub use check::check;
pub use reserve::reserve;
pub use schedule::schedule;
pub(crate) use seat::encode;
pub use seat::seat;
pub use token::token;

use std::sync::Arc;

use crate::load::{Pace, Report};
use crate::measure::{Found, Load, Search};
use crate::plan::Plan;
use crate::report::EndedBy;
use crate::request::Template;
use crate::run::Run;
use crate::site::Site;
use crate::sources::{Steady, Tokens};

/// A step of the plan's length at this rate.
fn open_load(plan: &Plan, name: &str, per_second: f64) -> Load {
    Load {
        name: name.to_owned(),
        connections: plan.load.connections,
        pace: Pace::Open { per_second },
        warm_up: *plan.load.warm_up,
        duration: *plan.load.step,
        reply_max: *plan.load.reply_max,
        sample_every: *plan.load.sample_every,
    }
}

fn search<'a>(run: &Run<'_>, plan: &'a Plan, site: &'a Site) -> Search<'a> {
    Search { is_strict: !run.options.quick, site, load: &plan.load, thresholds: &plan.thresholds, runs: plan.load.runs }
}

/// The highest rate that was served, in words.
fn capacity_text(found: &Found) -> String {
    match &found.capacity {
        Some(capacity) if capacity.unproven.is_some() => "no rate is shown, as the load was late".to_owned(),
        Some(capacity) => {
            let bound = match capacity.ended_by {
                EndedBy::Latency | EndedBy::Failures => "",
                EndedBy::Generator | EndedBy::Plan => "at least ",
            };
            let why = &capacity.ended_why;
            format!("{bound}{:.0} per second with p99 {:.1} ms ({why})", capacity.per_second, capacity.p99_ms)
        }
        None => format!("not even the first rate of the plan ({})", found.ended_why),
    }
}

/// Everybody inside, and no session ends by itself.
const INSIDE: [(&str, &str); 4] = [
    ("queue.active_limit", "10000000"),
    ("queue.session_ttl", "12h"),
    ("queue.waiting_ttl", "1h"),
    ("hold.limit_per_user", "100000"),
];

/// A list that `template` asks for, with the tokens in turn.
fn asks(template: Template, tokens: &Arc<Tokens>) -> Steady<impl FnMut(&mut Vec<u8>) + use<>> {
    let (tokens, mut next) = (Arc::clone(tokens), 0);
    Steady::new(move |out: &mut Vec<u8>| {
        template.write(tokens.get(next), out);
        next += 1;
    })
}

/// What a step says about hidden errors: answers 200 that hide one, and all answers.
fn hidden_in(report: &Report) -> (u64, u64) {
    (report.hidden, report.completed)
}
