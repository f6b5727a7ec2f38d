//! Whether a profile fits: one call of each is made, and what was understood of it is told.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::Value;

use super::{Act, Came, Profile, Tongue, hooks};
use crate::endpoint::Endpoint;
use crate::http;
use crate::request::{self, Template};

/// So much of a body is told.
const TOLD_CHARACTERS: usize = 240;
const ASK_EVERY: Duration = Duration::from_millis(250);
/// Somebody is let in within this time, or the rest cannot be looked at.
const ADMISSION_MAX: Duration = Duration::from_secs(90);

/// One call, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub act: Act,
    /// Method and path, as they were sent.
    pub sent: String,
    /// Status and body, as they came; why nothing came, where that is so.
    pub came: String,
    /// What it was taken for; `None` where the profile does not say what it means.
    pub understood: Option<String>,
}

/// Makes one call of each, as one buyer would: a seat is reserved and paid, and two in one call where the profile says how. Whatever is not understood comes first; calls
/// that could not be made, because one before them was not understood, are missing.
///
/// The commands of the profile are run around it, where they are `allowed`.
///
/// # Errors
/// When one of the commands fails, or may not be run.
pub fn look(server: &Endpoint, profile: &Arc<Profile>, allowed: bool) -> Result<Vec<Seen>> {
    let users_from = super::users_from(profile);
    let hooks = hooks::Runner { profile, target: server, users_from, allowed };
    hooks.run(hooks::Moment::Before)?;
    hooks.run(hooks::Moment::Users)?;
    let tongue = Tongue::new(Arc::clone(profile), users_from);
    let mut looker = Looker { server, profile, tongue, seen: Vec::new() };
    looker.go();
    let mut seen = looker.seen;
    seen.sort_by_key(|seen| (seen.understood.is_some(), seen.act));
    hooks.run(hooks::Moment::After)?;
    Ok(seen)
}

struct Looker<'a> {
    server: &'a Endpoint,
    profile: &'a Profile,
    tongue: Tongue,
    seen: Vec<Seen>,
}

impl Looker<'_> {
    /// As far as it goes.
    fn go(&mut self) -> Option<()> {
        let token = self.enter(1)?;
        let mut buyer = token.clone();
        let with = |template: Template| template.with(&token);
        let dates = self.call(Act::Schedule, &with(Template::get("/v1/api/concerts/schedule", &[])))?;
        let schedule = if self.profile.stage.dates.is_empty() { dates[0]["scheduleId"].as_u64()? } else { 1 };
        let path = format!("/v1/api/concerts/seat?scheduleId={schedule}");
        let seats = self.call(Act::Seat, &with(Template::get(&path, &[])))?;
        let free: Vec<u64> = seats
            .as_array()?
            .iter()
            .filter(|seat| seat["seatStatus"] == "AVAILABLE")
            .filter_map(|seat| seat["seatId"].as_u64())
            .collect();
        let seat = *free.last()?;
        let mut held = self.call(Act::Reserve, &with(Template::reserve(schedule, seat)))?;
        if self.profile.has(Act::Cancel) {
            self.call(Act::Cancel, &with(Template::cancel(held["reservationId"].as_u64()?)));
            if self.profile.ends_with_reserve() {
                buyer = self.enter(2)?;
            }
            held = self.call(Act::Reserve, &Template::reserve(schedule, *free.first()?).with(&buyer))?;
        }
        self.call(Act::Charge, &Template::charge(held["amount"].as_u64()?).with(&buyer))?;
        self.call(Act::Balance, &Template::get("/v1/api/user/amount", &[]).with(&buyer));
        self.call(Act::Payment, &Template::pay(held["reservationId"].as_u64()?).with(&buyer))?;
        if self.profile.call.reserve.group.is_some() && free.len() > 3 {
            let group = self.enter(4)?;
            let request = Template::reserve_several(schedule, &free[1..3]).with(&group);
            let held = self.call(Act::Reserve, &request)?;
            self.call(Act::Charge, &Template::charge(held["amount"].as_u64()?).with(&group))?;
            self.call(Act::Payment, &Template::pay(held["reservationId"].as_u64()?).with(&group))?;
        }
        if self.profile.has(Act::Leave) {
            let other = self.enter(3)?;
            self.call(Act::Leave, &Template::post("/v1/api/queue/token/leave", "").with(&other))?;
        }
        Some(())
    }

    /// The token of somebody who is inside.
    fn enter(&mut self, user: u64) -> Option<Vec<u8>> {
        if self.profile.has(Act::Register) {
            self.call(Act::Register, &Template::register(user).with(b""))?;
        }
        let mut issue = Vec::new();
        request::issue(user, &mut issue);
        let token = self.call(Act::Token, &issue)?["queueToken"].as_str()?.as_bytes().to_vec();
        let check = Template::check().with(&token);
        let started = Instant::now();
        loop {
            let place = self.call(Act::Check, &check)?;
            if place["status"] == "PROGRESS" {
                return Some(token);
            }
            if place["status"] != "WAITING" || started.elapsed() > ADMISSION_MAX {
                return None;
            }
            std::thread::sleep(ASK_EVERY);
        }
    }

    /// Makes a call; what it told, where that was understood and a success.
    fn call(&mut self, act: Act, request: &[u8]) -> Option<Value> {
        let (seen, data) = match self.try_call(act, request) {
            Ok(answer) => answer,
            Err(error) => {
                let came = format!("{error:#}");
                (Seen { act, sent: String::new(), came, understood: None }, None)
            }
        };
        // Of the same call the last answer counts, and one that is not understood always.
        self.seen.retain(|other| other.act != act || other.understood.is_none());
        self.seen.push(seen);
        data
    }

    fn try_call(&self, act: Act, request: &[u8]) -> Result<(Seen, Option<Value>)> {
        let mut spoken = request.to_vec();
        let asked = self.tongue.speak(&mut spoken)?;
        let text = String::from_utf8_lossy(&spoken).into_owned();
        let sent = text.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
        let reply = http::call_within(self.server, &spoken, http::ANSWER_MAX)?;
        let came = Came { status: reply.status, head: &reply.raw, body: &reply.body };
        let heard = self.tongue.hear(&asked, &came, true);
        let answer: Value = serde_json::from_slice(&heard.body).unwrap_or(Value::Null);
        let is_success = heard.is_understood && heard.status == 200;
        let understood = heard.is_understood.then(|| {
            if is_success {
                told(&answer["data"])
            } else {
                format!("refused: {}", answer["code"].as_str().unwrap_or(""))
            }
        });
        let came = format!("{} {}", reply.status, excerpt(&String::from_utf8_lossy(&reply.body)));
        Ok((Seen { act, sent, came, understood }, is_success.then(|| answer["data"].clone())))
    }
}

/// What was understood, without what is not there.
fn told(data: &Value) -> String {
    match data {
        Value::Array(list) => {
            format!("{} entries, the first {}", list.len(), list.first().map_or("none".to_owned(), told))
        }
        Value::Object(fields) => {
            let there = fields.iter().filter(|(_, value)| !value.is_null());
            let words: Vec<String> = there.map(|(name, value)| format!("{name} {value}")).collect();
            if words.is_empty() { "a success".to_owned() } else { words.join(", ") }
        }
        other => other.to_string(),
    }
}

fn excerpt(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(TOLD_CHARACTERS).collect()
}
