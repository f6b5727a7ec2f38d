//! After the sale: is all right?

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use super::call::Records;
use super::crowd::Crowd;
use super::entry;
use crate::answer;
use crate::audit::seats::Seat;
use crate::audit::wallets::Wallets;
use crate::audit::{Rule, Tally};
use crate::interrupt;
use crate::load::{Next, Reply, Source};
use crate::measure;
use crate::process::Service;
use crate::profile::Act;
use crate::report::Figure;
use crate::request::Template;
use crate::run::{self, Run};
use crate::seat_list;
use crate::site::Site;
use crate::sources::Tokens;

/// What is left of the run.
pub(super) struct Settled {
    pub(super) records: Records,
    pub(super) figures: Vec<Figure>,
}

/// Asks for every wallet and for the seats, stops the server where it is ours, and lets the audit conclude.
pub(super) fn settle(
    run: &mut Run<'_>,
    part: &str,
    site: Site,
    crowd: Crowd,
    server_errors_before: Option<f64>,
) -> Result<Settled> {
    run.progress.note("audit: wallets and seats");
    let Crowd {
        people, mut line, mut seats, wallets, hidden, retried, server_errors, records, setting, counts, ..
    } = crowd;
    let schedule = setting.date.schedule_id;
    let site_has_groups = !site.endpoint().is_foreign() || site.profile().call.reserve.group.is_some();
    // Who came in as the sale ended was seen once, and that says nothing of how long they were inside.
    if !run.is_own() && setting.active_limit.is_some() {
        let unpaid = people.iter().filter(|person| person.is_inside && person.payment == 0);
        let inside = site.inside_together(&Tokens::collect(unpaid.map(|person| &person.token[..])));
        // Where nothing is answered, the wallets will not be either, and that is told there.
        inside.ok().into_iter().for_each(|count| line.found_inside(count));
    }
    let users = std::iter::repeat_with(run.fresh_users());
    match entry::try_the_door(&site, users) {
        Some(Ok(tally)) => run.checks.push(tally.into_check(part)),
        Some(Err(error)) => missed(run, part, "the door could not be tried in the end", &error),
        None => run.leave_out(Rule::EntryTokensChecked.id(), "the door of the sale is not signed"),
    }
    let mut balances = Balances { people: &people, wallets, next: 0, asking: Vec::new(), left: 0 };
    let unread = measure::complete(site.endpoint(), &mut balances).err();
    let (wallets, left) = (balances.wallets, balances.left);
    seats.lost_payments(wallets.lost_payments().clone());
    let all = Tokens::collect(people.iter().map(|person| &person.token[..]).filter(|token| !token.is_empty()));
    let list = site.leave(&all).and_then(|()| last_list(run, &site, schedule));
    match list {
        Ok(Some(list)) => seats.listed_at_the_end(schedule, &list, setting.is_alone),
        Ok(None) => {}
        Err(error) => missed(run, part, "the seats could not be looked at in the end", &error),
    }
    // What the people saw is evidence, whatever became of the server since.
    if let Some(error) = &unread {
        missed(run, part, "not every wallet could be looked at in the end", error);
    }
    let errors_after = site.metrics().and_then(|metrics| metrics.server_errors());
    let mut errors = Tally::new(Rule::ErrorsCounted);
    match (server_errors_before, errors_after) {
        (before, Some(after)) if setting.is_alone => {
            let counted = after - before.unwrap_or(0.0);
            let seen = counts.server_errors + counts.lost;
            errors.judge(counted <= seen as f64, || {
                format!("the server counts {counted} server errors, and {seen} were seen")
            });
            run.checks.push(errors.into_check(part));
        }
        _ => run.leave_out("errors_counted", "the server exposes no /metrics, or others use it too"),
    }
    let (charged, paid) = wallets.sums();
    let mut figures = vec![
        Figure::new("charged", "Charged", charged as f64, "", "client"),
        Figure::new("paid", "Paid", paid as f64, "", "client"),
        Figure::new("left", "Left in the wallets", left as f64, "", "client"),
    ];
    if interrupt::is_asked() {
        run.leave_out("tables_agree", "a signal cut the run short");
    } else if let Some(service) = site.into_service() {
        figures.extend(tables(run, part, service, seats.buyers(), setting.first_user)?);
    } else {
        run.leave_out("tables_agree", "the server is not ours");
        run.leave_out("server_audit", "the server is not ours");
    }
    run.checks.extend(line.conclude(part));
    let rules = [
        Rule::GroupsWhole,
        Rule::SeatSoldOnce,
        Rule::SeatHeldOnce,
        Rule::ReservationsKept,
        Rule::PaymentsKept,
        Rule::LapsedHoldsFreed,
        Rule::OwnWritesSeen,
    ];
    // The first is judged where there are groups.
    let has_groups = setting.groups.percent > 0.0 || setting.groups.best_percent > 0.0;
    let rules = if has_groups { &rules[..] } else { &rules[1..] };
    if !has_groups {
        let why = if site_has_groups {
            "nobody wants several seats in one hold"
        } else {
            "not observable: the profile has no call.reserve.group, which says how several seats are asked for"
        };
        run.leave_out(Rule::GroupsWhole.id(), why);
    }
    run.checks.extend(seats.conclude(part, rules));
    run.checks.extend(wallets.conclude(part, unread.is_none().then_some(left)));
    run.checks.extend([hidden, retried, server_errors].map(|tally| tally.into_check(part)));
    Ok(Settled { records, figures })
}

