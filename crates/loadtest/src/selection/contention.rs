//! What happens when many want the same thing, and what stands behind an answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::Raw;
use crate::catalog;
use crate::load::{self, Losses, Next, Pace, Plan, Reply, Source};
use crate::request::{self, Template};
use crate::run::Run;
use crate::seat_list;
use crate::site::{Counters, Site, grown};
use crate::sources::Tokens;

/// Writes the next request of a connection.
type Write<'a> = Box<dyn FnMut(usize, &mut Vec<u8>) + 'a>;

/// One kind of request from all contenders at once, as fast as it is answered.
struct Contend<'a> {
    write: Write<'a>,
    /// A wait counts as a conflict, where the answer says WAITING.
    waits: bool,
    commands: u64,
    conflicts: u64,
    left: u64,
}

impl Source for Contend<'_> {
    fn next(&mut self, slot: usize, _now: Instant, out: &mut Vec<u8>) -> Next {
        if self.left == 0 {
            return Next::Done;
        }
        self.left -= 1;
        (self.write)(slot, out);
        Next::Send
    }

    fn reply(&mut self, _slot: usize, _now: Instant, reply: &Reply<'_>) -> bool {
        self.commands += 1;
        let is_wait = self.waits && reply.body.windows(9).any(|piece| piece == b"\"WAITING\"");
        self.conflicts += u64::from(is_wait || reply.status == 409);
        reply.is_success() || reply.status == 409
    }

    fn keeps_body(&self) -> bool {
        true
    }
}

/// Conflicts per 1,000 requests, and rows behind an answer, for all eight in their order.
pub(super) fn measure(run: &mut Run<'_>) -> Result<(Vec<Raw>, Vec<Raw>)> {
    let plan = &run.plan().selection;
    let settings = [
        ("queue.session_ttl", "12h"),
        ("queue.waiting_ttl", "1h"),
        ("hold.ttl", "12h"),
        ("hold.limit_per_user", "100000"),
    ];
    let active = (plan.contenders * 2).to_string();
    let settings: Vec<(&str, &str)> = settings.into_iter().chain([("queue.active_limit", active.as_str())]).collect();
    let site = run.site(&settings, &catalog::concert(12, 500))?;
    let stage = Stage::new(run, &site)?;
    let contenders = plan.contenders;
    let limit = *plan.duration;
    let first = run.new_users(0).start;
    let first_user = run.next_user();
    let mut fresh = run.fresh_users();
    let (inside, waiting) = (&stage.inside, &stage.waiting);
    let own = |template: Template| move |slot: usize, out: &mut Vec<u8>| template.write(inside.get(slot), out);
    let mut pay = 0;
    let date = stage.schedule;
    let section = format!("/v1/api/concerts/seat?scheduleId={date}{}", stage.section);
    let mut results = Vec::new();
    let mut go = |waits: bool, left: u64, write: Write<'_>| -> Result<()> {
        results.push(contend(&site, contenders, limit, Contend { write, waits, commands: 0, conflicts: 0, left })?);
        Ok(())
    };
    // In the order of the eight.
    go(true, u64::MAX, Box::new(move |_, out| request::issue(fresh(), out)))?;
    let check = Template::check();
    go(true, u64::MAX, Box::new(move |slot, out| check.write(waiting.get(slot), out)))?;
    // One wallet, charged by all.
    let charge = Template::charge(1);
    go(false, u64::MAX, Box::new(move |_, out| charge.write(inside.get(0), out)))?;
    go(false, u64::MAX, Box::new(own(Template::get("/v1/api/user/amount", &[]))))?;
    go(false, u64::MAX, Box::new(own(Template::get("/v1/api/concerts/schedule", &[]))))?;
    go(false, u64::MAX, Box::new(own(Template::get(&section, &[]))))?;
    go(false, u64::MAX, Box::new(own(Template::reserve(date, 1))))?;
    // Nobody but its owner can want a reservation's payment: each pays what was held for it before.
    let reservations = &stage.reservations;
    let count = reservations.len() as u64;
    go(
        false,
        count,
        Box::new(move |_, out| {
            let (owner, reservation) = reservations[pay];
            pay += 1;
            Template::pay(reservation).write(inside.get(owner), out);
        }),
    )?;
    let rows = stage.rows(&site, &results)?;
    site.leave(&stage.inside)?;
    site.leave(&stage.waiting)?;
    site.send_home(first_user..run.next_user())?;
    site.clear(first..run.new_users(0).start)?;
    let conflicts = results.iter().map(|result| {
        // Of nothing that was answered there is no share.
        let per_thousand = 1_000.0 * result.conflicts as f64 / result.commands as f64;
        (
            per_thousand.is_finite().then_some(per_thousand),
            format!("{} conflicts in {} requests", result.conflicts, result.commands),
        )
    });
    Ok((conflicts.collect(), rows))
}

/// What one endpoint did.
struct Contended {
    commands: u64,
    conflicts: u64,
    cost: Cost,
}

/// What the store did meanwhile.
struct Cost {
    commits: Option<f64>,
    bytes: Option<f64>,
    rows: Option<f64>,
}

impl Cost {
    fn between(before: &Counters, after: &Counters) -> Self {
        Self {
            commits: grown(before.commits, after.commits),
            bytes: grown(before.journal_bytes, after.journal_bytes),
            rows: grown(before.rows, after.rows),
        }
    }

