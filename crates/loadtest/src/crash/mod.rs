//! The server is killed in the middle of its work and started again: what was acknowledged must be there.

mod writes;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};

use crate::audit::{Rule, Tally};
use crate::catalog;
use crate::endpoint::Endpoint;
use crate::load::{self, Losses, Pace, Plan};
use crate::measure::{Load, Sampler, to_step};
use crate::report::{Crash, Figure};
use crate::request::Template;
use crate::run::Run;
use crate::seat_list;
use crate::site::Site;
use crate::sources::Tokens;

use writes::Writes;

const PART: &str = "crash";
/// Writers, each with the own wallet and seats.
const WRITERS: u64 = 400;

/// Charges, reservations and payments while the server dies and comes back.
///
/// # Errors
/// When a server cannot be started, or does not come back.
pub fn crash(run: &mut Run<'_>) -> Result<Option<Crash>> {
    run.progress.part("Crash: kill -9 under load");
    if !run.is_own() {
        run.leave_out("crash", "the server is not ours to kill");
        return Ok(None);
    }
    let plan = &run.plan().crash;
    let total = *plan.kill_after + *plan.go_on;
    // A third of the writes are reservations; what the server's absence holds back comes at once when it is back.
    let seats = (plan.rate * total.as_secs_f64() / 2.0) as u64 + 500;
    let settings = [
        ("queue.active_limit", "1000000"),
        ("queue.session_ttl", "12h"),
        ("hold.ttl", "12h"),
        ("hold.limit_per_user", "1000000"),
    ];
    let mut site = run.site(&settings, &catalog::concert(1, seats))?;
    let users = run.new_users(WRITERS);
    let first_user = users.start;
    let tokens = site.admit(users)?;
    let load = Load {
        name: format!("SIGKILL after {:.1} s", plan.kill_after.as_secs_f64()),
        connections: run.plan().load.connections,
        pace: Pace::Open { per_second: plan.rate },
        warm_up: Duration::ZERO,
        duration: total,
        reply_max: *run.plan().load.reply_max,
        sample_every: *run.plan().load.sample_every,
    };
    let limits = Plan {
        losses: Losses::Count { reply_max: load.reply_max },
        is_sleepless: site.leaves_us_a_core(),
        ..Plan::new(site.endpoint(), load.connections, load.pace, total)
    };
    let started = Instant::now();
    let sampler = Sampler::start(&site, load.sample_every, started);
    let endpoint = site.endpoint().clone();
    let mut writes = Writes::new(first_user, &tokens, seats, started);
    // The generator has a thread of its own: the server's life hangs on the thread that starts it, which is this one.
    let (result, times) = std::thread::scope(|scope| -> Result<_> {
        let generator = scope.spawn(|| load::run(&limits, &mut writes));
        std::thread::sleep(plan.kill_after.saturating_sub(started.elapsed()));
        let times = kill_and_restart(&mut site, started, &endpoint);
        let report = generator.join().map_err(|_| anyhow!("the generator's thread is gone"))?;
        Ok((report, times))
    })?;
    let (resources, _) = sampler.finish();
    let (times, report) = (times?, result?);
    run.progress.note("audit: what was acknowledged");
    let settled = writes.finish(site.endpoint())?;
    let (lost, tallies) = judge(&site, &settled, &tokens, &*site.admit(run.new_users(1))?, times.killed)?;
    let mut step = to_step(&load, &report);
    step.resources = resources;
    if let Some(reason) = &step.invalid_reason {
        run.progress.late(reason);
    }
    let acknowledged = settled.acknowledged_before(times.killed);
    run.checks.extend(tallies.map(|tally| tally.into_check(PART)));
    let audited = audit_store(run, site)?;
    run.checks.push(audited.into_check(PART));
    let millis = |duration: Duration| duration.as_secs_f64() * 1e3;
    Ok(Some(Crash {
        signal: "SIGKILL".to_owned(),
        killed_at_s: times.killed.as_secs_f64(),
        restarted_after_ms: millis(times.announced - times.killed),
        first_answer_after_ms: millis(times.answered - times.killed),
        acknowledged,
        lost,
        in_flight: settled.in_doubt,
        in_flight_done: settled.in_doubt_done,
        figures: vec![
            Figure::new("writes", "Writes acknowledged in all", settled.acknowledged() as f64, "", "client"),
            Figure::new("retries", "Retries with the same Idempotency-Key", settled.retries as f64, "", "client"),
        ],
        step,
        notes: vec![
            "Latency counts from the intended start, so the gap is in it. What was out when the server died is sent again \
             with its Idempotency-Key, which tells whether it had been done."
                .to_owned(),
        ],
    }))
}

/// Since the start of the load.
struct Times {
    killed: Duration,
    announced: Duration,
    answered: Duration,
}

fn kill_and_restart(site: &mut Site, started: Instant, endpoint: &Endpoint) -> Result<Times> {
    const TRIES: u32 = 20;
    let service = site.service_mut().context("a server to kill")?;
    let killed = started.elapsed();
    service.kill()?;
    let mut tries = 0;
    while let Err(error) = service.restart() {
        tries += 1;
        if tries == TRIES {
            return Err(error.context("the server did not come back after it was killed"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let announced = started.elapsed();
    crate::site::Catalog::fetch(endpoint).context("the first answer after the restart")?;
    Ok(Times { killed, announced, answered: started.elapsed() })
}

/// What is there, against what was acknowledged. The number of writes that were acknowledged before the kill and are
/// not there, and the tallies.
fn judge(
    site: &Site,
    settled: &writes::Settled,
    tokens: &Tokens,
    reader: &Tokens,
    killed: Duration,
) -> Result<(u64, [Tally; 2])> {
    let path = "/v1/api/concerts/seat?scheduleId=1";
    let reply = site.call(&Template::get(path, &[]).with(reader.get(0)))?.success()?;
    let list = seat_list::statuses(&reply.body);
    let mut survives = Tally::new(Rule::AcknowledgedSurvives);
    let mut lost = 0;
    for write in &settled.writes {
        let status = write.seat.and_then(|seat| list.get(&seat).copied());
        let is_there = write.is_there(status);
        if write.acked < killed && !is_there {
            lost += 1;
        }
        survives.judge(is_there, || format!("{write:?} was acknowledged, and the list says {status:?}"));
    }
    for (who, expected) in settled.balances.iter().enumerate() {
        let data = site.data(&Template::get("/v1/api/user/amount", &[]).with(tokens.get(who)))?;
        let told = data["amount"].as_u64();
        let charges = settled.charges[who];
        if told != Some(*expected) {
            lost += 1;
        }
        survives.hold(charges.saturating_sub(1));
        survives.judge(told == Some(*expected), || {
            format!("writer {who} has {expected} by what was acknowledged, and the server says {told:?}")
        });
    }
    Ok((lost, [survives, settled.retried.clone()]))
}

fn audit_store(run: &mut Run<'_>, site: Site) -> Result<Tally> {
    let program = run.program().context("a program to audit with")?.clone();
    let data = site.into_service().context("a server to stop")?.stop()?;
    let output = program.audit(&data.path()).output().context("running onsale audit")?;
    let mut tally = Tally::new(Rule::ServerAudit);
    tally.judge(output.status.success(), || String::from_utf8_lossy(&output.stdout).into_owned());
    Ok(tally)
}
