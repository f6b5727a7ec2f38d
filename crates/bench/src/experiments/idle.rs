//! How many of the slots inside are used where three of ten who are let in never come, and `queue.session_idle` makes room.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::catalog;
use crate::context::Context;
use crate::http;
use crate::measure::{self, Spread};
use crate::process::Service;
use crate::report::{Figure, Findings};
use crate::request::Template;
use crate::sources::{Issue, Tokens};

/// Slots inside.
const LIMIT: usize = 100;
/// A visit takes ten times as long as idleness is waited for on the average, and no two take the same: 8 s to 32 s, as minutes would be
/// too long to measure.
const IDLE: Duration = Duration::from_secs(2);
const VISIT_MS: (u64, u64) = (8_000, 32_000);
/// Of ten who are let in so many never come. Their pages are open, and ask for the place.
const ABSENT_OF_TEN: u64 = 3;
/// How often each person does what they do, and all are counted.
const STEP: Duration = Duration::from_millis(500);
/// The first minute does not count: all begin together in it.
const WARM_UP: Duration = Duration::from_secs(60);
/// At most so much of the limit may be without somebody who shops.
const EMPTY_MAX: f64 = 5.0;

const SETTINGS: [(&str, &str); 5] = [
    ("queue.active_limit", "100"),
    ("queue.session_ttl", "10m"),
    ("queue.waiting_ttl", "1h"),
    ("queue.session_idle", "2s"),
    ("hold.ttl", "12h"),
];

pub(super) fn run(context: &Context) -> Result<Findings> {
    let measured = Duration::from_secs(context.sized(120, 20));
    let service = Service::start(&context.program()?, &SETTINGS)?;
    service.publish(&catalog::concert(1, 50))?;
    // As many as could be let in if everybody went at once.
    let people = LIMIT as u64 * (WARM_UP + measured).as_secs() / 4;
    let mut issue = Issue::keeping(1..people + 1);
    crate::progress!("{people} join");
    measure::complete(&service, &mut issue)?;
    let mut crowd = Crowd { service, tokens: issue.into_tokens(), next: 0, inside: Vec::new() };
    let (began, mut counts) = (Instant::now(), Vec::new());
    while began.elapsed() < WARM_UP + measured {
        let step = Instant::now();
        let count = crowd.step()?;
        if began.elapsed() > WARM_UP {
            counts.push(count);
        }
        std::thread::sleep(STEP.saturating_sub(step.elapsed()));
    }
    ensure!(crowd.next + LIMIT < crowd.tokens.len(), "too few people wait to the end");
    let shopping = Spread::of(counts.iter().map(|count| count.shopping as f64));
    let most = counts.iter().map(|count| count.active).fold(0.0, f64::max);
    ensure!(most <= LIMIT as f64, "{most} are inside, and {LIMIT} may be");
    let notes = vec![format!(
        "{LIMIT} slots, idle after {} s, visits of {} to {} s, {ABSENT_OF_TEN} of 10 never come: {:.0} shop [{:.0}–{:.0}], {most} inside at most",
        IDLE.as_secs(),
        VISIT_MS.0 / 1_000,
        VISIT_MS.1 / 1_000,
        shopping.median,
        shopping.min,
        shopping.max
    )];
    let empty = 100.0 * (1.0 - shopping.median / LIMIT as f64);
    let figure = Figure::at_most("slots inside without somebody who shops", empty, "%", EMPTY_MAX, notes);
    Ok(Findings { figures: vec![figure], ..Findings::default() })
}

/// Who is let in, in order of joining.
struct Crowd {
    service: Service,
    tokens: Tokens,
    /// The first who was not found let in yet.
    next: usize,
    /// Who is, and until when they shop; nothing for those who never come.
    inside: Vec<(usize, Option<Instant>)>,
}

struct Count {
    /// Who is inside and shops.
    shopping: usize,
    /// Who is inside, as the operator sees it.
    active: f64,
}

impl Crowd {
    /// Everybody does what they do next.
    fn step(&mut self) -> Result<Count> {
        let mut inside = Vec::new();
        for (person, until) in core::mem::take(&mut self.inside) {
            match until {
                Some(until) if until <= Instant::now() => drop(self.call(person, &leave())?),
                Some(_) => {
                    let reply = self.call(person, &Template::get("/v1/api/concerts/seat?scheduleId=1", &[]))?;
                    ensure!(reply.status == 200, "who shops is thrown out: {}", reply.status);
                    inside.push((person, until));
                }
                None if self.status(person)? == "PROGRESS" => inside.push((person, None)),
                None => {}
            }
        }
        self.inside = inside;
        while self.next < self.tokens.len() {
            match self.status(self.next)?.as_str() {
                "WAITING" => break,
                "PROGRESS" => self.inside.push((self.next, self.visit(self.next))),
                // The first were let in, and idle, while the others joined.
                _ => {}
            }
            self.next += 1;
        }
        let shopping = self.inside.iter().filter(|(_, until)| until.is_some()).count();
        Ok(Count { shopping, active: self.active()? })
    }

    /// How long somebody shops, if they come: by their number, so that each run has the same people.
    fn visit(&self, person: usize) -> Option<Instant> {
        let chance = (person as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let ms = VISIT_MS.0 + chance / 10 % (VISIT_MS.1 - VISIT_MS.0);
        (chance % 10 >= ABSENT_OF_TEN).then(|| Instant::now() + Duration::from_millis(ms))
    }

    fn status(&self, person: usize) -> Result<String> {
        let reply = self.call(person, &Template::check())?.success()?;
        let document: Value = serde_json::from_slice(&reply.body)?;
        document["data"]["status"].as_str().map(str::to_owned).context("a check without a status")
    }

    fn call(&self, person: usize, request: &Template) -> Result<http::Received> {
        http::call(self.service.address(), &request.with(self.tokens.get(person)))
    }

    fn active(&self) -> Result<f64> {
        let metrics = http::call(self.service.address(), &Template::without_token("/metrics"))?.success()?;
        let text = String::from_utf8(metrics.body)?;
        let line = text.lines().find_map(|line| line.strip_prefix("onsale_queue_active{queue=\"default\"} "));
        line.and_then(|value| value.parse().ok()).context("no onsale_queue_active")
    }
}

fn leave() -> Template {
    Template::post("/v1/api/queue/token/leave", "")
}
