//! Webhooks are kept beside the tables, in a file as in a database: whoever has one keeps it, and nobody else.

use onsale_postgres::Target;
use onsale_tables::webhooks::{Changed, FILE_NAME, Kept, Stored, WEBHOOKS_MAX, Webhooks, copy_into};
use onsale_tables::{Place, Tables};
use onsale_testkit::postgres::Database;

use crate::common::STORE;

const CHANGED: Changed<'_> = Changed { definition: "other", state: "off", progress: None };

fn keep(id: u64, moved: u64, progress: &str) -> Kept<'_> {
    Kept { id, moved, progress, log: "tried" }
}

/// What holds wherever they are. Gives what is left.
fn holds(place: &Place) -> Vec<Stored> {
    let (mut operator, mut sender) = (Webhooks::new(place, true), Webhooks::new(place, false));
    assert_eq!(operator.all().expect("none"), []);
    assert_eq!(sender.claim(7, 60_000).expect("none"), []);
    let first = operator.add("one", "on", "begin").expect("an answer").expect("a number");
    let second = operator.add("two", "on", "begin").expect("an answer").expect("a number");
    let claimed = sender.claim(7, 60_000).expect("both");
    assert_eq!(
        claimed.iter().map(|one| (one.id, one.holder)).collect::<Vec<_>>(),
        [(first, Some(7)), (second, Some(7))]
    );

    // What was kept stays with what an operator changes, unless that is where it goes on.
    assert_eq!(
        sender.keep(7, &[keep(first, 0, "later"), keep(second, 1, "lost"), keep(99, 0, "none")]).expect("kept"),
        [true, false, false]
    );
    assert!(operator.change(first, 1, CHANGED).expect("a change"));
    assert!(!operator.change(first, 1, CHANGED).expect("an answer"), "it has another version by now");
    assert!(!sender.halt(7, first, 1, "gone").expect("an answer"), "the same for whoever sends");
    assert!(sender.halt(7, first, 2, "gone").expect("a change"));
    let found = operator.all().expect("both")[0].clone();
    assert_eq!((found.version, found.moved, found.progress.as_str(), found.log.as_str()), (3, 0, "later", "tried"));
    assert_eq!((found.definition.as_str(), found.state.as_str()), ("other", "gone"));
    let elsewhere = Changed { progress: Some("back"), ..CHANGED };
    assert!(operator.change(first, 3, elsewhere).expect("a change"));
    assert_eq!(sender.keep(7, &[keep(first, 0, "on")]).expect("an answer"), [false]);
    assert_eq!(operator.all().expect("both")[0].progress, "back");
    assert_eq!(sender.keep(7, &[keep(first, 1, "on")]).expect("an answer"), [true]);

    // Nobody but the holder keeps or ends anything; once it lets go another has them.
    assert_eq!(sender.keep(8, &[keep(first, 1, "mine")]).expect("an answer"), [false]);
    assert!(!sender.halt(8, first, 4, "mine").expect("an answer"));
    sender.release(7).expect("let go");
    assert!(sender.claim(8, 60_000).expect("both").iter().all(|one| one.holder == Some(8)));
    assert_eq!(sender.keep(7, &[keep(first, 1, "late")]).expect("an answer"), [false]);

    assert!(operator.remove(second).expect("a change") && !operator.remove(second).expect("an answer"));
    let third = operator.add("three", "on", "begin").expect("an answer").expect("a number");
    assert!(third > second, "a number is never given twice");
    for _ in 2..WEBHOOKS_MAX {
        assert!(operator.add("more", "on", "begin").expect("an answer").is_some());
    }
    assert_eq!(operator.add("too many", "on", "begin").expect("an answer"), None);
    operator.all().expect("all of them")
}

#[test]
fn in_a_file_that_nobody_makes_before_there_is_one() {
    let dir = tempfile::tempdir().expect("a scratch directory");
    let place = Place::Directory(dir.path().to_owned());
    assert_eq!(Webhooks::new(&place, true).all().expect("none"), []);
    assert!(!dir.path().join(FILE_NAME).exists());
    let all = holds(&place);
    assert_eq!(Webhooks::new(&place, true).all().expect("the file again"), all);
    let copy = tempfile::tempdir().expect("a scratch directory");
    for _ in 0..2 {
        copy_into(dir.path(), copy.path()).expect("a copy");
        let copied = Webhooks::new(&Place::Directory(copy.path().to_owned()), true).all().expect("the copy");
        assert_eq!(copied, all);
    }
}

#[test]
fn in_a_database_where_nodes_have_them_for_a_while_and_as_a_store_is_moved_there() {
    let database = Database::fresh();
    let target = Target::parse(database.url(), None).expect("a connection string");
    Tables::open_postgres(&target).expect("tables").claim(STORE).expect("a claim");
    let place = Place::Postgres(target.clone());
    holds(&place);
    // Another has to wait, until nothing more is heard of whoever has them.
    let mut sender = Webhooks::new(&place, false);
    sender.claim(8, 60_000).expect("all");
    assert!(sender.claim(9, 60_000).expect("all").iter().all(|one| one.holder == Some(8)));
    sender.release(8).expect("let go");
    sender.claim(9, 1).expect("all");
    while sender.claim(10, 60_000).expect("all").iter().any(|one| one.holder != Some(10)) {}

    let dir = tempfile::tempdir().expect("a scratch directory");
    let all = holds(&Place::Directory(dir.path().to_owned()));
    let other = Database::fresh();
    let target = Target::parse(other.url(), None).expect("a connection string");
    Tables::open_postgres(&target).expect("tables").claim(STORE).expect("a claim");
    let mut there = Webhooks::new(&Place::Postgres(target), true);
    // Also where it was begun before and broken off.
    there.take_over(&all[..2]).expect("some");
    there.take_over(&all).expect("all");
    let unheld = |all: &[Stored]| all.iter().map(|one| Stored { holder: None, ..one.clone() }).collect::<Vec<_>>();
    assert_eq!(unheld(&there.all().expect("all")), unheld(&all));
    let last = all.last().expect("one").id;
    assert!(there.remove(last).expect("a change"));
    assert!(there.add("next", "on", "begin").expect("an answer") > Some(last));
}
