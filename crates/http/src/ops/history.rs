//! What happened, to be scrolled back through.

use std::collections::BTreeMap;

use axum::extract::State;
use onsale_domain::ids::INTEGER_MAX;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::{Done, success};
use crate::app::App;
use crate::night::Figures;
use crate::problem::{Code, Problem};
use crate::query::{Query, number};

/// The most points of one answer: more than a screen has columns.
const POINTS_MAX: usize = 4_000;
/// How many, where nobody says.
const POINTS: usize = 600;

/// The figures of a time.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OpsHistory)]
pub(crate) struct Past {
    /// How many seconds each point stands for.
    #[schema(minimum = 1, example = 10)]
    step_seconds: u64,
    /// The end of each point's time, in seconds since 1970-01-01 UTC.
    at: Vec<u64>,
    /// By figure, one value for each point.
    series: BTreeMap<&'static str, Vec<f64>>,
}

/// Which time to show, in how many points.
#[derive(Deserialize)]
pub(super) struct Window {
    from: Option<String>,
    to: Option<String>,
    points: Option<String>,
}

pub(super) async fn show(State(app): State<App>, Query(window): Query<Window>) -> Done {
    let from = number("from", window.from.as_deref(), (0, INTEGER_MAX), 0)?;
    let to = number("to", window.to.as_deref(), (0, INTEGER_MAX), INTEGER_MAX)?;
    let points = number("points", window.points.as_deref(), (1, POINTS_MAX as u64), POINTS as u64)?;
    let monitor = app.shared.monitor.clone();
    // It reads a file, for which buyers should not wait.
    let read = tokio::task::spawn_blocking(move || monitor.series(from, to, points as usize)).await;
    let series = read.map_err(|_| Problem::new(Code::Unavailable))?;
    let mut past = Past {
        step_seconds: series.step_s,
        at: series.points.iter().map(|&(at, _)| at).collect(),
        series: Figures::NAMES.iter().map(|&name| (name, Vec::with_capacity(series.points.len()))).collect(),
    };
    for (name, value) in series.points.iter().flat_map(|(_, figures)| figures.pairs()) {
        past.series.entry(name).or_default().push(value);
    }
    success(past)
}
