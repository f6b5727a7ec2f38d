//! A seat list of 50,000 seats while 5,000 seats a second change.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::inside;
use crate::catalog::STADIUM_SEATS;
use crate::compare::{Side, Trial, in_turns, learn};
use crate::context::Context;
use crate::http;
use crate::load::{self, Pace, Plan, Report};
use crate::measure::{self, Round, Spread};
use crate::process::{Floor, Service};
use crate::report::{Figure, Findings};
use crate::request::Template;
use crate::sources::{Churn, Repeat, Tokens};

const CHANGES_PER_SECOND: f64 = 5_000.0;
/// Seats that are held at any time while they change.
const HELD: usize = 5_000;
const READERS: u64 = 1_000;
const WRITERS: u64 = 10_000;
/// Few: each reply is long.
const READ_CONNECTIONS: usize = 16;
const WRITE_CONNECTIONS: usize = 256;
const PATH: &str = "/v1/api/concerts/seat?scheduleId=1";
const GZIP: &str = "Accept-Encoding: gzip";

struct Stadium {
    service: Service,
    readers: Arc<Tokens>,
    churn: Churn,
}

pub(super) fn run(context: &Context) -> Result<Findings> {
    let service = inside::service(context, 1, STADIUM_SEATS)?;
    let readers = inside::admit(&service, 1, READERS)?;
    let writers = inside::admit(&service, READERS + 1, WRITERS)?;
    let churn = Churn::new(1, STADIUM_SEATS, HELD, writers);
    let mut stadium = Stadium { service, readers, churn };
    // Until as many seats are held as will be from now on.
    stadium.change(Duration::from_secs_f64(1.2 * HELD as f64 / CHANGES_PER_SECOND))?;
    let mut findings = Findings::default();
    for (name, headers) in [("seats (50,000)", &[][..]), ("seats (50,000), gzip", &[GZIP][..])] {
        findings.append(stadium.compare(context, name, &Template::get(PATH, headers))?);
    }
    findings.figures.push(stadium.compressed_size()?);
    Ok(findings)
}

/// What one round of ours came to.
struct Reading {
    round: Round,
    /// Of the server for reads and changes together.
    cpu: Duration,
    change_cpu_us: f64,
    changes_per_second: f64,
}

impl Stadium {
    fn compare(&mut self, context: &Context, name: &'static str, template: &Template) -> Result<Findings> {
        let reply = learn(&self.service, &mut self.reads(template))?;
        let floor = Floor::start(&reply.raw, &context.server_cores)?;
        self.read_while_changing(context.warm_up, template)?;
        let mut readings = Vec::new();
        let rounds = in_turns(context.pairs, name, &mut |side| match side {
            Side::Floor => measure::closed(&floor, READ_CONNECTIONS, context.round, &mut self.reads(template)),
            Side::Ours => {
                let reading = self.read_while_changing(context.round, template)?;
                let round = reading.round;
                readings.push(reading);
                Ok(round)
            }
        })?;
        let trial = Trial { name, connections: READ_CONNECTIONS, ratio_min: 0.60, latency: None };
        let mut comparison = rounds.into_comparison(&trial, &reply);
        let median = |figure: &dyn Fn(&Reading) -> f64| Spread::of(readings.iter().map(figure)).median;
        let gross = median(&|reading| reading.round.completed as f64 / reading.cpu.as_secs_f64());
        comparison.notes.push(format!(
            "the changes took {:.1} µs CPU each without reads, which is subtracted; without that {gross:.0} req/CPU-s, \
             ratio {:.3}",
            median(&|reading| reading.change_cpu_us),
            gross / comparison.floor.per_cpu_second
        ));
        let missing = 100.0 * (1.0 - median(&|reading| reading.changes_per_second) / CHANGES_PER_SECOND);
        let kept =
            Figure::at_most(&format!("{name}: changes a second missing of 5,000"), missing, "%", 5.0, Vec::new());
        Ok(Findings { comparisons: vec![comparison], figures: vec![kept], ..Findings::default() })
    }

    fn reads(&self, template: &Template) -> Repeat {
        Repeat::new(template.clone(), Arc::clone(&self.readers), 200)
    }

    /// Changes seats at the fixed rate and does nothing else.
    fn change(&mut self, limit: Duration) -> Result<Report> {
        change(&self.service, &mut self.churn, limit)
    }

    /// One round of changes alone, for their price, and one of changes and reads.
    fn read_while_changing(&mut self, limit: Duration, template: &Template) -> Result<Reading> {
        let mut reads = self.reads(template);
        let (service, churn) = (&self.service, &mut self.churn);
        let (alone, alone_cpu) = measure::with_cpu(service, || change(service, churn, limit))?;
        let change_cpu = alone_cpu.div_f64(alone.completed.max(1) as f64);
        let plan = Plan::new(service.address(), READ_CONNECTIONS, Pace::Closed, limit);
        let ((read, changed), cpu) = measure::with_cpu(service, || {
            std::thread::scope(|scope| {
                let changing = scope.spawn(|| change(service, churn, limit));
                let read = load::run(&plan, &mut reads)?.checked()?;
                let changed = changing.join().map_err(|_| anyhow::anyhow!("the writer panicked"))??;
                Ok((read, changed))
            })
        })?;
        let net = cpu.saturating_sub(change_cpu.mul_f64(changed.completed as f64));
        Ok(Reading {
            round: Round { completed: read.completed, wall: read.elapsed, cpu: net },
            cpu,
            change_cpu_us: change_cpu.as_secs_f64() * 1e6,
            changes_per_second: changed.per_second(),
        })
    }

    /// The compressed body beside what `gzip -6` makes of the plain one.
    fn compressed_size(&self) -> Result<Figure> {
        let body = |headers: &[&str]| -> Result<Vec<u8>> {
            let request = Template::get(PATH, headers).with(self.readers.get(0));
            Ok(http::call(self.service.address(), &request)?.success()?.body)
        };
        let (plain, compressed) = (body(&[])?, body(&[GZIP])?);
        let gzip = gzip(&plain)?;
        let notes = vec![format!(
            "{} bytes plain, {} compressed, {} by gzip -6, with {HELD} seats held all over",
            plain.len(),
            compressed.len(),
            gzip.len()
        )];
        let ratio = compressed.len() as f64 / gzip.len() as f64;
        Ok(Figure::at_most("seats (50,000), gzip: size to that of gzip -6", ratio, "×", 1.2, notes))
    }
}

fn change(service: &Service, churn: &mut Churn, limit: Duration) -> Result<Report> {
    let pace = Pace::Open { per_second: CHANGES_PER_SECOND };
    let plan = Plan::new(service.address(), WRITE_CONNECTIONS, pace, limit);
    load::run(&plan, churn)?.checked()
}

/// What the `gzip` program makes of `input`.
fn gzip(input: &[u8]) -> Result<Vec<u8>> {
    let mut command = Command::new("gzip");
    let mut child = command.arg("-6c").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("running gzip")?;
    let mut stdin = child.stdin.take().context("gzip without stdin")?;
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input));
        child.wait_with_output()
    })?;
    ensure!(output.status.success(), "gzip ended with {}", output.status);
    Ok(output.stdout)
}
