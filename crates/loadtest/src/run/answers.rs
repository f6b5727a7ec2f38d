//! The four questions that a report is opened for.

use super::context::Run;
use super::whole::Parts;
use crate::interrupt;
use crate::report::{Answer, Answers, EndedBy, Figure, Status, Target};
use crate::targets::NO_RATE;

/// In place of a figure that a late load has measured.
const NOT_SHOWN: &str = "Not shown: the load was late, so the steps say nothing of the server.";

/// Whose time it is that a sell-out takes.
const PLANNED: &str = "Most of it is the plan's: how many may be inside at once, and how long people think.";

pub(super) fn of(parts: &Parts, run: &Run<'_>) -> Answers {
    Answers {
        arrivals: arrivals(parts),
        sell_out: sell_out(parts),
        breaks_first: breaks_first(parts, run),
        death: death(parts),
    }
}

fn answer(question: &str, text: String, figure: Option<Figure>) -> Answer {
    Answer { question: question.to_owned(), text, figure }
}

fn not_measured() -> String {
    "It was not measured.".to_owned()
}

/// What the test of an endpoint without a capacity says.
fn said(target: &Target) -> String {
    target.conclusion.clone()
}

fn capacity<'a>(parts: &'a Parts, id: &str) -> Option<&'a crate::report::Capacity> {
    parts.targets.iter().find(|target| target.id == id)?.capacity.as_ref()
}

fn arrivals(parts: &Parts) -> Answer {
    let found = capacity(parts, "token");
    let text = match found {
        Some(found) if found.unproven.is_some() => NOT_SHOWN.to_owned(),
        Some(found) => {
            let bound = match found.ended_by {
                EndedBy::Latency | EndedBy::Failures => "",
                EndedBy::Generator | EndedBy::Plan => "At least ",
            };
            format!(
                "{bound}{:.0} per second, each with a token; p99 was then {:.1} ms. Beyond: {}.",
                found.per_second, found.p99_ms, found.ended_why
            )
        }
        None => parts.targets.iter().find(|target| target.id == "token").map_or_else(not_measured, said),
    };
    let value = found.filter(|found| found.unproven.is_none()).map(|found| found.per_second);
    let reason = if found.is_some() { "the load was late" } else { "it was not measured" };
    let figure = Figure::maybe("arrivals", "Arrivals", value, "/s", "client", reason);
    answer("How many users can arrive per second?", text, Some(figure))
}

fn sell_out(parts: &Parts) -> Answer {
    let question = "How long until 50,000 seats are sold?";
    let Some(journey) = &parts.journey else { return answer(question, not_measured(), None) };
    let is_late = journey.is_late();
    let text = match (journey.sold_out_s, journey.stadium_s) {
        (Some(_), _) if is_late => {
            format!(
                "Not shown: all {} seats were sold, by a load that was late, so the time is not the server's.",
                journey.seats
            )
        }
        (Some(seconds), _) if journey.seats == 50_000 => {
            format!(
                "{seconds:.1} seconds from the first arrival to the last payment, by {} people. {PLANNED}",
                journey.people
            )
        }
        (Some(seconds), Some(stadium)) => format!(
            "{} seats were sold out in {seconds:.1} s; at the pace of its busiest part, 50,000 would take {stadium:.0} s. {PLANNED}",
            journey.seats
        ),
        (None, _) if interrupt::is_asked() => {
            format!("It was not sold out yet when the run was cut short: {} seats were left.", journey.seats_left)
        }
        (None, _) => format!("It was not sold out within the plan's limit: {} seats were left.", journey.seats_left),
        (Some(seconds), None) => format!("{} seats were sold out in {seconds:.1} s.", journey.seats),
    };
    let value = journey.stadium_s.filter(|_| !is_late);
    let reason = if is_late { "the load was late" } else { "it was not sold out" };
    let figure = Figure::maybe("sell_out", "50,000 seats sold", value, "s", "client", reason);
    answer(question, text, Some(figure))
}

