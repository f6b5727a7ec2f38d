//! The sell-out, the crash and the overload.

use maud::{Markup, html};

use super::chart::{Chart, Ink, Line, Moment};
use super::{figure, plots};
use crate::report::{Crash, Journey, Multiple, Overload, SellOut, Status, Step};
use crate::words;

/// Useful work under overload is compared with this share of its peak.
const USEFUL_SHARE: f64 = 0.9;

pub(super) fn journey(journey: &Journey) -> Markup {
    // All calls were made at the same time, so one of them has seen all that the server used.
    let drawn = Step::drawn(&journey.steps);
    let resources = drawn.first().map(|step| plots::resources(std::slice::from_ref(step))).unwrap_or_default();
    html! {
        section #journey {
            h2 { "The whole way, until nothing is left" }
            p.lead {
                (words::count(journey.people)) " people want " (words::count(journey.seats)) " seats: queue, poll, schedule, "
                "seats of a section, reserve, charge, pay. "
                @match journey.sold_out_s {
                    Some(_) if journey.is_late() => { strong { "Sold out" } ", by a load that was late, so how long it took is not shown." },
                    Some(seconds) => { strong { "Sold out after " (words::quantity(seconds, "s")) "." } },
                    None => { strong { (words::count(journey.seats_left)) " seats are left: it was not sold out in time." } },
                }
                @if let Some(seconds) = journey.stadium_s { " At this pace 50,000 seats take " (words::quantity(seconds, "s")) "." }
            }
            (figure::doubt(&journey.steps))
            @if !journey.is_late() { (figure::wide_chart(&sell_out(&journey.curve))) }
            (figure::figures(&journey.figures))
            (figure::steps(&journey.steps))
            (figure::charts(&[all_calls(&drawn), plots::percentiles_by_kind(&drawn)]))
            @if !resources.is_empty() {
                details { summary { "What the server used meanwhile" } (figure::charts(&resources)) }
            }
            (figure::notes(&journey.notes))
        }
    }
}

fn sell_out(curve: &SellOut) -> Chart {
    let line = |name, ink, totals: &[u64]| {
        let points = curve.at_s.iter().zip(totals).map(|(at, total)| (*at, Some(*total as f64)));
        Line::new(name, ink, points.collect())
    };
    let lines = vec![
        line("arrived", Ink::Muted, &curve.arrived),
        line("admitted", Ink::Series(3), &curve.admitted),
        line("seats held", Ink::Series(1), &curve.held),
        line("seats paid", Ink::Series(0), &curve.paid).area(),
        line("gone", Ink::Series(2), &curve.left),
    ];
    Chart::new("The sell-out", plots::seconds_axis(), plots::rate_axis("people and seats, running totals"), lines)
}

/// All answers of each second, whichever call they were to.
fn all_calls(steps: &[Step]) -> Chart {
    let longest = steps.iter().max_by_key(|step| step.seconds.at_s.len());
    let whole = longest.map_or(0, |step| plots::per_second(step, &step.seconds.sent).len());
    let sum = |index: usize, read: fn(&Step) -> &Vec<u64>| -> f64 {
        steps.iter().filter_map(|step| read(step).get(index)).sum::<u64>() as f64
    };
    let line = |name, ink, read: fn(&Step) -> &Vec<u64>| {
        let seconds = longest.into_iter().flat_map(|step| &step.seconds.at_s).take(whole).enumerate();
        let points = seconds.map(|(index, at)| (*at, Some(sum(index, read))));
        Line::new(name, ink, points.collect())
    };
    let mut lines = vec![line("answered", Ink::Series(0), |step| &step.seconds.completed)];
    if steps.iter().any(|step| step.failed > 0) {
        lines.push(line("failed", Ink::Alarm, |step| &step.seconds.failed));
    }
    Chart::new("Requests", plots::seconds_axis(), plots::rate_axis("all calls, per second"), lines)
}

