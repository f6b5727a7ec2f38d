//! More than the server can do: useful work must not fall, and a refusal must be quick and have done nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use hdrhistogram::Histogram;

use crate::answer;
use crate::audit::{Rule, Tally};
use crate::catalog;
use crate::load::{Next, Pace, Reply, Source, Unanswered};
use crate::measure::{self, Load};
use crate::plan::{Plan, Span};
use crate::report::{Figure, Multiple, Overload, ThresholdKind};
use crate::request::Template;
use crate::run::{Limit, Run};
use crate::site::{Site, grown};
use crate::sources::Tokens;

/// Connections of the step that finds the capacity: enough to keep the journal busy, too few to be refused.
const CAPACITY_CONNECTIONS: usize = 48;
const WALLETS: u64 = 512;
/// How long is looked for what can be answered at all.
const PROBE: Duration = Duration::from_secs(2);
/// So many refusals are looked into at least.
const REFUSED_MIN: u64 = 100;

/// Charges at multiples of the capacity of durable writes.
///
/// # Errors
/// When a server cannot be started or reached.
pub fn overload(run: &mut Run<'_>) -> Result<Overload> {
    run.progress.part("Overload");
    let interval = if run.is_own() { interval_for(run)? } else { run.plan().overload.commit_interval };
    let plan = run.plan();
    let (batch, pending) = (plan.overload.batch_max, plan.overload.pending_max);
    let site = site_with(run, interval)?;
    let tokens = site.issue(run.new_users(WALLETS))?;
    let mut charges = Charges::new(&tokens)?;
    let step = |name: &str, connections: usize, pace: Pace| step(plan, name, connections, pace);
    let before = site.counters();
    let load = step("capacity", CAPACITY_CONNECTIONS, Pace::Closed);
    let (capacity, ()) = measure::on_time(site.quiet(), plan.load.tries, || {
        Ok((measure::run(&site, &load, &mut charges, &mut run.progress)?.0, ()))
    })?;
    let per_commit = commands_per_commit(&site, &before);
    let capacity_per_second = capacity.completed_per_second;
    if capacity.completed == 0 {
        // There is no multiple of nothing.
        return Err(Unanswered("POST /v1/api/user/amount".to_owned()).into());
    }
    run.progress.note(&format!("{capacity_per_second:.0} durable writes per second"));
    let connections = crowd(plan);
    let mut multiples = Vec::new();
    for &asked in &plan.overload.multiples {
        let mut runs = Vec::new();
        for _ in 0..plan.load.runs {
            let pace = Pace::Open { per_second: capacity_per_second * asked };
            let load = step(&format!("{asked} × the capacity"), connections, pace);
            let (step, report) = measure::on_time(site.quiet(), plan.load.tries, || {
                charges.begin(*plan.load.warm_up, *plan.overload.step)?;
                measure::run(&site, &load, &mut charges, &mut run.progress)
            })?;
            let per_second = |count: u64| count as f64 / plan.overload.step.as_secs_f64().max(1e-9);
            let refusals = &charges.refusals;
            runs.push(Multiple {
                asked,
                offered: per_second(charges.sent) / capacity_per_second.max(1e-9),
                useful_per_second: per_second(charges.useful),
                useful_percent: 0.0,
                refused: report.statuses.get(&503).copied().unwrap_or(0),
                refusal_p99_ms: (!refusals.is_empty()).then(|| refusals.value_at_quantile(0.99) as f64 / 1e6),
                step,
            });
            site.settle()?;
        }
        if runs.iter().any(|run| run.step.valid) {
            runs.retain(|run| run.step.valid);
        }
        runs.sort_by(|one, other| one.useful_per_second.total_cmp(&other.useful_per_second));
        multiples.push(runs.swap_remove(runs.len() / 2));
    }
    let valid = multiples.iter().filter(|multiple| multiple.step.valid);
    let peak = valid.map(|multiple| multiple.useful_per_second).fold(capacity_per_second, f64::max);
    for multiple in &mut multiples {
        multiple.useful_percent = 100.0 * multiple.useful_per_second / peak.max(1e-9);
    }
    judge(run, &multiples, capacity.invalid_reason.as_deref());
    if charges.refused < REFUSED_MIN {
        // The machine was busy when the capacity was measured: more clients at once than may wait are refused for sure.
        let load = step("more at once than may wait", connections, Pace::Closed);
        measure::run(&site, &load, &mut charges, &mut run.progress)?;
    }
    let refused = charges.refused;
    audit(run, &site, &tokens, &charges)?;
    site.leave(&tokens)?;
    let how = if run.is_own() {
        format!(
            "Commands per journal entry are lowered to {batch}, commits made no faster than one in {interval}, as on a \
             volume of so many syncs, and pending commands lowered to {pending}, so that one generator can offer the \
             highest multiple and this machine's server answer it; the capacity is that of these settings."
        )
    } else {
        "The server keeps its own settings, so the highest multiples may be out of the generator's reach: what was really \
         offered is shown."
            .to_owned()
    };
    Ok(Overload {
        capacity_per_second,
        capacity_invalid: capacity.invalid_reason,
        peak_per_second: peak,
        multiples,
        figures: vec![
            Figure::maybe(
                "commands_per_commit",
                "Commands per commit, at capacity",
                per_commit,
                "",
                "/metrics onsale_journal_batch_commands",
                "the server exposes no /metrics",
            ),
            Figure::new("refused", "Refused with 503", refused as f64, "", "client"),
        ],
        notes: vec![how, "Every write is a charge; useful are those that were acknowledged.".to_owned()],
    })
}

