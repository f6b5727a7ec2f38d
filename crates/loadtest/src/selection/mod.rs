//! Which endpoints are worth a load test: all eight, by four criteria, each measured.

mod contention;
mod outage;
mod proxy;

use anyhow::Result;

use crate::journey::{Call, Traffic};
use crate::report::{Criterion, Endpoint, Measure, Selection};
use crate::run::Run;

/// The mission's five, which are tested in any case.
const FIVE: [Call; 5] = [Call::Token, Call::Check, Call::Schedule, Call::Seat, Call::Reserve];
/// The eight.
pub(crate) const EIGHT: [Call; 8] =
    [Call::Token, Call::Check, Call::Charge, Call::Balance, Call::Schedule, Call::Seat, Call::Reserve, Call::Payment];
const CRITERIA: [(&str, &str, &str); 4] = [
    ("concurrency", "Concurrency risk", "conflicts per 1,000 requests when many want the same thing"),
    ("database", "Database load", "rows behind an answer × its share of the traffic"),
    ("traffic", "Traffic concentration", "%: mean of its share of all requests and of the busiest second"),
    ("single_point", "Single point of failure", "% of the journeys that are lost when only this fails"),
];
/// What stands for the journeys that are lost where no outage can be tried.
const ON_THE_WAY: &str = "% of those who bought whose way led through it";
/// Equal, and fixed beforehand.
const WEIGHT: f64 = 0.25;

/// A raw value, and what stands behind it in words.
pub(crate) type Raw = (Option<f64>, String);

/// The matrix. `traffic` is that of the journey.
///
/// # Errors
/// When a server cannot be started or reached.
pub fn selection(run: &mut Run<'_>, traffic: &Traffic) -> Result<Selection> {
    run.progress.part("Which endpoints: conflicts, rows, traffic, outages");
    let (conflicts, rows) = contention::measure(run)?;
    let lost = outage::measure(run, traffic)?;
    let shares = shares(traffic);
    let database: Vec<Raw> = rows
        .into_iter()
        .zip(&shares)
        .map(|((rows, detail), (share, _))| {
            let share = share.unwrap_or(0.0) / 100.0;
            (rows.map(|rows| rows * share), format!("{detail}; {:.1} % of the traffic", share * 100.0))
        })
        .collect();
    let columns = [conflicts, database, shares, lost];
    Ok(Selection {
        criteria: CRITERIA
            .into_iter()
            .map(|(id, title, unit)| Criterion {
                id: id.to_owned(),
                title: title.to_owned(),
                unit: if id == "single_point" && !run.is_own() { ON_THE_WAY } else { unit }.to_owned(),
                weight: WEIGHT,
            })
            .collect(),
        endpoints: rank(&columns),
        method: vec![
            format!(
                "Conflicts: {} clients want the same thing at once for {}; a conflict is a refusal or a wait that another \
                 client has caused.",
                run.plan().selection.contenders,
                run.plan().selection.duration
            ),
            "Rows: what a database would have to read or write for one answer, counted in the answers; beside it what the \
             store really did for a thousand of them."
                .to_owned(),
            "Traffic: the requests of the journey of this run.".to_owned(),
            if run.is_own() {
                format!(
                    "Outages: a small on-sale of {} people behind a proxy that answers 500 for one endpoint and passes all \
                     others on; lost are the purchases that the same on-sale has without the outage.",
                    run.plan().selection.people
                )
            } else {
                "Outages: none was tried, as the server is not ours. Counted are those of the journey who bought, and had a \
                 success of this call before: without it they would not have come so far."
                    .to_owned()
            },
            "A score is the value as a part of the greatest in its column; the weights are equal and were fixed beforehand."
                .to_owned(),
        ],
    })
}

