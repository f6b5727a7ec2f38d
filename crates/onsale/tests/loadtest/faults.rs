//! Planted faults of a crowd's making: each is found, by the name of the check that it breaks. Those that no crowd would find
//! are in `rules`, and those of a server that does not answer in `silence`.

use std::time::Duration;

use onsale_testkit::{Fault, PlantedServer, Rules};

use crate::{against, printed, report};

/// The part of the run that must find it, and the check that must fail.
fn broken_by(fault: Fault) -> (&'static str, &'static str) {
    match fault {
        Fault::SellsASeatTwice => ("reserve", "seat_held_once"),
        Fault::DebitsTwice => ("journey", "debited_once"),
        Fault::LosesACharge => ("journey", "charges_kept"),
        Fault::ExceedsTheLimit => ("journey", "active_limit_kept"),
        Fault::AdmitsOutOfOrder => ("journey", "admitted_in_order"),
        Fault::ServesAStaleSchedule => ("schedule", "schedule_fresh"),
        Fault::TearsSeatLists => ("seat", "seat_list_one_moment"),
        Fault::HidesAFailure => ("journey", "no_error_hidden"),
        Fault::LosesAReservation => ("journey", "reservations_kept"),
        Fault::LosesAPayment => ("journey", "payments_kept"),
        Fault::SellsHalfOfAGroup => ("journey", "groups_whole"),
        Fault::RepeatsWhatIsRetried => ("journey", "retried_once"),
        other => panic!("{other} is not found by a crowd"),
    }
}

/// A small house that sells out within seconds, with a queue in front of it, and holds that last longer than a person
/// thinks and not much longer.
fn rules() -> Rules {
    Rules {
        active_limit: 60,
        session: Duration::from_secs(20),
        hold: Duration::from_secs(2),
        seats_per_section: 100,
        ..Rules::default()
    }
}

/// A run of this part: its exit status, the checks that do not hold, and what it printed.
fn judge(fault: Option<Fault>, part: &str) -> (Option<i32>, Vec<String>, String) {
    let server = PlantedServer::start(&rules(), fault);
    let directory = tempfile::tempdir().unwrap();
    let output = against(server.address(), directory.path(), &[part]);
    let failed = report(directory.path()).audit.into_iter().filter(|check| !check.passed).map(|check| check.id);
    (output.status.code(), failed.collect(), printed(&output))
}

fn assert_found(fault: Fault) {
    let (part, expected) = broken_by(fault);
    let (status, found, printed) = judge(Some(fault), part);
    assert_eq!(status, Some(1), "{fault}: {found:?}\n{printed}");
    assert!(found.iter().any(|name| name == expected), "{fault} breaks {expected}, and {found:?} was found\n{printed}");
}

#[test]
fn a_correct_server_of_another_make_passes() {
    for part in ["schedule", "seat", "reserve", "journey"] {
        let (status, found, printed) = judge(None, part);
        assert_eq!(status, Some(0), "{part}: {found:?}\n{printed}");
    }
}

/// One test for each fault, so that each is told apart.
macro_rules! faults {
    ($($name:ident: $fault:ident,)*) => {
        $(
            #[test]
            fn $name() {
                assert_found(Fault::$fault);
            }
        )*

        #[test]
        fn every_fault_has_its_test() {
            let tested = [$(Fault::$fault),*];
            let by_rules = crate::rules::FAULTS.map(|(fault, _)| fault);
            let silent = crate::silence::FAULTS;
            let signed = crate::signed::FAULTS;
            let has_test =
                |fault: &Fault| [&tested[..], &by_rules, &silent, &signed].iter().any(|some| some.contains(fault));
            assert!(Fault::ALL.iter().all(has_test));
        }
    };
}

faults! {
    a_seat_that_is_sold_twice_is_found: SellsASeatTwice,
    a_payment_that_is_debited_twice_is_found: DebitsTwice,
    a_charge_that_is_lost_is_found: LosesACharge,
    a_limit_that_is_exceeded_is_found: ExceedsTheLimit,
    an_admission_out_of_order_is_found: AdmitsOutOfOrder,
    a_stale_schedule_is_found: ServesAStaleSchedule,
    a_torn_seat_list_is_found: TearsSeatLists,
    a_failure_that_is_hidden_is_found: HidesAFailure,
    a_reservation_that_is_lost_is_found: LosesAReservation,
    a_payment_that_is_lost_is_found: LosesAPayment,
    a_retry_that_is_repeated_is_found: RepeatsWhatIsRetried,
    a_group_that_gets_half_of_its_seats_is_found: SellsHalfOfAGroup,
}