/// Something that the audit wanted to look at and could not. Of a server of our own, or one that fails, that is a fault.
fn missed(run: &mut Run<'_>, part: &str, what: &str, error: &anyhow::Error) {
    let text = format!("{what}: {error:#}");
    run.progress.note(&text);
    if !interrupt::is_asked() && (run.is_own() || run::is_servers_doing(error)) {
        run.broken.push(format!("{part}: {text}"));
    } else {
        run.leave_out(part, &text);
    }
}

/// Asks for the balance of everybody with a token.
struct Balances<'a> {
    people: &'a [super::person::Person],
    wallets: Wallets,
    next: usize,
    asking: Vec<usize>,
    left: u128,
}

impl Source for Balances<'_> {
    fn next(&mut self, slot: usize, _now: Instant, out: &mut Vec<u8>) -> Next {
        while self.people.get(self.next).is_some_and(|person| person.token.is_empty() || person.charge == 0) {
            self.next += 1;
        }
        let Some(person) = self.people.get(self.next) else { return Next::Done };
        Template::get("/v1/api/user/amount", &[]).write(&person.token, out);
        if self.asking.len() <= slot {
            self.asking.resize(slot + 1, 0);
        }
        self.asking[slot] = self.next;
        self.next += 1;
        Next::Send
    }

    fn reply(&mut self, slot: usize, _now: Instant, reply: &Reply<'_>) -> bool {
        let Some(amount) = answer::data(reply.body).and_then(|data| data.amount) else { return false };
        self.left += u128::from(amount);
        self.wallets.balance(self.asking[slot], amount);
        reply.is_success()
    }

    fn keeps_body(&self) -> bool {
        true
    }
}