pub(super) fn crash(crash: &Crash) -> Markup {
    let back_at = crash.killed_at_s + crash.first_answer_after_ms / 1_000.0;
    let moments = [
        Moment { at: crash.killed_at_s, label: crash.signal.clone(), ink: Ink::Alarm },
        Moment { at: back_at, label: String::new(), ink: Ink::Series(2) },
    ];
    let status = if crash.lost == 0 && crash.acknowledged > 0 { Status::Pass } else { Status::Fail };
    html! {
        section #crash {
            h2 { "If the process dies" }
            p.lead {
                "The server was ended with " (crash.signal) " after " (words::number(crash.killed_at_s)) " s under load, and started "
                "again on the same data. "
                (figure::badge(status, &format!("{} of {} acknowledged writes lost", words::count(crash.lost), words::count(crash.acknowledged))))
            }
            dl.figures {
                (plain("Serves again after", &words::ms(crash.restarted_after_ms), "from the kill to the announcement of its address"))
                (plain("First answer after", &words::ms(crash.first_answer_after_ms), "from the kill, as clients saw it"))
                (plain("Acknowledged before the kill", &words::count(crash.acknowledged), "each looked for afterwards"))
                (plain("In flight at the kill", &words::count(crash.in_flight), "done or not, both is right"))
                (plain("Of these done", &words::count(crash.in_flight_done), "by their retry with the same key"))
            }
            (figure::figures(&crash.figures))
            (figure::doubt(std::slice::from_ref(&crash.step)))
            (figure::charts(&plots::over_time(&Step::drawn(std::slice::from_ref(&crash.step)), &moments)))
            (figure::steps(std::slice::from_ref(&crash.step)))
            (figure::notes(&crash.notes))
        }
    }
}

fn plain(title: &str, value: &str, source: &str) -> Markup {
    html! { div { dt { (title) } dd { strong { (value) } small { (source) } } } }
}

pub(super) fn overload(overload: &Overload) -> Markup {
    let steps: Vec<Step> = overload.multiples.iter().map(|multiple| multiple.step.clone()).collect();
    let drawn = Step::drawn(&steps);
    let mut charts = vec![useful(overload)];
    charts.extend(plots::over_time(&drawn, &[]));
    charts.push(plots::percentiles(&drawn.iter().collect::<Vec<_>>(), None));
    html! {
        section #overload {
            h2 { "More than it can take" }
            p.lead {
                @if overload.capacity_invalid.is_none() {
                    "With the settings of this part, " (words::quantity(overload.capacity_per_second, "/s"))
                    " durable writes are its capacity. "
                }
                "What is above the capacity must be refused at once, and useful work go on."
            }
            @if let Some(reason) = &overload.capacity_invalid {
                p { "The capacity: " (figure::badge(Status::Invalid, "not shown")) " " (words::sentence(reason)) }
            }
            (figure::doubt(&steps))
            div.scroll {
                table.steps {
                    thead {
                        tr {
                            th { "offered" } th { "useful" } th { "of the peak" } th { "refused" } th { "p99 of refusals" }
                            th { "p99 of all" } th {}
                        }
                    }
                    tbody { @for multiple in &overload.multiples { (self::multiple(multiple)) } }
                }
            }
            (figure::figures(&overload.figures))
            (figure::charts(&charts))
            (figure::notes(&overload.notes))
        }
    }
}

fn multiple(multiple: &Multiple) -> Markup {
    let is_valid = multiple.step.valid;
    html! {
        tr.invalid[!is_valid] {
            th scope="row" { (words::number(multiple.offered)) " × (asked: " (words::number(multiple.asked)) " ×)" }
            td { (words::quantity(multiple.useful_per_second, "/s")) }
            td { (words::quantity(multiple.useful_percent, "%")) }
            td { (words::count(multiple.refused)) }
            td { (multiple.refusal_p99_ms.map_or_else(|| "–".to_owned(), words::ms)) }
            td { (words::ms(multiple.step.latency.p99)) }
            td { @if !is_valid { (figure::badge(Status::Invalid, "invalid")) } }
        }
    }
}

/// Work that was done, by what was offered, where both are the server's.
fn useful(overload: &Overload) -> Chart {
    let valid = overload.multiples.iter().filter(|multiple| multiple.step.valid);
    let points = valid.map(|multiple| (multiple.offered, Some(multiple.useful_per_second)));
    let points: Vec<_> = std::iter::once((1.0, Some(overload.capacity_per_second))).chain(points).collect();
    let is_known = overload.capacity_invalid.is_none();
    let line = is_known.then(|| Line::new("acknowledged", Ink::Series(0), points).dotted());
    let lines = line.into_iter().collect();
    let x = plots::rate_axis("what is offered, in multiples of the capacity");
    let peak = USEFUL_SHARE * overload.peak_per_second;
    Chart::new("Useful work", x, plots::rate_axis("writes per second"), lines).with_limit(peak, "90 % of the peak")
}