/// Each one's share of the traffic, in percent: the mean of all of it and of its busiest second.
fn shares(traffic: &Traffic) -> Vec<Raw> {
    let seconds = traffic.calls.iter().map(|(_, _, seconds)| seconds.len()).max().unwrap_or(0);
    let of_second =
        |second: usize| -> u64 { traffic.calls.iter().filter_map(|(_, _, seconds)| seconds.get(second)).sum() };
    let busiest = (0..seconds).max_by_key(|&second| of_second(second)).unwrap_or(0);
    let (all, peak) = (traffic.calls.iter().map(|(_, count, _)| count).sum::<u64>(), of_second(busiest));
    EIGHT
        .into_iter()
        .map(|call| {
            let Some((_, count, seconds)) = traffic.calls.iter().find(|(other, _, _)| *other == call) else {
                return (None, "not in the journey".to_owned());
            };
            let then = seconds.get(busiest).copied().unwrap_or(0);
            let percent = |part: u64, whole: u64| 100.0 * part as f64 / (whole as f64).max(1.0);
            let (share, share_then) = (percent(*count, all), percent(then, peak));
            let detail = format!(
                "{count} of {all} requests ({share:.1} %), and {then} of {peak} in the busiest second ({share_then:.1} %)"
            );
            (Some(f64::midpoint(share, share_then)), detail)
        })
        .collect()
}

fn rank(columns: &[Vec<Raw>; 4]) -> Vec<Endpoint> {
    let most = columns.each_ref().map(|column| column.iter().filter_map(|(value, _)| *value).fold(0.0, f64::max));
    let mut endpoints: Vec<Endpoint> = EIGHT
        .into_iter()
        .enumerate()
        .map(|(row, call)| {
            let measures: Vec<Measure> = columns
                .iter()
                .zip(most)
                .map(|(column, most)| {
                    let (value, detail) = column[row].clone();
                    let score = value.filter(|_| most > 0.0).map_or(0.0, |value| 100.0 * value / most);
                    Measure { value, score, detail }
                })
                .collect();
            let total = measures.iter().map(|measure| measure.score * WEIGHT).sum();
            Endpoint {
                id: call.id().to_owned(),
                endpoint: call.endpoint().unwrap_or_default().to_owned(),
                rank: 0,
                total,
                reason: reason(&measures),
                measures,
                is_target: FIVE.contains(&call),
                is_added: false,
            }
        })
        .collect();
    endpoints.sort_by(|a, b| b.total.total_cmp(&a.total));
    let last_of_five = endpoints.iter().rposition(|endpoint| endpoint.is_target).unwrap_or(0);
    for (index, endpoint) in endpoints.iter_mut().enumerate() {
        endpoint.rank = u32::try_from(index + 1).unwrap_or(u32::MAX);
        if !endpoint.is_target && index < last_of_five {
            endpoint.is_target = true;
            endpoint.is_added = true;
        }
    }
    endpoints
}

/// What speaks for it most, in words.
fn reason(measures: &[Measure]) -> String {
    let mut by_score: Vec<(&Measure, &str)> = measures.iter().zip(CRITERIA.map(|(_, title, _)| title)).collect();
    by_score.sort_by(|a, b| b.0.score.total_cmp(&a.0.score));
    let told = by_score.iter().filter(|(measure, _)| measure.score >= 25.0).take(3);
    let told: Vec<String> = told
        .map(|(measure, title)| format!("{} {:.0} ({})", title.to_lowercase(), measure.score, measure.detail))
        .collect();
    if told.is_empty() { "No criterion speaks for it.".to_owned() } else { format!("{}.", told.join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(values: [f64; 8]) -> Vec<Raw> {
        values.into_iter().map(|value| (Some(value), String::new())).collect()
    }

    #[test]
    fn one_that_outranks_one_of_the_five_is_added() {
        let mut values = [9.0, 8.0, 3.0, 0.0, 7.0, 2.0, 6.0, 0.0];
        let ranked = rank(&[column(values), column(values), column(values), column(values)]);
        assert_eq!(ranked[0].id, "token");
        let charge = ranked.iter().find(|endpoint| endpoint.id == "charge").unwrap();
        assert!(charge.is_added && charge.rank == 5, "{charge:?}");
        values[2] = 1.0;
        let ranked = rank(&[column(values), column(values), column(values), column(values)]);
        assert!(ranked.iter().all(|endpoint| !endpoint.is_added));
        assert!((ranked[0].total - 100.0).abs() < 1e-9);
    }

    #[test]
    fn shares_are_of_the_whole_and_of_the_busiest_second() {
        let traffic = Traffic {
            calls: vec![(Call::Token, 50, vec![50, 0]), (Call::Check, 150, vec![0, 150])],
            bought: 0,
            on_the_way: [0; Call::ALL.len()],
        };
        let shares = shares(&traffic);
        assert_eq!((shares[0].0, shares[1].0), (Some(12.5), Some(87.5)));
    }
}