/// A server that can do little, and nobody has to buy anything from.
fn site_with(run: &mut Run<'_>, interval: Span) -> Result<Site> {
    let overload = &run.plan().overload;
    let (batch, pending) = (overload.batch_max.to_string(), overload.pending_max.to_string());
    let interval = interval.to_string();
    let settings = [
        ("queue.active_limit", "1000000"),
        ("store.commit_interval", interval.as_str()),
        ("overload.batch_max", &batch),
        ("overload.pending_max", &pending),
    ];
    run.site(&settings, &catalog::concert(1, 50))
}

fn step(plan: &Plan, name: &str, connections: usize, pace: Pace) -> Load {
    Load {
        name: name.to_owned(),
        connections,
        pace,
        warm_up: *plan.load.warm_up,
        duration: *plan.overload.step,
        reply_max: *plan.load.reply_max,
        sample_every: *plan.load.sample_every,
    }
}

/// So many connections that more is asked at once than may wait.
fn crowd(plan: &Plan) -> usize {
    plan.load.connections.max(2 * plan.overload.pending_max as usize).min(4_000)
}

/// The least time from one commit to the next with which the server can answer the highest multiple of its capacity: what
/// nobody can answer, nobody can refuse either. The plan's, or as much longer as this machine is slower.
fn interval_for(run: &mut Run<'_>) -> Result<Span> {
    /// A server that has only just time enough for all answers has none for what comes between.
    const OF_ANSWERS: f64 = 0.7;
    const INTERVAL_MAX_MS: u128 = 1_000;
    let plan = run.plan();
    let mut interval = plan.overload.commit_interval;
    let highest = plan.overload.multiples.iter().copied().fold(1.0, f64::max);
    let site = site_with(run, interval)?;
    let tokens = site.issue(run.new_users(WALLETS))?;
    let mut charges = Charges::new(&tokens)?;
    let mut answers = |name: &str, connections| -> Result<f64> {
        let load = Load { duration: PROBE, warm_up: PROBE / 4, ..step(plan, name, connections, Pace::Closed) };
        Ok(measure::run(&site, &load, &mut charges, &mut run.progress)?.0.completed_per_second)
    };
    let (capacity, all) = (answers("capacity", CAPACITY_CONNECTIONS)?, answers("answers of any kind", crowd(plan))?);
    let wanted = capacity * highest / (OF_ANSWERS * all).max(1e-9);
    if capacity > 0.0 && wanted > 1.0 {
        // A plan that asks for no pause at all asks for less than the shortest.
        let millis = (interval.as_secs_f64().max(1e-3) * wanted * 1e3).ceil() as u128;
        interval = Span(Duration::from_millis(millis.min(INTERVAL_MAX_MS) as u64));
        run.progress.note(&format!("{all:.0} answers of any kind per second: a commit in {interval} at most"));
    }
    Ok(interval)
}

fn commands_per_commit(site: &Site, before: &crate::site::Counters) -> Option<f64> {
    let after = site.counters();
    Some(grown(before.commands, after.commands)? / grown(before.commits, after.commits)?)
}

