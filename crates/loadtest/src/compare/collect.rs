//! What two reports have to be asked.

use super::{Fact, Wish};
use crate::report::{Check, Crash, Figure, Journey, Overload, Report, Step, Target};

/// Everything that is measured, in the order of a report.
pub(super) fn facts(report: &Report) -> Vec<Fact> {
    let mut facts: Vec<Fact> = report.targets.iter().flat_map(target).collect();
    facts.extend(report.journey.iter().flat_map(journey));
    facts.extend(report.crash.iter().flat_map(crash));
    facts.extend(report.overload.iter().flat_map(overload));
    facts
}

fn target(target: &Target) -> Vec<Fact> {
    let proven = target.capacity.as_ref().filter(|capacity| capacity.unproven.is_none());
    let capacity = proven.map(|capacity| Fact {
        spread: capacity.spread,
        ..fact(&target.id, "capacity", "/s", Wish::More, Some(capacity.per_second))
    });
    let parts = target.parts.iter().flat_map(|part| {
        let name = format!("{}, {}", target.id, part.title);
        figures(&name, &part.figures).into_iter().chain(steps(&name, &part.steps)).collect::<Vec<_>>()
    });
    capacity.into_iter().chain(parts).collect()
}

fn journey(journey: &Journey) -> Vec<Fact> {
    let mut facts = vec![
        fact("journey", "sold out after", "s", Wish::Less, journey.sold_out_s.filter(|_| !journey.is_late())),
        fact("journey", "50,000 seats at this pace", "s", Wish::Less, journey.stadium_s),
    ];
    facts.extend(figures("journey", &journey.figures));
    facts.extend(steps("journey", &journey.steps));
    facts
}

fn crash(crash: &Crash) -> Vec<Fact> {
    let mut facts = vec![
        fact("crash", "acknowledged and lost", "", Wish::Less, Some(crash.lost as f64)),
        fact("crash", "first answer after", "ms", Wish::Less, Some(crash.first_answer_after_ms)),
    ];
    facts.extend(figures("crash", &crash.figures));
    facts
}

fn overload(overload: &Overload) -> Vec<Fact> {
    let is_known = overload.capacity_invalid.is_none();
    let capacity = Some(overload.capacity_per_second).filter(|_| is_known);
    let capacity = fact("overload", "capacity of this part", "/s", Wish::More, capacity);
    let valid = overload.multiples.iter().filter(|multiple| is_known && multiple.step.valid);
    let multiples = valid.flat_map(|multiple| {
        let useful = format!("useful work at {} ×", multiple.asked);
        let refusals = format!("p99 of refusals at {} ×", multiple.asked);
        [
            fact("overload", &useful, "%", Wish::More, Some(multiple.useful_percent)),
            fact("overload", &refusals, "ms", Wish::Less, multiple.refusal_p99_ms),
        ]
    });
    std::iter::once(capacity).chain(multiples).chain(figures("overload", &overload.figures)).collect()
}

fn figures(part: &str, figures: &[Figure]) -> Vec<Fact> {
    let of = |figure: &Figure| Fact {
        spread: figure.spread,
        ..fact(part, &figure.title, &figure.unit, wish(&figure.unit), figure.value)
    };
    figures.iter().map(of).collect()
}

/// Latencies of the steps that are in order; those of others say nothing.
fn steps(part: &str, steps: &[Step]) -> Vec<Fact> {
    let valid = steps.iter().filter(|step| step.valid && step.latency.count > 0);
    let of = |step: &Step| {
        [
            fact(part, &format!("{}: p50", step.name), "ms", Wish::Less, Some(step.latency.p50)),
            fact(part, &format!("{}: p99", step.name), "ms", Wish::Less, Some(step.latency.p99)),
        ]
    };
    valid.flat_map(of).collect()
}

fn fact(part: &str, title: &str, unit: &str, wish: Wish, value: Option<f64>) -> Fact {
    Fact { part: part.to_owned(), title: title.to_owned(), unit: unit.to_owned(), wish, value, spread: None }
}

/// What is good about a figure, as far as its unit tells: rates should rise, times and costs should fall, and of a
/// plain number it is not known.
fn wish(unit: &str) -> Wish {
    if unit.ends_with("/s") {
        return Wish::More;
    }
    if matches!(unit, "ms" | "s" | "µs" | "bytes" | "cores") { Wish::Less } else { Wish::Neither }
}

/// What else is different.
pub(super) fn caveats(before: &Report, after: &Report) -> Vec<String> {
    let (old, new) = (&before.environment, &after.environment);
    let pairs = [
        ("the processor", format!("{:?}", old.machine.cpu_model), format!("{:?}", new.machine.cpu_model)),
        ("cores", old.machine.cores.to_string(), new.machine.cores.to_string()),
        ("the kernel", format!("{:?}", old.machine.kernel), format!("{:?}", new.machine.kernel)),
        ("the file system", format!("{:?}", old.machine.file_system), format!("{:?}", new.machine.file_system)),
        ("durability", format!("{:?}", old.server.durability.text), format!("{:?}", new.server.durability.text)),
        ("a quick run", before.quick.to_string(), after.quick.to_string()),
        ("a shared core", old.placement.is_shared.to_string(), new.placement.is_shared.to_string()),
        ("the seed", before.seed.to_string(), after.seed.to_string()),
    ];
    let mut caveats: Vec<String> = pairs
        .into_iter()
        .filter(|(_, old, new)| old != new)
        .map(|(name, old, new)| format!("{name} differs: {old}, then {new}").replace('"', ""))
        .collect();
    if before.plan != after.plan {
        caveats.push("the plans differ".to_owned());
    }
    caveats
}

/// Results that are not figures.
pub(super) fn changes(before: &Report, after: &Report) -> Vec<String> {
    let mut changes = Vec::new();
    if before.verdict.status != after.verdict.status {
        let (old, new) = (before.verdict.status, after.verdict.status);
        changes.push(format!("the verdict: {old:?}, then {new:?}"));
    }
    let same = |one: &Check, other: &Check| one.id == other.id && one.part == other.part;
    for check in &after.audit {
        let earlier = before.audit.iter().find(|earlier| same(earlier, check));
        match (earlier.map(|earlier| earlier.passed), check.passed) {
            (Some(true) | None, false) => {
                changes.push(format!("{} does not hold any more ({}, {})", check.title, check.id, check.part));
            }
            (Some(false), true) => changes.push(format!("{} holds now ({}, {})", check.title, check.id, check.part)),
            (Some(true) | None, true) | (Some(false), false) => {}
        }
    }
    for check in before.audit.iter().filter(|check| !after.audit.iter().any(|later| same(later, check))) {
        changes.push(format!("{} was judged before, and is not now ({}, {})", check.title, check.id, check.part));
    }
    changes
}
