//! What a run does: read from TOML, every key with a default, each mistake named by its key.

mod check;
mod duration;
mod outlook;

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use toml::{Table, Value};

pub use duration::Span;
pub use outlook::Outlook;

/// The commented default plan.
pub const DEFAULT: &str = include_str!("../../../../loadtest/plan.toml");
/// What a quick run lays over it, under one's own.
pub const QUICK: &str = include_str!("../../../../loadtest/quick.toml");

/// A plan that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the plan cannot be used: {0}")]
pub struct Error(pub String);

/// A plan; `loadtest/plan.toml` says what each key means.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub name: String,
    pub seed: u64,
    pub thresholds: Thresholds,
    pub load: Load,
    pub token: Token,
    pub check: Check,
    pub schedule: Schedule,
    pub seat: Seat,
    pub reserve: Reserve,
    pub journey: Journey,
    pub crash: Crash,
    pub overload: Overload,
    pub selection: Selection,
    pub rules: Rules,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    pub p99_ms: f64,
    pub failures_percent: f64,
    pub useful_percent: f64,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Load {
    pub connections: usize,
    pub step: Span,
    pub warm_up: Span,
    pub runs: u32,
    pub tries: u32,
    pub quiet_max: Span,
    pub rate_start: f64,
    pub rate_max: f64,
    pub reply_max: Span,
    pub sample_every: Span,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Token {
    pub connections_min: usize,
    pub connections_max: usize,
    pub cost: u64,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Check {
    pub waiting: Vec<u64>,
    pub rate: f64,
    pub duration: Span,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    pub schedules: u64,
    pub seats: u64,
    pub rate: f64,
    pub changes_per_second: Vec<f64>,
    pub freshness_cases: u64,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Seat {
    pub seats: u64,
    pub readers: Vec<usize>,
    pub reservations_per_second: f64,
    pub consistency: Span,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Reserve {
    pub contenders: usize,
    pub hot_seats: u64,
    pub seats: u64,
    pub favourite_exponent: f64,
    pub pairs: usize,
    pub pairs_duration: Span,
    pub stall: Span,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Journey {
    pub connections: usize,
    pub active_limit: u32,
    pub session_ttl: Span,
    pub waiting_ttl: Span,
    pub waiting_grace: Span,
    pub hold_ttl: Span,
    pub limit: Span,
    pub arrivals: Vec<Arrivals>,
    pub sections: Vec<Sections>,
    /// Whether people come with an entry token, where the run starts the server.
    pub signed: bool,
    pub people: People,
    pub groups: Groups,
    pub standing: Standing,
}

/// Places to stand, where the run starts the server.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    pub places: u64,
    pub amount: u64,
    /// Who wants to stand, of all who come.
    pub percent: f64,
}

/// Those who want several seats in one hold.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Groups {
    /// Of all who come.
    pub percent: f64,
    /// At least and at most.
    pub seats: [u8; 2],
    /// Those who leave it to the service which seats they get, of all who come, where the run starts the server.
    pub best_percent: f64,
    pub best_seats: [u8; 2],
}

impl Groups {
    /// Everybody comes for one seat.
    pub const NONE: Self = Self { percent: 0.0, seats: [2, 2], best_percent: 0.0, best_seats: [1, 1] };

    /// The same people where so many seats at most can be had in one call.
    pub(crate) fn within(self, most: Option<u8>) -> Self {
        let [least, own] = self.seats;
        match most {
            Some(most) if most > 1 => Self { seats: [least.min(most), own.min(most)], ..self.by_name() },
            Some(_) | None => Self::NONE,
        }
    }

    /// The same people where all name their seats.
    pub(crate) fn by_name(self) -> Self {
        Self { best_percent: 0.0, ..self }
    }

    /// Seats that somebody wants, in the mean.
    #[must_use]
    pub fn seats_mean(&self) -> f64 {
        let more = |percent: f64, seats: [u8; 2]| {
            let [least, most] = seats.map(f64::from);
            percent / 100.0 * (f64::midpoint(least, most) - 1.0)
        };
        1.0 + more(self.percent, self.seats) + more(self.best_percent, self.best_seats)
    }

    /// The most that anybody wants at once.
    pub(crate) fn most(&self) -> u8 {
        self.seats[1].max(self.best_seats[1])
    }
}

/// People who come evenly over a time.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Arrivals {
    pub over: Span,
    pub people: u32,
}

/// Sections that are alike.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Sections {
    pub count: u64,
    pub rows: u64,
    pub seats: u64,
    pub amount: u64,
    /// For a child, where it is another; where the run starts the server.
    #[serde(default)]
    pub child: Option<u64>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct People {
    pub poll_factor: f64,
    /// At least, mostly, at most.
    pub think: [Span; 3],
    pub favourite_exponent: f64,
    pub leave_percent: f64,
    pub silent_percent: f64,
    pub lapse_percent: f64,
    pub retry_percent: f64,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Crash {
    pub rate: f64,
    pub kill_after: Span,
    pub go_on: Span,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Overload {
    pub multiples: Vec<f64>,
    pub batch_max: u32,
    pub commit_interval: Span,
    pub pending_max: u32,
    pub step: Span,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    pub contenders: usize,
    pub duration: Span,
    pub people: u32,
    pub seats: u64,
    pub outage: Span,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    pub at_once: usize,
    pub wait: Span,
}

impl Journey {
    /// All who come.
    #[must_use]
    pub fn people_count(&self) -> u64 {
        self.arrivals.iter().map(|phase| u64::from(phase.people)).sum()
    }

    /// All seats of the hall.
    #[must_use]
    pub fn seat_count(&self) -> u64 {
        let seats: u64 = self.sections.iter().map(|group| group.count * group.rows * group.seats).sum();
        seats + self.standing.places
    }
}

/// A plan, and the TOML that would give it again.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    pub plan: Plan,
    pub text: String,
}

/// The default plan, with the reductions of a quick run over it where it is one, and `own` over both.
///
/// # Errors
/// [`Error`], with the key that is wrong, or the place in the file.
pub fn load(own: Option<&Path>, quick: bool, seed: Option<u64>) -> Result<Loaded> {
    let text = match own {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| Error(format!("{}: {error}", path.display())));
            Some(text.with_context(|| format!("reading {}", path.display()))?)
        }
        None => None,
    };
    from_text(text.as_deref(), quick, seed)
}

/// As [`load`], from text.
///
/// # Errors
/// As [`load`].
pub fn from_text(own: Option<&str>, quick: bool, seed: Option<u64>) -> Result<Loaded> {
    let mut table = parse(DEFAULT)?;
    // What somebody has written down is meant; the reductions fill what is open.
    if quick {
        lay_over(&mut table, parse(QUICK)?);
    }
    if let Some(own) = own {
        lay_over(&mut table, parse(own)?);
    }
    if let Some(seed) = seed {
        let seed = i64::try_from(seed).map_err(|_| Error("seed: must be below 2^63".to_owned()))?;
        table.insert("seed".to_owned(), Value::Integer(seed));
    }
    let text = toml::to_string(&table)?;
    let plan: Plan = serde_path_to_error::deserialize(Value::Table(table))
        .map_err(|error| Error(format!("{}: {}", error.path(), error.inner())))?;
    check::check(&plan).map_err(Error)?;
    Ok(Loaded { plan, text })
}

fn parse(text: &str) -> Result<Table, Error> {
    text.parse().map_err(|error| Error(format!("{error}")))
}

/// Tables are merged; everything else is replaced.
fn lay_over(table: &mut Table, over: Table) {
    for (key, value) in over {
        match (table.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => lay_over(below, above),
            (_, value) => {
                table.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(own: &str) -> String {
        from_text(Some(own), false, None).unwrap_err().to_string()
    }

    #[test]
    fn the_default_and_the_quick_plan_are_sound() {
        let full = from_text(None, false, None).unwrap().plan;
        let quick = from_text(None, true, Some(7)).unwrap().plan;
        assert_eq!((full.journey.seat_count(), full.seed), (50_000, 1));
        assert_eq!((quick.journey.seat_count(), quick.seed), (2_000, 7));
    }

    #[test]
    fn ones_own_plan_rules_over_the_reductions_of_a_quick_run() {
        let own = "[journey]\nlimit = \"90s\"\narrivals = [{ over = \"1s\", people = 7 }]\n";
        let plan = from_text(Some(own), true, None).unwrap().plan;
        assert_eq!((plan.journey.limit.as_secs(), plan.journey.people_count()), (90, 7));
        assert_eq!(plan.journey.seat_count(), 2_000, "what is open is reduced");
    }

    #[test]
    fn what_a_run_had_gives_the_same_run_again() {
        let own = "seed = 5\n[journey]\nactive_limit = 77\n";
        let first = from_text(Some(own), true, None).unwrap();
        let again = from_text(Some(&first.text), false, None).unwrap();
        assert_eq!(again.plan, first.plan);
    }

    #[test]
    fn mistakes_are_named_by_their_key() {
        assert!(refused("[journey]\nactive_limits = 7").contains("active_limits"), "{}", refused("[journey]\nx = 7"));
        assert!(refused("[load]\nstep = \"soon\"").contains("load.step"));
        assert!(refused("[thresholds]\np99_ms = 0.0").contains("thresholds.p99_ms"));
        assert!(refused("[journey.people]\nlapse_percent = 101.0").contains("journey.people.lapse_percent"));
        assert!(refused("[journey]\nsections = []").contains("journey.sections"));
        assert!(refused("seed = [").contains("line 1"), "{}", refused("seed = ["));
    }
}
