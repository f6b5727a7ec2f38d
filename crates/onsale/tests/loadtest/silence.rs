//! A server that is slow to answer, answers half, or stops answering is a finding, and the run ends with a report.

use std::time::Duration;

use onsale_loadtest::report::{Report, Status};
use onsale_testkit::{Fault, PlantedServer, Rules};

use crate::{loadtest, printed, report};

/// All that are tried here.
pub(crate) const FAULTS: [Fault; 4] =
    [Fault::AnswersLate, Fault::NeverAnswers, Fault::AnswersHalf, Fault::StopsAnswering];

/// Answers are given up after two seconds, so that the tests need not wait for long.
const PLAN: &str = "
[load]
connections = 8
reply_max = \"2s\"
step = \"500ms\"
warm_up = \"100ms\"
rate_start = 200
rate_max = 200
[token]
connections_min = 8
connections_max = 16
cost = 50
[journey]
connections = 50
arrivals = [{ over = \"1s\", people = 400 }]
limit = \"40s\"
";

fn judge(fault: Fault, plan: &str, only: &str) -> (Option<i32>, Report, String) {
    let house = Rules {
        active_limit: 100,
        hold: Duration::from_secs(3),
        late: Duration::from_secs(1),
        seats_per_section: 100,
        ..Rules::default()
    };
    let server = PlantedServer::start(&house, Some(fault));
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("plan.toml"), plan).unwrap();
    let url = format!("http://{}", server.address());
    let arguments = ["--quick", "--plan", "plan.toml", "--target", &url, "--allow-writes", "--only", only];
    let output = loadtest(directory.path(), &arguments).output().unwrap();
    (output.status.code(), report(directory.path()), printed(&output))
}

/// There is no rate that such a server serves, and a lower one would not be served either.
#[test]
fn who_answers_late_has_no_capacity() {
    let (status, report, printed) = judge(Fault::AnswersLate, PLAN, "token,check,rules");
    assert_eq!(status, Some(1), "{printed}");
    let reasons = &report.verdict.reasons;
    assert!(reasons.iter().any(|reason| reason.contains("ms without any load")), "{reasons:?}");
    assert_eq!(report.targets.len(), 1, "the rest would take hours");
    let token = report.targets.iter().find(|target| target.id == "token").unwrap_or_else(|| panic!("{printed}"));
    assert!(token.capacity.is_none(), "{:?}", token.capacity);
    let told = "no rate was served";
    assert!(token.conclusion.contains(told) && token.conclusion.contains("even the quickest answer"), "{token:?}");
    assert!(!report.answers.arrivals.text.contains("p99 was then"), "{}", report.answers.arrivals.text);
}

#[test]
fn who_never_answers_says_nothing_and_it_is_said_so() {
    let cases = [(Fault::NeverAnswers, "got no answer"), (Fault::AnswersHalf, "no whole reply")];
    std::thread::scope(|scope| {
        for (fault, told) in cases {
            scope.spawn(move || {
                let (status, report, printed) = judge(fault, PLAN, "token");
                assert_eq!(status, Some(3), "{printed}");
                let reasons = report.verdict.reasons;
                assert!(reasons.iter().any(|reason| reason.contains(told)), "{fault}: {reasons:?}");
            });
        }
    });
}

#[test]
fn who_stops_answering_is_told_of_with_the_call_and_what_was_seen_before_is_kept() {
    let (status, report, printed) = judge(Fault::StopsAnswering, PLAN, "journey,rules");
    assert_eq!((status, report.verdict.status), (Some(1), Status::Fail), "{printed}");
    let alive = report.audit.iter().find(|check| check.id == "still_answers").expect("it was asked");
    assert_eq!((alive.cases, alive.wrong), (1, 1), "{printed}");
    let example = &alive.examples[0];
    assert!(example.contains("after the part journey") && example.contains("POST /v1/api/"), "{example}");
    assert!(report.verdict.reasons.iter().any(|reason| reason.contains(example)), "{:?}", report.verdict);
    // The history until then is judged, and what comes after is not tried.
    let journey = report.journey.expect("it was held");
    assert!(journey.steps.iter().any(|step| step.name == "reserve" && step.completed > 0), "{printed}");
    assert!(report.audit.iter().any(|check| check.id == "seat_held_once" && check.cases > 0 && check.passed));
    assert!(report.left_out.iter().any(|part| part.part == "rules" && part.reason.contains("since the part journey")));
}
