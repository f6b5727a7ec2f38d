//! The calls that people make, and what each took.

use std::time::{Duration, Instant};

use anyhow::Result;
use hdrhistogram::Histogram;

use crate::load::{Second, Seconds};
use crate::measure::latency_of;
use crate::report;

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Token,
    Check,
    Schedule,
    Seat,
    Reserve,
    Charge,
    Balance,
    Payment,
    Leave,
}

impl Call {
    pub const ALL: [Self; 9] = [
        Self::Token,
        Self::Check,
        Self::Schedule,
        Self::Seat,
        Self::Reserve,
        Self::Charge,
        Self::Balance,
        Self::Payment,
        Self::Leave,
    ];

    /// Its name in reports.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Check => "check",
            Self::Schedule => "schedule",
            Self::Seat => "seat",
            Self::Reserve => "reserve",
            Self::Charge => "charge",
            Self::Balance => "balance",
            Self::Payment => "payment",
            Self::Leave => "leave",
        }
    }

    /// Method and path of the eight; `None` for what is beside them.
    #[must_use]
    pub fn endpoint(self) -> Option<&'static str> {
        match self {
            Self::Token => Some("POST /v1/api/queue/token"),
            Self::Check => Some("POST /v1/api/queue/token/check"),
            Self::Schedule => Some("GET /v1/api/concerts/schedule"),
            Self::Seat => Some("GET /v1/api/concerts/seat"),
            Self::Reserve => Some("POST /v1/api/concerts/reserve"),
            Self::Charge => Some("POST /v1/api/user/amount"),
            Self::Balance => Some("GET /v1/api/user/amount"),
            Self::Payment => Some("POST /v1/api/concerts/payment"),
            Self::Leave => None,
        }
    }
}

/// Counts and latencies of one call.
#[derive(Debug)]
pub(super) struct Record {
    nanos: Histogram<u64>,
    seconds: Seconds,
    pub(super) sent: u64,
    pub(super) completed: u64,
    failed: u64,
    unsent: u64,
    bytes_in: u64,
    first_failure: Option<String>,
}

/// One record for each call.
#[derive(Debug)]
pub(super) struct Records {
    pub(super) by_call: Vec<Record>,
    pub(super) started: Instant,
}

impl Records {
    pub(super) fn new(started: Instant) -> Result<Self> {
        let record = || -> Result<Record> {
            Ok(Record {
                nanos: Histogram::new_with_max(60_000_000_000, 3)?,
                seconds: Seconds::new()?,
                sent: 0,
                completed: 0,
                failed: 0,
                unsent: 0,
                bytes_in: 0,
                first_failure: None,
            })
        };
        Ok(Self { by_call: Call::ALL.iter().map(|_| record()).collect::<Result<_>>()?, started })
    }

    pub(super) fn sent(&mut self, call: Call, now: Instant) {
        let record = &mut self.by_call[call as usize];
        record.seconds.pass(now - self.started, &mut ());
        record.sent += 1;
        record.seconds.current.sent += 1;
    }

    pub(super) fn replied(&mut self, call: Call, intended: Instant, now: Instant, bytes: u64) {
        let latency = now.saturating_duration_since(intended);
        let record = &mut self.by_call[call as usize];
        record.seconds.pass(now - self.started, &mut ());
        record.nanos.saturating_record(u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX));
        record.seconds.reply(latency);
        record.completed += 1;
        record.bytes_in += bytes;
    }

    pub(super) fn failed(&mut self, call: Call, why: impl FnOnce() -> String) {
        let record = &mut self.by_call[call as usize];
        record.failed += 1;
        record.seconds.current.failed += 1;
        record.first_failure.get_or_insert_with(why);
    }

    /// Somebody was due to make this call, and never could.
    pub(super) fn unsent(&mut self, call: Call) {
        self.failed(call, || "it was due and never sent, as every connection waited for an answer".to_owned());
        self.by_call[call as usize].unsent += 1;
    }

    /// The replies of each second of the run, by call.
    pub(super) fn by_second(&self, call: Call) -> Vec<u64> {
        let record = &self.by_call[call as usize];
        record.seconds.over.iter().map(|second: &Second| second.completed).collect()
    }

    /// Everything, in the form of the report.
    pub(super) fn into_steps(self, elapsed: Duration, connections: u64) -> Vec<report::Step> {
        let steps = Call::ALL.into_iter().zip(self.by_call).filter(|(_, record)| record.sent + record.unsent > 0);
        steps
            .map(|(call, mut record)| {
                record.seconds.close(&mut ());
                let attempts = record.completed.max(record.sent) + record.unsent;
                report::Step {
                    name: call.id().to_owned(),
                    connections,
                    duration_s: elapsed.as_secs_f64(),
                    sent: record.sent,
                    completed: record.completed,
                    completed_per_second: record.completed as f64 / elapsed.as_secs_f64().max(1e-9),
                    failed: record.failed,
                    failed_percent: 100.0 * record.failed as f64 / (attempts as f64).max(1.0),
                    unsent: record.unsent,
                    first_failure: record.first_failure.map(|why| match call.endpoint() {
                        Some(endpoint) => format!("{endpoint}: {why}"),
                        None => why,
                    }),
                    latency: latency_of(&record.nanos),
                    valid: true,
                    bytes_in: record.bytes_in,
                    seconds: (&record.seconds).into(),
                    ..report::Step::default()
                }
            })
            .collect()
    }
}
