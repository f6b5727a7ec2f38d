//! The rules that no crowd would try: each fault is found by the scene that tries it, and the right server passes them all.

use std::time::Duration;

use onsale_loadtest::cores::Cores;
use onsale_testkit::{Fault, PlantedServer, Rules};

use crate::{loadtest, printed, report};

/// Each fault, and the check that names it.
pub(crate) const FAULTS: [(Fault, &str); 19] = [
    (Fault::IssuesManyTokens, "one_token_per_user"),
    (Fault::QueueStandsStill, "queue_moves_on"),
    (Fault::PlacesNeverMove, "places_shrink"),
    (Fault::PaidSessionGoesOn, "session_ends_with_payment"),
    (Fault::BuyerNamesThePrice, "price_is_the_servers"),
    (Fault::SellsOtherDatesSeats, "seat_belongs_to_its_date"),
    (Fault::NeedsNoToken, "nothing_without_token"),
    (Fault::PaysForStrangers, "nothing_for_strangers"),
    (Fault::HoldsNeverLapse, "holds_last_as_promised"),
    (Fault::HoldsLapseEarly, "holds_last_as_promised"),
    (Fault::PaysLapsedHolds, "holds_last_as_promised"),
    (Fault::ServesStaleSeats, "lists_as_fresh_as_promised"),
    (Fault::DeadlocksItsPool, "many_at_once"),
    (Fault::HoldsAgain, "repeated_hold_is_one"),
    (Fault::WrapsLargeCharges, "large_charges_whole"),
    (Fault::HoldsHalfOfAGroup, "groups_whole"),
    (Fault::DebitsAtTheSameMoment, "debited_once"),
    (Fault::ForgetsChargesAtOnce, "charges_kept"),
    (Fault::SpendsTheSameMoneyTwice, "money_conserved"),
];

/// Few, and an answer that stays away is not waited for for long.
const PLAN: &str = "[load]\nreply_max = \"3s\"\n[rules]\nat_once = 24\n";

fn house() -> Rules {
    Rules { active_limit: 30, hold: Duration::from_secs(3), seats_per_section: 50, sections: 2, ..Rules::default() }
}

/// The core that all of these generators share.
fn core() -> String {
    let (first, _) = Cores::available().unwrap().split().unwrap();
    first.to_string()
}

/// The exit status, the checks that do not hold, and everything that was printed.
fn judge(fault: Option<Fault>) -> (Option<i32>, Vec<String>, String) {
    let server = PlantedServer::start(&house(), fault);
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("plan.toml"), PLAN).unwrap();
    let url = format!("http://{}", server.address());
    let core = core();
    let arguments =
        ["--quick", "--plan", "plan.toml", "--target", &url, "--allow-writes", "--only", "rules", "--cores", &core];
    let output = loadtest(directory.path(), &arguments).output().unwrap();
    let report = report(directory.path());
    assert_eq!(report.environment.placement.generator_cores, core);
    assert!(report.audit.iter().all(|check| check.wrong <= check.cases), "{:?}", report.audit);
    let failed = report.audit.into_iter().filter(|check| !check.passed).map(|check| check.id);
    (output.status.code(), failed.collect(), printed(&output))
}

#[test]
fn the_right_server_keeps_every_rule() {
    let (status, found, printed) = judge(None);
    assert_eq!((status, found), (Some(0), Vec::new()), "{printed}");
    for (_, rule) in FAULTS {
        let title = onsale_loadtest::audit::Rule::named(rule).expect("a rule of that name").title();
        assert!(printed.contains(title), "{rule} had no case\n{printed}");
    }
}

/// Most of the time they wait, so all of them do so together.
#[test]
fn each_fault_is_found_by_the_rule_that_it_breaks() {
    let judged: Vec<_> = std::thread::scope(|scope| {
        let threads = FAULTS.map(|(fault, _)| scope.spawn(move || judge(Some(fault))));
        threads.into_iter().map(|thread| thread.join().expect("a run that ends")).collect()
    });
    let mut wrong = Vec::new();
    for ((fault, rule), (status, found, printed)) in FAULTS.into_iter().zip(judged) {
        if status != Some(1) || !found.iter().any(|name| name == rule) {
            wrong.push(format!("{fault} breaks {rule}: exit {status:?}, found {found:?}\n{printed}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
