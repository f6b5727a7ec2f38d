//! What all of it comes to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Figure;

/// The verdict, which is the exit status too.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub status: Status,
    /// 0, 1 or 3.
    pub exit_status: u8,
    /// One sentence.
    pub headline: String,
    /// What failed or was invalid, one sentence each; empty where all is well.
    pub reasons: Vec<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Pass,
    /// The generator or the machine was the limit, or a datum is missing: the run says nothing.
    Invalid,
    /// Something that must hold does not.
    Fail,
}

impl Status {
    /// 0 pass, 1 fail, 3 invalid.
    #[must_use]
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Fail => 1,
            Self::Invalid => 3,
        }
    }
}

/// The four questions that a report is opened for.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Answers {
    /// How many users can arrive per second.
    pub arrivals: Answer,
    /// How long until 50,000 seats are sold.
    pub sell_out: Answer,
    /// What breaks first, and why.
    pub breaks_first: Answer,
    /// What happens if the process dies.
    pub death: Answer,
}

/// A sentence, with the figure that it stands on.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Answer {
    pub question: String,
    pub text: String,
    pub figure: Option<Figure>,
}

/// One limit and what it was compared with.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Threshold {
    /// Stable: `token.p99`, `journey.failures`.
    pub id: String,
    pub title: String,
    /// The key of the plan that sets it.
    pub key: String,
    pub unit: String,
    /// `at_most` or `at_least`.
    pub kind: ThresholdKind,
    pub limit: f64,
    pub actual: Option<f64>,
    /// Why there is no actual value.
    pub reason: Option<String>,
    pub status: Status,
    /// Whether it decides the verdict: in a quick run only correctness does.
    pub decides: bool,
}

impl Threshold {
    /// What was compared was measured by a step that is invalid: it says nothing, whichever way it came out.
    pub(crate) fn distrust(&mut self, reason: &str) {
        self.status = Status::Invalid;
        self.actual = None;
        self.reason = Some(reason.to_owned());
    }

    /// The same of what would have been better: what was kept is kept all the same.
    pub(crate) fn excuse(&mut self, reason: &str) {
        if self.status == Status::Fail {
            self.distrust(reason);
        }
    }

    /// The same of what may be worse for all that is known, and no better: a miss stays one.
    pub(crate) fn doubt(&mut self, reason: &str) {
        if self.status != Status::Fail {
            self.distrust(reason);
        }
    }
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdKind {
    AtMost,
    AtLeast,
}
