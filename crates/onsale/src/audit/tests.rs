//! A sound store passes, and a store that was tampered with does not.

use std::path::Path;

use onsale_domain::codes::{CampaignRules, CodeDigest};
use onsale_domain::command::{Batch, Command, Entrant, Entry};
use onsale_domain::engine::Engine;
use onsale_domain::feed::Before;
use onsale_domain::ids::{CampaignId, KeyId, QueueId, ReservationId, ScheduleId, SeatId, TicketId, UploadId, UserId};
use onsale_domain::level;
use onsale_domain::operator::Operator;
use onsale_domain::queue::Order;
use onsale_domain::row::Row;
use onsale_domain::settings::QueueSettings;
use onsale_domain::time::Time;
use onsale_domain::user::{Adjustment, Direction};
use onsale_journal::Journal as _;
use onsale_journal::local::Journal;
use onsale_tables::{Place, Tables};
use tempfile::TempDir;

use super::*;

const USER: UserId = UserId(1);

/// A user's way from the queue to a ticket, in the demo's catalog.
fn journey() -> Vec<Batch> {
    let upload = UploadId(1);
    let document = onsale_catalog::demo(jiff::civil::date(2026, 11, 23));
    let mut commands = vec![Command::Start, Command::Raise { level: level::NEWEST }];
    commands.extend(document.parts().into_iter().map(|part| Command::Stage { upload, part }));
    commands.push(Command::Publish { upload });
    commands.push(Command::SetOrder { queue: QueueId(0), order: Order::Draw { seed: [7; 32] } });
    let (queue, key, code) = (QueueId(0), KeyId(1), [0xC3; 16]);
    let settings = QueueSettings { session_max_ms: Some(3_600_000), ..QueueSettings::default() };
    commands.push(Command::ConfigureQueue { queue, settings: Some(settings), mode: None });
    let rules = CampaignRules::default();
    commands.push(Command::SetCampaign { name: "fans".to_owned(), queue, key, rules });
    commands.push(Command::AddCodes { campaign: CampaignId(0), first: 1, digests: code.into() });
    commands.push(Command::ErasePerson { entrant: Entrant::User(UserId(9)), force: false });
    let ticket = TicketId { queue: QueueId(0), number: 0 };
    let seats = vec![SeatId(1), SeatId(2)];
    let then = [
        Command::JoinWithCode { user: USER, queue, key, code: vec![CodeDigest(code)] },
        Command::Charge { user: USER, amount: 500_000, key: None },
        Command::Reserve { ticket, user: USER, schedule: ScheduleId(1), seats, key: None },
        Command::Pay { user: USER, reservation: ReservationId(1), key: None },
        Command::Adjust {
            reference: "payment-1".to_owned(),
            adjustment: Adjustment { user: UserId(2), direction: Direction::Credit, amount: 2_000 },
            by: Operator { key: KeyId(1), name: None },
        },
        Command::Enter {
            entry: Entry {
                entrant: Entrant::Pseudonym([7; 32]),
                asked: None,
                once: None,
                limit: Some(4),
                tier: Some(2),
            },
            queue: QueueId(0),
            key: KeyId(1),
        },
    ];
    let mut batches = vec![Batch { commands }];
    batches.extend(then.map(|command| Batch { commands: vec![command] }));
    batches
}

/// A stopped store that went through the journey, with its rows changed on their way into the tables.
fn store(dir: &Path, tamper: impl Fn(&mut Vec<Row>)) {
    let mut journal = Journal::open(dir).expect("a new journal");
    let mut tables = Tables::open(dir).expect("new tables");
    tables.claim(journal.store_id()).expect("they are new");
    let mut engine = Engine::new();
    for (number, batch) in (1..).zip(journey()) {
        let mut payload = Vec::new();
        batch.encode_into(&mut payload);
        let appended = journal.append(number, &payload).expect("it is appended");
        let (before, mut rows) = (Before::of(&engine), Vec::new());
        let outcomes = engine.apply(appended.seq, Time(appended.time_ms), &batch, &mut rows);
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        let told = before.told(appended.seq, Time(appended.time_ms), appended.hash.as_bytes(), &rows);
        rows.extend(told.map(Row::Told));
        tamper(&mut rows);
        tables.project(number - 1, &engine.mark(), appended.hash.as_bytes(), &rows).expect("it is projected");
    }
}

fn audit(dir: &TempDir) -> Report {
    run(&Place::Directory(dir.path().to_owned()), &mut |_| {}).expect("the store can be looked at")
}

fn failed(report: &Report) -> Vec<&'static str> {
    report.checks.iter().filter(|check| !check.holds()).map(|check| check.name).collect()
}

#[test]
fn a_sound_store_holds_and_every_check_has_cases() {
    let dir = TempDir::new().expect("a directory");
    store(dir.path(), |_| {});
    let report = audit(&dir);
    assert_eq!(failed(&report), [""; 0]);
    for check in &report.checks {
        assert!(check.cases > 0, "nothing was checked: {}", check.name);
    }
    assert_eq!((report.seq, report.replayed_from), (7, 0));
}

#[test]
fn a_wallet_that_was_filled_in_the_tables_is_found() {
    let dir = TempDir::new().expect("a directory");
    store(dir.path(), |rows| {
        for row in rows {
            if let Row::Wallet { balance, .. } = row {
                *balance += 1;
            }
        }
    });
    let failed = failed(&audit(&dir));
    assert!(failed.contains(&"the tables are the state that a replay comes to"), "{failed:?}");
    assert!(failed.len() >= 2, "the ledger should say so too: {failed:?}");
}

#[test]
fn a_reservation_that_is_missing_from_the_tables_is_found() {
    let dir = TempDir::new().expect("a directory");
    store(dir.path(), |rows| rows.retain(|row| !matches!(row, Row::Reservation(_))));
    let failed = failed(&audit(&dir));
    assert!(failed.contains(&"the tables are the state that a replay comes to"), "{failed:?}");
}

#[test]
fn what_is_told_otherwise_or_not_at_all_is_found() {
    type Tamper = fn(&mut Vec<Row>);
    let not_at_all: Tamper = |rows| {
        if rows.iter().any(|row| matches!(row, Row::Payment(_))) {
            rows.retain(|row| !matches!(row, Row::Told(_)));
        }
    };
    let otherwise: Tamper = |rows| {
        for row in rows {
            if let Row::Told(told) = row {
                // The number of the entry that it says it is of, in its encoding.
                told.bytes[1] ^= 1;
            }
        }
    };
    for tamper in [not_at_all, otherwise] {
        let dir = TempDir::new().expect("a directory");
        store(dir.path(), tamper);
        assert_eq!(failed(&audit(&dir)), ["the feed tells all that changed, and nothing else"]);
    }
}

#[test]
fn tables_of_another_journal_are_found() {
    let dir = TempDir::new().expect("a directory");
    let other = TempDir::new().expect("a directory");
    store(dir.path(), |_| {});
    store(other.path(), |_| {});
    let tables = onsale_tables::FILE_NAME;
    std::fs::copy(other.path().join(tables), dir.path().join(tables)).expect("they can be copied");
    assert!(!audit(&dir).holds());
}

#[test]
fn a_store_that_is_not_there_is_an_error() {
    let dir = TempDir::new().expect("a directory");
    assert!(run(&Place::Directory(dir.path().to_owned()), &mut |_| {}).is_err());
}