    fn text(&self, commands: u64) -> String {
        let per_thousand = |value: Option<f64>| {
            value.map_or("?".to_owned(), |value| format!("{:.0}", 1_000.0 * value / (commands as f64).max(1.0)))
        };
        format!(
            "for 1,000 of them the store made {} commits of {} bytes and wrote {} rows",
            per_thousand(self.commits),
            per_thousand(self.bytes),
            per_thousand(self.rows)
        )
    }
}

fn contend(site: &Site, connections: usize, limit: Duration, mut source: Contend<'_>) -> Result<Contended> {
    site.settle()?;
    let before = site.counters();
    let plan = Plan {
        losses: Losses::Count { reply_max: Duration::from_secs(10) },
        ..Plan::new(site.endpoint(), connections, Pace::Closed, limit)
    };
    load::run(&plan, &mut source)?;
    site.settle()?;
    let cost = Cost::between(&before, &site.counters());
    Ok(Contended { commands: source.commands, conflicts: source.conflicts, cost })
}

/// Users inside and users who wait, and what they hold.
struct Stage {
    inside: Arc<Tokens>,
    waiting: Arc<Tokens>,
    /// Who holds which reservation.
    reservations: Vec<(usize, u64)>,
    schedule: u64,
    section: String,
}

impl Stage {
    fn new(run: &mut Run<'_>, site: &Site) -> Result<Self> {
        let contenders = run.plan().selection.contenders as u64;
        let inside = site.admit(run.new_users(contenders * 2))?;
        let waiting = site.issue(run.new_users(contenders))?;
        let date = site.catalog.largest()?;
        let section = date.sections.first().and_then(|section| section.section.as_deref());
        let section = section.map_or(String::new(), |name| format!("&section={}", crate::targets::encode(name)));
        let mut reservations = Vec::new();
        for owner in 0..inside.len() {
            let token = inside.get(owner);
            // From the end, so that the seat that all will want is free.
            let seat = date.total_seats - owner as u64;
            let reply = site.call(&Template::reserve(date.schedule_id, seat).with(token))?;
            if reply.status != 200 {
                continue;
            }
            let envelope: serde_json::Value = serde_json::from_slice(&reply.body)?;
            let held = &envelope["data"];
            let amount = held["amount"].as_u64().context("a reservation without its amount")?;
            site.data(&Template::charge(amount).with(token))?;
            reservations.push((owner, held["reservationId"].as_u64().context("a reservation without its id")?));
        }
        Ok(Self { inside, waiting, reservations, schedule: date.schedule_id, section })
    }

    /// Rows behind an answer, counted in answers.
    fn rows(&self, site: &Site, results: &[Contended]) -> Result<Vec<Raw>> {
        let waiting = self.waiting.get(self.waiting.len() - 1);
        let token = site.data(&Template::check().with(waiting))?;
        let ahead = token["queuePosition"].as_u64().unwrap_or(0);
        let somebody = self.inside.get(self.inside.len() - 1);
        // Those who have paid are not inside any more; somebody who is looks at the lists.
        let fresh = self.reader(site)?;
        let reader = fresh.as_ref().map_or(somebody, |tokens| tokens.get(0));
        let schedule = site.data(&Template::get("/v1/api/concerts/schedule", &[]).with(reader)).ok();
        let dates = schedule.as_ref().and_then(|list| list.as_array()).map_or(0, Vec::len) as u64;
        let path = format!("/v1/api/concerts/seat?scheduleId={}{}", self.schedule, self.section);
        let seats = site.call(&Template::get(&path, &[]).with(reader))?;
        let seats = seat_list::statuses(&seats.body).len() as u64;
        if let Some(tokens) = &fresh {
            site.leave(tokens)?;
        }
        let counted = site.catalog.dates.iter().map(|date| date.total_seats).sum::<u64>();
        let rows = [
            (1 + ahead, format!("a ticket, and its place among {ahead} ahead")),
            (1 + ahead, format!("a ticket, and its place among {ahead} ahead")),
            (3, "a wallet and the two sides of a transfer".to_owned()),
            (1, "a wallet".to_owned()),
            (dates + counted, format!("{dates} dates, and the {counted} seats that their numbers are counted from")),
            (seats, format!("{seats} seats of a section")),
            (2, "a seat and a reservation".to_owned()),
            (7, "a payment, a reservation, a seat, a wallet, the two sides of a transfer, a ticket".to_owned()),
        ];
        let with_cost = rows.into_iter().zip(results);
        Ok(with_cost
            .map(|((rows, detail), result)| {
                (Some(rows as f64), format!("{rows} rows: {detail}; {}", result.cost.text(result.commands)))
            })
            .collect())
    }

    /// Somebody who is inside for certain: payments have made room.
    fn reader(&self, site: &Site) -> Result<Option<Arc<Tokens>>> {
        for index in 0..self.waiting.len() {
            let data = site.data(&Template::check().with(self.waiting.get(index)))?;
            if data["status"] == "PROGRESS" {
                return Ok(Some(Arc::new(Tokens::collect([self.waiting.get(index)]))));
            }
        }
        Ok(None)
    }
}
