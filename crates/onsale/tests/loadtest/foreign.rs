//! Services that nobody here wrote: the eight endpoints and nothing else, and one that speaks quite otherwise.

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use onsale_loadtest::audit::Rule;
use onsale_testkit::{Fault, PlantedServer, Rules, Wire};

use crate::{loadtest, printed, report};

/// What a profile is written from: the documents of the foreign wire.
const PROFILE: &str = include_str!("foreign.toml");

/// Few people and short steps: what is tested is that all of it works, whatever it comes to.
const PLAN: &str = "
[load]
connections = 32
step = \"400ms\"
warm_up = \"100ms\"
rate_start = 400
rate_max = 800
[token]
connections_min = 50
connections_max = 100
cost = 200
[check]
waiting = [50, 300]
rate = 300
duration = \"1s\"
[schedule]
rate = 300
changes_per_second = [0, 10]
[seat]
readers = [4]
[journey]
connections = 100
limit = \"20s\"
arrivals = [{ over = \"1s\", people = 600 }]
[overload]
step = \"500ms\"
[rules]
at_once = 30
";

/// A small house, in which sessions last as long as a part takes, and not much longer.
fn house(wire: Wire) -> Rules {
    Rules {
        wire,
        active_limit: 60,
        session: Duration::from_secs(20),
        hold: Duration::from_secs(5),
        seats_per_section: 100,
        ..Rules::default()
    }
}

fn foreign_house() -> Rules {
    Rules { admits_every: Duration::from_millis(400), ends_with_reserve: true, ..house(Wire::Foreign) }
}

fn run(server: &PlantedServer, directory: &Path, more: &[&str]) -> Output {
    let url = format!("http://{}", server.address());
    std::fs::write(directory.join("foreign.toml"), PROFILE).unwrap();
    std::fs::write(directory.join("plan.toml"), PLAN).unwrap();
    let arguments = [&["--quick", "--plan", "plan.toml", "--target", &url, "--allow-writes"], more].concat();
    loadtest(directory, &arguments).output().unwrap()
}

/// What was judged wrong, and what was judged at all.
fn judged(directory: &Path) -> (Vec<String>, Vec<String>) {
    let (right, wrong): (Vec<_>, Vec<_>) = report(directory).audit.into_iter().partition(|check| check.passed);
    let ids = |checks: Vec<onsale_loadtest::report::Check>| checks.into_iter().map(|check| check.id).collect();
    (ids(wrong), ids(right))
}

#[test]
fn the_eight_endpoints_are_enough() {
    let server = PlantedServer::start(&house(Wire::Plain), None);
    let directory = tempfile::tempdir().unwrap();
    let output = run(&server, directory.path(), &[]);
    let (wrong, right) = judged(directory.path());
    assert_eq!(output.status.code(), Some(0), "{wrong:?}\n{}", printed(&output));
    for rule in [Rule::SeatSoldOnce, Rule::SeatHeldOnce, Rule::DebitedOnce, Rule::ChargesKept, Rule::SeatListOneMoment]
    {
        assert!(right.iter().any(|id| id == rule.id()), "{} was not judged: {}", rule.id(), printed(&output));
    }
    let report = report(directory.path());
    assert_eq!(report.environment.server.profile.as_deref(), Some("the eight endpoints"));
    assert!(report.targets.len() >= 5 && report.selection.is_some(), "{}", printed(&output));
    let selection = report.selection.expect("it was made");
    let on_the_way = |id: &str| {
        let endpoint = selection.endpoints.iter().find(|endpoint| endpoint.id == id).expect("one of the eight");
        endpoint.measures[3].value
    };
    assert_eq!(["token", "reserve", "payment"].map(on_the_way), [Some(100.0); 3]);
    assert!(report.left_out.iter().any(|part| part.part == "retried_once"), "{:?}", report.left_out);
}

#[test]
fn a_service_that_speaks_otherwise_is_tested_by_its_profile() {
    let server = PlantedServer::start(&foreign_house(), None);
    let directory = tempfile::tempdir().unwrap();
    let output = run(&server, directory.path(), &["--profile", "foreign.toml"]);
    let (wrong, right) = judged(directory.path());
    assert_eq!(output.status.code(), Some(0), "{wrong:?}\n{}", printed(&output));
    for rule in [Rule::SeatSoldOnce, Rule::SeatHeldOnce, Rule::DebitedOnce, Rule::ChargesKept, Rule::OwnWritesSeen] {
        assert!(right.iter().any(|id| id == rule.id()), "{} was not judged: {}", rule.id(), printed(&output));
    }
    let journey = report(directory.path()).journey.expect("it was held");
    assert!(journey.seats_left < journey.seats, "nothing was sold: {}", printed(&output));
}

/// Sessions that end within the part: who asked and was put out is replaced, and the server is not blamed for it.
#[test]
fn sessions_that_end_within_a_part_are_not_the_servers_failure() {
    let house = Rules { session: Duration::from_millis(2_500), ..house(Wire::Plain) };
    let server = PlantedServer::start(&house, None);
    let directory = tempfile::tempdir().unwrap();
    let output = run(&server, directory.path(), &["--only", "seat"]);
    let text = printed(&output);
    let report = report(directory.path());
    let seat = report.targets.iter().find(|target| target.id == "seat").expect("the lists were asked for");
    assert!(!seat.conclusion.contains("no rate was served"), "{text}");
    assert!(report.audit.iter().all(|check| check.passed), "{text}");
}

fn assert_found(fault: Fault, part: &str, rule: Rule) {
    let server = PlantedServer::start(&foreign_house(), Some(fault));
    let directory = tempfile::tempdir().unwrap();
    let output = run(&server, directory.path(), &["--profile", "foreign.toml", "--only", part]);
    assert!(directory.path().join("report/report.json").is_file(), "no report\n{}", printed(&output));
    let (wrong, _) = judged(directory.path());
    assert_eq!(output.status.code(), Some(1), "{wrong:?}\n{}", printed(&output));
    assert!(wrong.iter().any(|id| id == rule.id()), "{wrong:?}\n{}", printed(&output));
}

#[test]
fn a_seat_that_is_sold_twice_is_found_behind_a_profile() {
    assert_found(Fault::SellsASeatTwice, "reserve", Rule::SeatHeldOnce);
}

#[test]
fn a_payment_that_is_debited_twice_is_found_behind_a_profile() {
    assert_found(Fault::DebitsTwice, "journey", Rule::DebitedOnce);
}

/// Whoever wants several seats asks for them as the profile says, and gets all of what was paid.
#[test]
fn a_group_that_gets_half_of_its_seats_is_found_behind_a_profile() {
    assert_found(Fault::SellsHalfOfAGroup, "journey", Rule::GroupsWhole);
}

#[test]
fn seats_that_a_refused_group_keeps_are_found_behind_a_profile() {
    assert_found(Fault::HoldsHalfOfAGroup, "rules", Rule::GroupsWhole);
}

/// Where each hold ends a session, every scene has people of its own.
#[test]
fn what_needs_a_session_is_tried_where_holds_end_it() {
    assert_found(Fault::ServesStaleSeats, "rules", Rule::ListsAsFreshAsPromised);
}

#[test]
fn what_comes_at_the_same_moment_is_tried_behind_a_profile() {
    assert_found(Fault::DebitsAtTheSameMoment, "rules", Rule::DebitedOnce);
    assert_found(Fault::ForgetsChargesAtOnce, "rules", Rule::ChargesKept);
}

/// Whether a service goes on answering is asked in its own words: to ours any service has an answer, 404.
#[test]
fn a_service_that_answers_no_more_is_found_behind_a_profile() {
    assert_found(Fault::StopsAnswering, "reserve", Rule::StillAnswers);
}

#[test]
fn a_profile_that_cannot_be_used_is_refused_by_its_field() {
    let directory = tempfile::tempdir().unwrap();
    let wrong = PROFILE.replace("token = \"/ticket\"", "ticket = \"/ticket\"");
    std::fs::write(directory.path().join("foreign.toml"), wrong).unwrap();
    let arguments = ["--target", "http://127.0.0.1:1", "--allow-writes", "--profile", "foreign.toml"];
    let output = loadtest(directory.path(), &arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", printed(&output));
    assert!(printed(&output).contains("ticket") && printed(&output).contains("line "), "{}", printed(&output));
}

#[test]
fn one_call_of_each_shows_what_a_profile_is_good_for() {
    let server = PlantedServer::start(&foreign_house(), None);
    let url = format!("http://{}", server.address());
    let directory = tempfile::tempdir().unwrap();
    let try_it = |profile: &str| {
        std::fs::write(directory.path().join("foreign.toml"), profile).unwrap();
        let arguments = ["profile", "--check", "foreign.toml", "--target", &url];
        loadtest(directory.path(), &arguments).output().unwrap()
    };
    let output = try_it(PROFILE);
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    assert!(printed(&output).contains("ok payment"), "{}", printed(&output));
    // A word that is not known, and what comes after it is not tried.
    let output = try_it(&PROFILE.replace("ENTERED = \"PROGRESS\"", ""));
    assert_eq!(output.status.code(), Some(1), "{}", printed(&output));
    let text = printed(&output);
    assert!(text.starts_with("?? check") && text.contains("ENTERED") && text.contains("-- payment"), "{text}");
}
