//! What a run found, as data: `report.json`. Everything that a person reads, on the terminal or in the browser, is
//! made from this and from nothing else.
//!
//! The form is versioned by [`SCHEMA`]: fields are added freely, and whoever reads must ignore what it does not know;
//! a field that changes its meaning or goes away makes a new version. Times are in milliseconds, rates per second,
//! sizes in bytes, CPU in cores (1.0 = one core busy), unless a name says otherwise. What could not be observed is
//! `null`, and a `reason` beside it says why; a reason is never given beside a value.

mod audit;
mod environment;
mod figure;
mod overload;
mod sale;
mod selection;
mod step;
mod target;
mod verdict;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use audit::Check;
pub use environment::{Build, Durability, Environment, Machine, Placement, Prepared, Server};
pub use figure::{Figure, Spread};
pub use overload::{Multiple, Overload};
pub use sale::{Crash, Journey, SellOut};
pub use selection::{Criterion, Endpoint, Measure, Selection};
pub use step::{Latency, Resources, Seconds, Step};
pub use target::{Capacity, EndedBy, Part, Target};
pub use verdict::{Answer, Answers, Status, Threshold, ThresholdKind, Verdict};

/// The version of the form, in the field `schema`.
pub const SCHEMA: &str = "onsale-loadtest/1";

/// A whole run.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// The name that the plan gives itself.
    pub name: String,
    /// Whether sizes were reduced: then speed decides nothing.
    pub quick: bool,
    /// Whether a signal ended the run: it has the parts that were done by then, and no verdict on the others.
    #[serde(default)]
    pub cut_short: bool,
    /// The seed that everything random came from.
    pub seed: u64,
    /// RFC 3339, in UTC.
    pub started_at: String,
    pub duration_s: f64,
    pub verdict: Verdict,
    pub answers: Answers,
    pub environment: Environment,
    /// Users that were made before the first part; `null` where none had to be.
    #[serde(default)]
    pub prepared: Option<Prepared>,
    /// The effective plan, as the TOML that would repeat this run.
    pub plan: String,
    /// `null` where the run had no such part; `left_out` says why.
    pub selection: Option<Selection>,
    /// The endpoints under test, in the order of the ranking.
    pub targets: Vec<Target>,
    pub journey: Option<Journey>,
    pub crash: Option<Crash>,
    pub overload: Option<Overload>,
    /// Every check of the independent audit, by part of the run and then by name.
    pub audit: Vec<Check>,
    /// Every threshold, met or not.
    pub thresholds: Vec<Threshold>,
    /// Parts of the plan that did not run, each with its reason.
    pub left_out: Vec<LeftOut>,
}

/// A part that did not run.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// As in the plan: `crash`, `overload`, …
    pub part: String,
    pub reason: String,
}

impl Report {
    /// Whether a limit was compared with nothing, or with what a late load has measured.
    pub(crate) fn is_speed_unknown(&self) -> bool {
        self.thresholds.iter().any(|threshold| threshold.status == Status::Invalid)
    }

    /// Whether it has nothing that was measured or judged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty() && self.journey.is_none() && self.crash.is_none() && self.audit.is_empty()
    }

    /// The verdict in a word, or as few as it takes not to promise more.
    pub(crate) fn verdict_word(&self) -> &'static str {
        match self.verdict.status {
            Status::Pass if self.is_speed_unknown() => "Correct; speed not shown",
            Status::Pass => "Pass",
            Status::Invalid if self.cut_short => "Cut short",
            Status::Invalid => "Invalid",
            Status::Fail => "Fail",
        }
    }

    /// The report in the form of `report.json`.
    ///
    /// # Errors
    /// When a value is not a number, which no measurement may be.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }

    /// The form of `report.json` as a JSON Schema (draft 2020-12), made from these types.
    #[must_use]
    pub fn json_schema() -> serde_json::Value {
        let mut schema = schemars::schema_for!(Self).to_value();
        schema["$id"] = SCHEMA.into();
        schema["title"] = "report.json of onsale loadtest".into();
        schema["properties"]["schema"]["const"] = SCHEMA.into();
        schema
    }

    /// Reads `report.json`.
    ///
    /// # Errors
    /// When it is not JSON, of another version, or a field is missing or of another type; the error names it.
    pub fn from_json(text: &str) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct Version {
            schema: String,
        }
        let version: Version = serde_json::from_str(text).map_err(|error| anyhow::anyhow!("schema: {error}"))?;
        anyhow::ensure!(version.schema == SCHEMA, "schema: this is `{}`, and `{SCHEMA}` is known", version.schema);
        let mut deserializer = serde_json::Deserializer::from_str(text);
        serde_path_to_error::deserialize(&mut deserializer)
            .map_err(|error| anyhow::anyhow!("{}: {}", error.path(), error.inner()))
    }
}
