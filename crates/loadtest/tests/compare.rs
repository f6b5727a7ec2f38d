//! Two reports beside each other.

use onsale_loadtest::compare::{Change, Comparison};
use onsale_loadtest::report::Report;

fn sample() -> Report {
    Report::from_json(include_str!("data/report.json")).unwrap()
}

#[test]
fn a_report_is_the_same_as_itself() {
    let comparison = Comparison::of(&sample(), &sample());
    assert!(comparison.caveats.is_empty() && comparison.changes.is_empty());
    assert!(comparison.rows.len() > 40);
    assert!(
        comparison.rows.iter().all(|row| matches!(row.change, Change::Noise(_) | Change::Neutral(_) | Change::Unknown))
    );
    assert!(comparison.worst_percent() < f64::EPSILON);
}

#[test]
fn what_became_worse_is_told() {
    let mut after = sample();
    after.crash.as_mut().unwrap().first_answer_after_ms *= 2.0;
    after.audit[0].passed = false;
    after.environment.machine.cores = 8;
    let capacity = after.targets[0].capacity.as_mut().unwrap();
    capacity.per_second *= 3.0;
    capacity.spread = None;
    let comparison = Comparison::of(&sample(), &after);
    let text = comparison.to_string();
    assert!((comparison.worst_percent() - 100.0).abs() < 1e-9, "{text}");
    for told in ["+100.0 %, WORSE", "+200.0 %, better", "does not hold any more", "cores differs: 2, then 8"] {
        assert!(text.contains(told), "{told} is not told:\n{text}");
    }
}

#[test]
fn what_only_one_of_them_has_is_shown() {
    let mut after = sample();
    after.journey = None;
    let text = Comparison::of(&sample(), &after).to_string();
    assert!(text.contains("sold out after"), "{text}");
    assert_eq!(Comparison::of(&after, &sample()).rows.len(), Comparison::of(&sample(), &after).rows.len());
}