/// The whole seat list, asked for by somebody who is inside.
fn last_list(
    run: &mut Run<'_>,
    site: &Site,
    schedule: u64,
) -> Result<Option<HashMap<u64, crate::audit::seats::SeatStatus>>> {
    const WAIT_MAX: Duration = Duration::from_secs(20);
    if let Some(service) = site.service() {
        service.admin("PATCH", "/v1/admin/queues/default", r#"{"activeLimit":4000000000}"#)?;
    }
    if !run.is_own() && !site.has(Act::Leave) {
        return list_of_somebody(run, site, schedule, WAIT_MAX);
    }
    let tokens: Arc<Tokens> = site.issue(run.new_users(1))?;
    let (token, started) = (tokens.get(0), Instant::now());
    loop {
        let data = site.data(&Template::check().with(token))?;
        if data["status"] == "PROGRESS" {
            break;
        }
        if started.elapsed() > WAIT_MAX {
            ensure!(!run.is_own(), "nobody is let in any more");
            run.leave_out("payments_kept", "the server let nobody in at the end, to look at the seats");
            site.leave(&tokens)?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    let path = format!("/v1/api/concerts/seat?scheduleId={schedule}");
    let reply = site.call(&Template::get(&path, &[]).with(token))?.success()?;
    site.leave(&tokens)?;
    Ok(Some(seat_list::statuses(&reply.body)))
}

/// The same where nobody can leave: whoever of the crowd is let in looks.
fn list_of_somebody(
    run: &mut Run<'_>,
    site: &Site,
    schedule: u64,
    most: Duration,
) -> Result<Option<HashMap<u64, crate::audit::seats::SeatStatus>>> {
    let started = Instant::now();
    let token = loop {
        if let Some(token) = site.somebody_inside()? {
            break token;
        }
        if started.elapsed() > most {
            // Everybody has bought, or is gone: one more comes.
            let Ok(tokens) = site.admit(run.new_users(1)) else {
                run.leave_out("payments_kept", "the server let nobody in at the end, to look at the seats");
                return Ok(None);
            };
            site.leave(&tokens)?;
            break tokens.get(0).into();
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    let path = format!("/v1/api/concerts/seat?scheduleId={schedule}");
    let reply = site.call(&Template::get(&path, &[]).with(&token))?.success()?;
    Ok(Some(seat_list::statuses(&reply.body)))
}

#[derive(Deserialize)]
struct Payment {
    user_id: u64,
    amount: i64,
    seat_ids: serde_json::Value,
}

#[derive(Deserialize)]
struct Entry {
    amount: i64,
}

/// The stopped store: its own audit, and its payments against those that were acknowledged.
fn tables(
    run: &mut Run<'_>,
    part: &str,
    service: Service,
    buyers: &HashMap<Seat, usize>,
    first_user: u64,
) -> Result<Vec<Figure>> {
    run.progress.note("audit: the stopped store");
    let program = run.program().context("a program to audit with")?.clone();
    service.settle()?;
    let data = service.stop()?;
    let output = program.audit(&data.path()).output().context("running onsale audit")?;
    let mut audit = Tally::new(Rule::ServerAudit);
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let failed: Vec<&str> = text.lines().filter(|line| line.starts_with("FAIL") || line.starts_with("error")).collect();
    audit.hold(text.lines().filter(|line| line.starts_with("ok ")).count() as u64);
    audit.judge(output.status.success(), || failed.join("; "));
    run.checks.push(audit.into_check(part));

    let export = |table: &str| -> Result<Vec<u8>> {
        let mut command = program.command();
        command.arg("export").arg("--data").arg(data.path()).args(["--table", table, "--format", "json"]);
        let output = command.output().with_context(|| format!("running onsale export --table {table}"))?;
        if !output.status.success() {
            std::io::stderr().write_all(&output.stderr).ok();
        }
        ensure!(output.status.success(), "onsale export --table {table} failed");
        Ok(output.stdout)
    };
    let payments: Vec<Payment> = serde_json::from_slice(&export("payments")?).context("the exported payments")?;
    let ledger: Vec<Entry> = serde_json::from_slice(&export("ledger")?).context("the exported ledger")?;
    let mut agree = Tally::new(Rule::TablesAgree);
    let mut in_tables: HashMap<u64, u64> = HashMap::new();
    for payment in &payments {
        for seat in seat_ids(&payment.seat_ids) {
            let other = in_tables.insert(seat, payment.user_id);
            agree.judge(other.is_none(), || {
                format!("the tables sell seat {seat} to {other:?} and to {}", payment.user_id)
            });
        }
    }
    for ((_, seat), who) in buyers {
        let user = first_user + *who as u64;
        let told = in_tables.get(seat);
        agree.judge(told == Some(&user), || format!("user {user} bought seat {seat}, and the tables say {told:?}"));
    }
    agree.judge(in_tables.len() == buyers.len(), || {
        format!("the tables have {} seats paid, and {} payments were acknowledged", in_tables.len(), buyers.len())
    });
    let sum: i128 = ledger.iter().map(|entry| i128::from(entry.amount)).sum();
    agree.judge(sum == 0, || format!("the ledger's entries add up to {sum} instead of 0"));
    run.checks.push(agree.into_check(part));
    let paid: i128 = payments.iter().map(|payment| i128::from(payment.amount)).sum();
    Ok(vec![
        Figure::new(
            "tables_payments",
            "Payments in the tables",
            payments.len() as f64,
            "",
            "onsale export --table payments",
        ),
        Figure::new("tables_paid", "Paid, by the tables", paid as f64, "", "onsale export --table payments"),
        Figure::new(
            "ledger_entries",
            "Entries of the ledger, which add up to 0",
            ledger.len() as f64,
            "",
            "onsale export --table ledger",
        ),
    ])
}

/// A list of seats, as an export writes it: numbers in a text, or one number.
fn seat_ids(value: &serde_json::Value) -> Vec<u64> {
    match value {
        serde_json::Value::Number(number) => number.as_u64().into_iter().collect(),
        serde_json::Value::String(text) => {
            text.split(|letter: char| !letter.is_ascii_digit()).filter_map(|piece| piece.parse().ok()).collect()
        }
        serde_json::Value::Array(list) => list.iter().filter_map(serde_json::Value::as_u64).collect(),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Object(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn seats_are_read_however_an_export_writes_them() {
        for value in [json!("[1,22]"), json!("1,22"), json!([1, 22])] {
            assert_eq!(seat_ids(&value), [1, 22], "{value}");
        }
        assert_eq!(seat_ids(&json!(7)), [7]);
    }
}
