//! Which endpoints are worth a load test, by measurement.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The matrix of eight endpoints and four criteria.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Selection {
    /// The four, each with the weight that was fixed beforehand.
    pub criteria: Vec<Criterion>,
    /// All eight, by rank.
    pub endpoints: Vec<Endpoint>,
    /// What was measured and how, in sentences.
    pub method: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Criterion {
    /// `concurrency`, `database`, `traffic`, `single_point`.
    pub id: String,
    pub title: String,
    /// What its raw value is.
    pub unit: String,
    pub weight: f64,
}

#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Endpoint {
    /// `token`, `check`, `charge`, `balance`, `schedule`, `seat`, `reserve`, `payment`.
    pub id: String,
    /// `POST /v1/api/queue/token`.
    pub endpoint: String,
    /// 1 is the first.
    pub rank: u32,
    /// The weighted sum of the scores, 0 to 100.
    pub total: f64,
    /// In the order of `Selection::criteria`.
    pub measures: Vec<Measure>,
    /// Whether it is tested.
    pub is_target: bool,
    /// Whether it is tested because its rank is above one of the mission's five.
    pub is_added: bool,
    /// Why it ranks where it does, in a sentence with figures.
    pub reason: String,
}

/// One cell of the matrix.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Measure {
    /// In the unit of its criterion; `null` where it could not be observed.
    pub value: Option<f64>,
    /// 0 to 100: the value as a part of the greatest in its column.
    pub score: f64,
    /// What stands behind it, in words: "312 conflicts in 4,000 commands".
    pub detail: String,
}
