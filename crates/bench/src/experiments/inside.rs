//! A queue that lets everybody in: services for all that is bought, and charges.

use std::sync::Arc;

use anyhow::Result;

use crate::catalog;
use crate::compare::{Trial, compare};
use crate::context::Context;
use crate::load::Source;
use crate::measure;
use crate::process::Service;
use crate::report::{Findings, LatencyTarget};
use crate::request::Template;
use crate::sources::{Issue, Repeat, Tokens};

/// Everybody inside, and no session or hold ends by itself.
pub(crate) const SETTINGS: [(&str, &str); 5] = [
    ("queue.active_limit", "10000000"),
    ("queue.session_ttl", "12h"),
    ("queue.waiting_ttl", "1h"),
    ("hold.ttl", "12h"),
    ("hold.limit_per_user", "1000"),
];

/// A service with `schedules` schedules of `seats` seats.
pub(crate) fn service(context: &Context, schedules: u64, seats: u64) -> Result<Service> {
    let service = Service::start(&context.program()?, &SETTINGS)?;
    crate::progress!("publishing {schedules} × {seats} seats");
    service.publish(&catalog::concert(schedules, seats))?;
    Ok(service)
}

/// Lets `count` users in, the first of them called `first`.
pub(crate) fn admit(service: &Service, first: u64, count: u64) -> Result<Arc<Tokens>> {
    crate::progress!("letting {count} users in");
    let mut issue = Issue::keeping(first..first + count);
    measure::complete(service, &mut issue)?;
    Ok(Arc::new(issue.into_tokens()))
}

pub(super) fn charge(context: &Context) -> Result<Findings> {
    let service = service(context, 1, 50)?;
    let tokens = admit(&service, 1, context.sized(100_000, 10_000))?;
    let trial =
        Trial { name: "charge", connections: 512, ratio_min: 0.40, latency: Some(LatencyTarget::BelowUs(20_000.0)) };
    let mut source =
        |_| -> Result<Box<dyn Source>> { Ok(Box::new(Repeat::new(Template::charge(1_000), Arc::clone(&tokens), 200))) };
    Ok(compare(context, trial, &service, &mut source)?.into())
}
