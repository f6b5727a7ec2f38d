//! Two runs beside each other: what became better, what became worse, and what is within their own noise.

mod collect;
mod text;

use crate::report::{Report, Spread};

/// A change that is smaller than this part says nothing where the runs tell no spread of their own.
const NOISE: f64 = 0.10;

/// Two reports, compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Why figures may differ although nothing that is under test does.
    pub caveats: Vec<String>,
    /// What can be found in either report, in the order of a report.
    pub rows: Vec<Row>,
    /// Audit checks whose result changed, and the verdict.
    pub changes: Vec<String>,
}

/// One figure of both runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub part: String,
    pub title: String,
    pub unit: String,
    pub before: Option<f64>,
    pub after: Option<f64>,
    pub change: Change,
}

/// What a change comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// By this many percent of the first, in the direction that is wished.
    Better(f64),
    Worse(f64),
    /// Within the spread of the runs, or within a tenth where there is none.
    Noise(f64),
    /// A figure that is neither good nor bad when it grows, by this many percent.
    Neutral(f64),
    /// Only one of the runs has it, or the first is zero.
    Unknown,
}

/// Which direction is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    More,
    Less,
    Neither,
}

/// What a report says in one place.
#[derive(Clone, Debug)]
struct Fact {
    part: String,
    title: String,
    unit: String,
    wish: Wish,
    value: Option<f64>,
    spread: Option<Spread>,
}

impl Comparison {
    /// Compares a run with an earlier one.
    #[must_use]
    pub fn of(before: &Report, after: &Report) -> Self {
        let (old, new) = (collect::facts(before), collect::facts(after));
        let mut rows: Vec<Row> = old.iter().map(|fact| fact.row(new.iter().find(|other| other.is_of(fact)))).collect();
        let is_new = |fact: &&Fact| !old.iter().any(|other| other.is_of(fact));
        rows.extend(new.iter().filter(is_new).map(|fact| Row {
            before: None,
            after: fact.value,
            change: Change::Unknown,
            ..fact.row(None)
        }));
        Self { caveats: collect::caveats(before, after), rows, changes: collect::changes(before, after) }
    }

    /// The greatest worsening, in percent; 0 where nothing became worse.
    #[must_use]
    pub fn worst_percent(&self) -> f64 {
        let worse = |row: &Row| match row.change {
            Change::Worse(percent) => percent.abs(),
            Change::Better(_) | Change::Noise(_) | Change::Neutral(_) | Change::Unknown => 0.0,
        };
        self.rows.iter().map(worse).fold(0.0, f64::max)
    }
}

impl Fact {
    fn is_of(&self, other: &Self) -> bool {
        self.part == other.part && self.title == other.title
    }

    fn row(&self, after: Option<&Self>) -> Row {
        Row {
            part: self.part.clone(),
            title: self.title.clone(),
            unit: self.unit.clone(),
            before: self.value,
            after: after.and_then(|after| after.value),
            change: after.map_or(Change::Unknown, |after| change(self, after)),
        }
    }
}

fn change(before: &Fact, after: &Fact) -> Change {
    let (Some(old), Some(new)) = (before.value, after.value) else { return Change::Unknown };
    if old == new {
        return Change::Noise(0.0);
    }
    if old == 0.0 {
        return Change::Unknown;
    }
    let percent = (new - old) / old.abs() * 100.0;
    let is_noise = match (before.spread, after.spread) {
        (Some(one), Some(other)) => one.min <= other.max && other.min <= one.max,
        (Some(_) | None, None) | (None, Some(_)) => percent.abs() <= NOISE * 100.0,
    };
    match before.wish {
        Wish::Neither => Change::Neutral(percent),
        Wish::More | Wish::Less if is_noise => Change::Noise(percent),
        Wish::More if percent > 0.0 => Change::Better(percent),
        Wish::Less if percent < 0.0 => Change::Better(percent),
        Wish::More | Wish::Less => Change::Worse(percent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(wish: Wish, value: f64, spread: Option<(f64, f64)>) -> Fact {
        let spread = spread.map(|(min, max)| Spread { min, max, runs: 3 });
        Fact { part: "a".to_owned(), title: "b".to_owned(), unit: String::new(), wish, value: Some(value), spread }
    }

    #[test]
    fn a_change_is_judged_by_what_is_wished() {
        let judged = |wish, old, new| change(&fact(wish, old, None), &fact(wish, new, None));
        assert_eq!(judged(Wish::More, 100.0, 150.0), Change::Better(50.0));
        assert_eq!(judged(Wish::More, 100.0, 50.0), Change::Worse(-50.0));
        assert_eq!(judged(Wish::Less, 100.0, 150.0), Change::Worse(50.0));
        assert_eq!(judged(Wish::Less, 100.0, 105.0), Change::Noise(5.0));
        assert_eq!(judged(Wish::Neither, 100.0, 150.0), Change::Neutral(50.0));
        assert_eq!(judged(Wish::Less, 0.0, 1.0), Change::Unknown);
    }

    #[test]
    fn the_runs_own_spread_is_its_noise() {
        let before = fact(Wish::More, 100.0, Some((70.0, 130.0)));
        assert_eq!(change(&before, &fact(Wish::More, 125.0, Some((120.0, 140.0)))), Change::Noise(25.0));
        assert_eq!(change(&before, &fact(Wish::More, 150.0, Some((140.0, 160.0)))), Change::Better(50.0));
    }
}