fn judge(run: &mut Run<'_>, multiples: &[Multiple], capacity_invalid: Option<&str>) {
    let limit = run.plan().thresholds.useful_percent;
    for multiple in multiples {
        run.threshold(Limit {
            id: &format!("overload.{}", multiple.asked),
            title: &format!("Useful work at {} × the capacity ({:.1} × offered)", multiple.asked, multiple.offered),
            key: "thresholds.useful_percent",
            unit: "%",
            kind: ThresholdKind::AtLeast,
            limit,
            actual: Some(multiple.useful_percent),
        });
        if let Some(reason) = capacity_invalid.or(multiple.step.invalid_reason.as_deref()) {
            run.distrust_last(&format!("{} × the capacity", multiple.asked), reason);
        }
    }
}

/// Charges of one unit, each wallet in turn, with as many out as the connections allow.
struct Charges {
    tokens: Arc<Tokens>,
    template: Template,
    next: usize,
    out: Vec<usize>,
    /// Acknowledged, by wallet; and sent without an answer.
    acknowledged: Vec<u64>,
    unknown: Vec<u64>,
    refused: u64,
    /// Of the step that is running, whatever its requests were meant to start at: what was sent and what was
    /// acknowledged between these times, and how long refusals took.
    between: Option<(Instant, Instant)>,
    window: (Duration, Duration),
    sent: u64,
    useful: u64,
    refusals: Histogram<u64>,
}

impl Charges {
    fn new(tokens: &Arc<Tokens>) -> Result<Self> {
        Ok(Self {
            tokens: Arc::clone(tokens),
            template: Template::charge(1),
            next: 0,
            out: Vec::new(),
            acknowledged: vec![0; tokens.len()],
            unknown: vec![0; tokens.len()],
            refused: 0,
            between: None,
            window: (Duration::ZERO, Duration::ZERO),
            sent: 0,
            useful: 0,
            refusals: Histogram::new_with_max(60_000_000_000, 3)?,
        })
    }

    /// Counts anew, for a step with this warm-up and of this length.
    fn begin(&mut self, warm_up: Duration, duration: Duration) -> Result<()> {
        (self.between, self.window) = (None, (warm_up, warm_up + duration));
        (self.sent, self.useful) = (0, 0);
        self.refusals = Histogram::new_with_max(60_000_000_000, 3)?;
        Ok(())
    }

    fn is_measured(&self, now: Instant) -> bool {
        self.between.is_some_and(|(from, until)| (from..until).contains(&now))
    }
}

impl Source for Charges {
    fn next(&mut self, slot: usize, now: Instant, out: &mut Vec<u8>) -> Next {
        let (from, until) = self.window;
        self.between.get_or_insert((now + from, now + until));
        self.sent += u64::from(self.is_measured(now));
        let who = self.next % self.tokens.len();
        self.next += 1;
        if self.out.len() <= slot {
            self.out.resize(slot + 1, 0);
        }
        self.out[slot] = who;
        self.template.write(self.tokens.get(who), out);
        Next::Send
    }

    fn reply(&mut self, slot: usize, now: Instant, reply: &Reply<'_>) -> bool {
        let who = self.out[slot];
        match reply.status {
            200 if reply.is_success() => {
                self.acknowledged[who] += 1;
                self.useful += u64::from(self.is_measured(now));
            }
            503 => {
                self.refused += 1;
                let took = now.saturating_duration_since(reply.sent);
                self.refusals.saturating_record(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
            }
            _ => {
                self.unknown[who] += 1;
                return false;
            }
        }
        true
    }

    fn lost(&mut self, slot: usize, _now: Instant) {
        self.unknown[self.out[slot]] += 1;
    }
}

/// Every wallet has what was acknowledged, and nothing of what was refused.
fn audit(run: &mut Run<'_>, site: &Site, tokens: &Tokens, charges: &Charges) -> Result<()> {
    let mut tally = Tally::new(Rule::RefusedDidNothing);
    let template = Template::get("/v1/api/user/amount", &[]);
    // The last of the refused may have gone out with the end of the step.
    std::thread::sleep(Duration::from_millis(50));
    for who in 0..tokens.len() {
        let reply = site.call(&template.with(tokens.get(who)))?.success()?;
        let told = answer::data(&reply.body).and_then(|data| data.amount);
        let (least, most) = (charges.acknowledged[who], charges.acknowledged[who] + charges.unknown[who]);
        let is_right = told.is_some_and(|told| (least..=most).contains(&told));
        if !is_right {
            tally.judge(false, || format!("wallet {who} has {told:?}, and {least} charges of 1 were acknowledged"));
        }
    }
    tally.hold(charges.refused);
    if charges.refused == 0 && !run.is_own() {
        run.leave_out("refused_did_nothing", "nothing was refused");
        return Ok(());
    }
    run.checks.push(tally.into_check("overload"));
    Ok(())
}