/// The endpoint whose capacity is the smallest multiple of what the plan's own on-sale asks of it in its busiest second.
fn breaks_first(parts: &Parts, run: &Run<'_>) -> Answer {
    let question = "What breaks first, and why?";
    let peak = |id: &str| {
        let step = parts.journey.as_ref()?.steps.iter().find(|step| step.name == id && step.valid)?;
        step.seconds.completed.iter().max().map(|&most| most as f64).filter(|&most| most > 0.0)
    };
    let headrooms = parts.targets.iter().filter_map(|target| {
        let capacity = target.capacity.as_ref().filter(|capacity| capacity.unproven.is_none())?;
        Some((capacity.per_second / peak(&target.id)?, target, capacity))
    });
    if let Some(target) = parts.targets.iter().find(|target| target.conclusion.contains(NO_RATE)) {
        return answer(question, format!("{}. {}", target.endpoint, said(target)), None);
    }
    let Some((headroom, target, capacity)) = headrooms.min_by(|a, b| a.0.total_cmp(&b.0)) else {
        let is_measured = parts.targets.iter().any(|target| target.capacity.is_some());
        let is_late = is_measured && parts.journey.is_some();
        let text = if is_late { NOT_SHOWN.to_owned() } else { not_measured() };
        return answer(question, text, None);
    };
    let peak = peak(&target.id).unwrap_or(f64::NAN);
    let why = match capacity.ended_by {
        EndedBy::Latency | EndedBy::Failures => format!("Why: {}.", capacity.ended_why),
        EndedBy::Generator => format!("The server itself was not at its end: {}.", capacity.ended_why),
        EndedBy::Plan => "Nothing broke: the plan looked no further.".to_owned(),
    };
    let is_missed = |id: &str, status| id.starts_with("journey.") && status == Status::Fail;
    let missed = run.thresholds.iter().filter(|threshold| is_missed(&threshold.id, threshold.status)).count();
    let (tested, sold) = (run.plan().load.connections, run.plan().journey.connections);
    let text = format!("{}: {} {why}", target.endpoint, spare((capacity.per_second, tested), (peak, sold), missed));
    let value = (missed == 0).then_some(headroom);
    let reason = "the on-sale missed its limits";
    let figure = Figure::maybe("headroom", "Capacity to the busiest second", value, "×", "client", reason);
    answer(question, text, Some(figure))
}

/// What the capacity is to the on-sale: of each the requests per second, and the connections that they came over. It was found
/// over its own connections, so where the on-sale missed limits over more of them, it leaves nothing to spare.
fn spare((capacity, tested): (f64, usize), (peak, sold): (f64, usize), missed: usize) -> String {
    if missed == 0 {
        return format!(
            "over {tested} connections it serves {capacity:.0} per second, {:.1} times the {peak:.0} of the busiest second of \
             this on-sale, which has {sold}.",
            capacity / peak
        );
    }
    let limits = if missed == 1 { "a limit".to_owned() } else { format!("{missed} limits") };
    format!(
        "over {tested} connections it serves {capacity:.0} per second. That leaves this on-sale nothing to spare: over {sold} \
         it missed {limits}, with {peak:.0} in its busiest second."
    )
}

fn death(parts: &Parts) -> Answer {
    let question = "What happens if the process dies?";
    let Some(crash) = &parts.crash else { return answer(question, "It was not tried.".to_owned(), None) };
    let text = format!(
        "Of {} writes that had been acknowledged when it was killed, {} were lost. It answered again {:.0} ms after the \
         kill; {} writes were under way, and their retries found out which were done.",
        crash.acknowledged, crash.lost, crash.first_answer_after_ms, crash.in_flight
    );
    let figure = Figure::new("lost", "Acknowledged writes lost", crash.lost as f64, "", "client");
    answer(question, text, Some(figure))
}

#[cfg(test)]
mod tests {
    use super::spare;

    #[test]
    fn what_missed_its_limits_has_nothing_to_spare() {
        assert_eq!(
            spare((9_000.4, 512), (3_750.0, 4_000), 0),
            "over 512 connections it serves 9000 per second, 2.4 times the 3750 of the busiest second of this on-sale, which has 4000."
        );
        for (missed, limits) in [(1, "a limit"), (2, "2 limits")] {
            let text = spare((9_000.4, 512), (3_750.0, 4_000), missed);
            assert!(text.contains("nothing to spare") && text.contains(limits) && !text.contains("times"), "{text}");
        }
    }
}
