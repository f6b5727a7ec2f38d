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

use anyhow::Result;

use crate::load::{Pace, Report, Source};
use crate::measure::{self, Found, Load, Search};
use crate::plan::Plan;
use crate::report::{EndedBy, Step};
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
    let (is_strict, is_probed) = (!run.options.quick, !run.is_own());
    Search { is_strict, is_probed, site, load: &plan.load, thresholds: &plan.thresholds, runs: plan.load.runs }
}

/// The highest rate of what only those inside may ask for. Whose sessions end meanwhile are replaced by others; where nobody
/// else is let in, that is what ended the search.
fn search_inside(
    run: &mut Run<'_>,
    site: &Site,
    tokens: &mut Arc<Tokens>,
    asks: impl Fn(&Arc<Tokens>) -> Box<dyn Source>,
) -> Result<Found> {
    let (users, plan) = (run.user_ranges(), run.plan());
    let mut make = |_: f64| -> Result<Box<dyn Source>> {
        *tokens = site.refreshed(tokens, &users)?;
        Ok(asks(tokens))
    };
    let mut found = search(run, plan, site).run(&mut make, &mut run.progress)?;
    let (inside, all) = (site.count_inside(tokens)?, tokens.len());
    if inside < all && found.is_of_tokens() {
        found.end_without_a_right(format!(
            "of the {all} who asked {} were put out meanwhile, as their sessions ended: longer ones are needed for a rate",
            all - inside
        ));
    }
    Ok(found)
}

/// What is said of a server of which no rate was served.
pub(crate) const NO_RATE: &str = "no rate was served";

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
        None if found.is_not_servers => format!("no rate is shown ({})", found.ended_why),
        None => format!("{NO_RATE} ({})", found.ended_why),
    }
}

/// The rate of the plan; of a server that it was not written for, no more than a probe with `source` says that it bears.
fn bearable(run: &mut Run<'_>, site: &Site, planned: f64, source: &mut dyn Source) -> Result<f64> {
    if run.is_own() {
        return Ok(planned);
    }
    let most = measure::bearable(site, &run.plan().load, source)?;
    if most < planned {
        run.progress
            .note(&format!("{most:.0} per second instead of the plan's {planned:.0}: half of what a probe got"));
    }
    Ok(planned.min(most))
}

/// What the rate of the plan is judged by: the step at the rate that the search began with.
fn working(found: &Found) -> Option<&Step> {
    found.steps.iter().find(|step| step.offered_per_second == Some(found.start))
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
