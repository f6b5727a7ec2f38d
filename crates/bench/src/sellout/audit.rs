//! Whether all is right afterwards: by the crowd's own history, by the API, and by the service's own audit.

use std::io::Write;
use std::time::Instant;

use anyhow::{Context as _, Result};

use super::SCHEDULE;
use super::buyer::Buyer;
use super::crowd::Crowd;
use crate::catalog::SEAT_AMOUNT;
use crate::http;
use crate::load::{Next, Reply, Source};
use crate::measure;
use crate::process::{Program, Service};
use crate::report::Verdict;
use crate::request::Template;
use crate::{answer, seat_list};

/// One thing that must hold.
#[derive(Debug)]
pub(super) struct Check {
    what: &'static str,
    /// How many cases were looked at. None at all is a failure.
    cases: u64,
    wrong: u64,
    detail: String,
}

impl Check {
    fn holds(&self) -> bool {
        self.cases > 0 && self.wrong == 0
    }
}

/// Looks at everything, and stops the service for its own audit.
///
/// # Errors
/// When the service cannot be asked.
pub(super) fn run(program: &Program, service: Service, crowd: &Crowd, observer: &[u8]) -> Result<Vec<Check>> {
    let mut checks = by_history(crowd);
    checks.push(reserved_seats(&service, crowd, observer)?);
    checks.push(balances(&service, crowd)?);
    let data = service.stop()?;
    let output = program.audit(&data.path()).output().context("running onsale audit")?;
    let text = [output.stdout, output.stderr].concat();
    checks.push(Check {
        what: "onsale audit",
        cases: 1,
        wrong: u64::from(!output.status.success()),
        detail: String::from_utf8_lossy(&text).lines().last().unwrap_or_default().to_owned(),
    });
    Ok(checks)
}

/// Writes the checks, and whether all of them hold.
///
/// # Errors
/// When `out` does not take it.
pub(super) fn write(out: &mut dyn Write, checks: &[Check]) -> Result<Verdict> {
    writeln!(out, "| check | cases | wrong | |\n| --- | ---: | ---: | --- |")?;
    for check in checks {
        let verdict = if check.holds() { "pass" } else { "FAIL" };
        writeln!(out, "| {} | {} | {} | {verdict} {} |", check.what, check.cases, check.wrong, check.detail)?;
    }
    Ok(if checks.iter().all(Check::holds) { Verdict::Pass } else { Verdict::Miss })
}

fn by_history(crowd: &Crowd) -> Vec<Check> {
    let history = &crowd.history;
    let price = u128::from(SEAT_AMOUNT) * u128::from(history.sold);
    let left: u128 = crowd.buyers.iter().map(|buyer| u128::from(buyer.balance)).sum();
    vec![
        Check {
            what: "every seat sold",
            cases: history.sold,
            wrong: u64::from(!history.is_sold_out()),
            detail: String::new(),
        },
        Check { what: "no seat sold twice", cases: history.sold, wrong: history.sold_twice, detail: String::new() },
        Check {
            what: "paid = seats × price, charged = paid + left",
            cases: 2,
            wrong: u64::from(history.paid_sum != price) + u64::from(history.charged_sum != history.paid_sum + left),
            detail: format!("charged {}, paid {}, left {left}", history.charged_sum, history.paid_sum),
        },
    ]
}

/// The service's seat list has as many RESERVED seats as payments were acknowledged.
fn reserved_seats(service: &Service, crowd: &Crowd, observer: &[u8]) -> Result<Check> {
    let path = format!("/v1/api/concerts/seat?scheduleId={SCHEDULE}");
    let request = Template::get(&path, &[]).with(observer);
    let body = http::call(service.address(), &request)?.success()?.body;
    let reserved = seat_list::count(&body, "RESERVED");
    Ok(Check {
        what: "RESERVED seats in the list = seats sold",
        cases: reserved,
        wrong: reserved.abs_diff(crowd.history.sold),
        detail: String::new(),
    })
}

/// The balance of everybody with a token is what they make it.
fn balances(service: &Service, crowd: &Crowd) -> Result<Check> {
    let buyers = crowd.buyers.iter().filter(|buyer| !buyer.token.is_empty()).collect();
    let mut source = Balances { buyers, next: 0, asking: Vec::new(), cases: 0, wrong: 0 };
    measure::complete(service, &mut source)?;
    Ok(Check {
        what: "balance = charged − paid, each wallet",
        cases: source.cases,
        wrong: source.wrong,
        detail: String::new(),
    })
}

/// Asks for one balance after the other.
struct Balances<'a> {
    buyers: Vec<&'a Buyer>,
    next: usize,
    asking: Vec<usize>,
    cases: u64,
    wrong: u64,
}

impl Source for Balances<'_> {
    fn next(&mut self, slot: usize, _now: Instant, out: &mut Vec<u8>) -> Next {
        let Some(buyer) = self.buyers.get(self.next) else { return Next::Done };
        Template::get("/v1/api/user/amount", &[]).write(&buyer.token, out);
        if self.asking.len() <= slot {
            self.asking.resize(slot + 1, 0);
        }
        self.asking[slot] = self.next;
        self.next += 1;
        Next::Send
    }

    fn reply(&mut self, slot: usize, _now: Instant, reply: &Reply<'_>) -> bool {
        let amount = answer::data(reply.body).and_then(|data| data.amount);
        self.cases += 1;
        self.wrong += u64::from(amount != Some(self.buyers[self.asking[slot]].balance));
        reply.status == 200
    }

    fn keeps_body(&self) -> bool {
        true
    }
}
