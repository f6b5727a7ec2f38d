//! What is SQLite's own: a full disk, a log that is torn or never ends, foreign files, one owner.

use std::fs;
use std::path::Path;

use rusqlite::{Connection, params};
use tempfile::TempDir;

use super::{Copy, FILE, Journal, ReadOnly, connection};
use crate::{Error, Head, Journal as _, Limit};

const MIB: usize = 1 << 20;

fn fresh() -> TempDir {
    tempfile::tempdir().expect("a directory")
}

fn append(journal: &mut Journal, numbers: impl IntoIterator<Item = u64>) -> Vec<Head> {
    numbers.into_iter().map(|number| journal.append(number, &number.to_le_bytes()).unwrap()).collect()
}

/// What a machine that stops at this moment leaves behind, with the log's last `torn` bytes missing.
fn crashed(dir: &Path, torn: u64) -> TempDir {
    let copy = fresh();
    for file in [FILE.to_owned(), format!("{FILE}-wal")] {
        fs::copy(dir.join(&file), copy.path().join(&file)).unwrap();
    }
    let log = fs::File::options().write(true).open(copy.path().join(format!("{FILE}-wal"))).unwrap();
    log.set_len(log.metadata().unwrap().len() - torn).unwrap();
    copy
}

fn outsider(dir: &Path) -> Connection {
    Connection::open(dir.join(FILE)).unwrap()
}

#[test]
fn what_was_appended_survives_a_crash() {
    let dir = fresh();
    let mut journal = Journal::open(dir.path()).unwrap();
    let appended = append(&mut journal, 1..=100);
    let after = crashed(dir.path(), 0);
    assert_eq!(Journal::open(after.path()).unwrap().head(), appended[99]);
}

#[test]
fn a_torn_log_ends_before_the_tear_and_what_was_seen_of_the_rest_is_missed() {
    let dir = fresh();
    let mut journal = Journal::open(dir.path()).unwrap();
    let appended = append(&mut journal, 1..=100);
    let after = crashed(dir.path(), 1);
    let journal = Journal::open(after.path()).unwrap();
    assert_eq!(journal.head(), appended[98]);
    let missed = journal.reader().unwrap().expect(&appended[99]);
    assert!(matches!(missed, Err(Error::Corrupt { seq: 100, .. })), "{missed:?}");
}

#[test]
fn what_would_be_lost_with_a_file_is_not_acknowledged() {
    for name in [FILE.to_owned(), format!("{FILE}-wal")] {
        let dir = fresh();
        let mut journal = Journal::open(dir.path()).unwrap();
        append(&mut journal, 1..=3);
        fs::remove_file(dir.path().join(&name)).unwrap();
        let after = journal.append(4, b"4");
        assert!(matches!(&after, Err(Error::Lost { reason }) if reason.contains("is gone")), "{name}: {after:?}");
        assert!(matches!(journal.append(5, b"5"), Err(Error::Lost { .. })), "and nothing more");
    }
}

#[test]
fn a_directory_that_another_was_put_in_place_of_takes_no_more() {
    let parent = fresh();
    let dir = parent.path().join("data");
    fs::create_dir(&dir).unwrap();
    let mut journal = Journal::open(&dir).unwrap();
    append(&mut journal, 1..=3);
    let copy = crashed(&dir, 0);
    fs::rename(&dir, parent.path().join("old")).unwrap();
    fs::rename(copy.path(), &dir).unwrap();
    let after = journal.append(4, b"4");
    assert!(matches!(&after, Err(Error::Lost { reason }) if reason.contains("another file")), "{after:?}");
}

#[test]
fn a_log_without_its_database_is_kept_and_reported() {
    let dir = fresh();
    let mut journal = Journal::open(dir.path()).unwrap();
    append(&mut journal, 1..=3);
    let after = crashed(dir.path(), 0);
    fs::remove_file(after.path().join(FILE)).unwrap();
    assert!(matches!(Journal::open(after.path()).map(drop), Err(Error::Corrupt { seq: 1, .. })));
    assert!(after.path().join(format!("{FILE}-wal")).exists());
}

/// The failed transaction must have reached the log before it ran out of room, or the test would show nothing: with a
/// cache of a few pages SQLite writes most of a large entry there before the commit.
#[test]
fn a_full_disk_is_refused_leaves_nothing_behind_and_the_journal_goes_on() {
    let dir = fresh();
    let mut journal = Journal::open(dir.path()).unwrap();
    let appended = append(&mut journal, 1..=3);
    let limit_pages = |journal: &Journal, pages: u32| {
        journal.connection().pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
    };
    journal.connection().pragma_update(None, "cache_size", 10).unwrap();
    limit_pages(&journal, 600);
    let log = || fs::metadata(dir.path().join(format!("{FILE}-wal"))).unwrap().len();
    let before = log();
    for _ in 0..2 {
        let refused = journal.append(4, &vec![4; 4 * MIB]);
        assert!(matches!(refused, Err(Error::Full)), "{refused:?}");
    }
    assert!(log() > before + MIB as u64, "the failed entry never reached the log");
    assert_eq!(journal.head(), appended[2]);
    assert_eq!(Journal::open(crashed(dir.path(), 0).path()).unwrap().head(), appended[2]);

    let small = append(&mut journal, [4]);
    assert_eq!(Journal::open(crashed(dir.path(), 0).path()).unwrap().head(), small[0]);
    limit_pages(&journal, 1 << 20);
    let large = journal.append(5, &vec![5; 4 * MIB]).unwrap();
    drop(journal);
    assert_eq!(Journal::open(dir.path()).unwrap().head(), large);
}

#[test]
fn after_a_failed_write_nothing_is_written_any_more() {
    let dir = fresh();
    let mut journal = Journal::open(dir.path()).unwrap();
    append(&mut journal, 1..=3);
    outsider(dir.path()).execute("insert into entry values (4, 0, 0, 0, ?1, ?1)", params![[0_u8; 32]]).unwrap();
    let lost = journal.append(4, b"");
    assert!(matches!(lost, Err(Error::Lost { .. })), "{lost:?}");
    outsider(dir.path()).execute("delete from entry where seq = 4", []).unwrap();
    let still_lost = journal.append(4, b"");
    assert!(matches!(still_lost, Err(Error::Lost { .. })), "{still_lost:?}");
}

#[test]
fn the_log_begins_anew_under_sustained_load() {
    let dir = fresh();
    let mut journal = Journal::open(dir.path()).unwrap();
    let payload = vec![7; 256 << 10];
    let mut reached = 0;
    let anew = (1..=2_000).find(|&number| {
        journal.append(number, &payload).unwrap();
        let before = std::mem::replace(&mut reached, journal.log_frames());
        reached < before
    });
    assert!(anew.is_some(), "the log has {reached} frames after 2,000 appends");
    let head = journal.head();
    assert_eq!(Journal::open(crashed(dir.path(), 0).path()).unwrap().head(), head);
}

/// While a connection from outside reads one old state, the log cannot begin anew; appends go on all the same.
#[test]
fn a_log_that_is_held_only_grows() {
    let dir = fresh();
    let mut journal = Journal::open(dir.path()).unwrap();
    append(&mut journal, [1]);
    let mut holder = outsider(dir.path());
    let holding = holder.transaction().unwrap();
    let held: i64 = holding.query_row("select count(*) from entry", [], |row| row.get(0)).unwrap();
    for number in 2..=20 {
        journal.append(number, &vec![7; MIB]).unwrap();
    }
    let frames = journal.log_frames();
    assert!(frames > 19 * 256, "{frames} frames");
    let again: i64 = holding.query_row("select count(*) from entry", [], |row| row.get(0)).unwrap();
    assert_eq!((held, again), (1, 1));
}

#[test]
fn a_directory_has_one_owner_who_is_named() {
    let dir = fresh();
    let journal = Journal::open(dir.path()).unwrap();
    let refusals = [Journal::open(dir.path()).map(drop), ReadOnly::open(dir.path(), &mut |_| ()).map(drop)];
    for refused in refusals {
        let error = refused.expect_err("the directory has an owner");
        assert!(
            matches!(&error, Error::Locked { owner_pid: Some(pid), .. } if *pid == std::process::id()),
            "{error:?}"
        );
        assert!(error.to_string().contains(&dir.path().display().to_string()), "{error}");
    }
    // Whoever tidies up finds a file that holds nothing.
    std::fs::remove_file(dir.path().join("lock")).unwrap();
    let error = Journal::open(dir.path()).map(drop).expect_err("the directory has its owner still");
    assert!(matches!(&error, Error::Locked { owner_pid: None, .. }), "{error:?}");
    drop(journal);
    let copy = Copy::own(dir.path()).unwrap();
    let error = Journal::open(dir.path()).map(drop).expect_err("a copy is made there");
    assert!(error.to_string().contains("another backup is at work on it"), "{error}");
    assert!(copy.is_there());
    drop(copy);
    Journal::open(dir.path()).unwrap();
}

#[test]
fn a_stopped_store_can_be_looked_at_and_is_not_changed() {
    let dir = fresh();
    let mut journal = Journal::open(dir.path()).unwrap();
    let appended = append(&mut journal, 1..=10);
    let after = crashed(dir.path(), 0);
    let files = |name: &str| fs::read(after.path().join(name)).unwrap();
    let names = [FILE.to_owned(), format!("{FILE}-wal")];
    let before = names.each_ref().map(|name| files(name));
    let found = ReadOnly::open(after.path(), &mut |_| ()).unwrap();
    assert_eq!((found.head(), found.store_id(), found.checkpoint()), (appended[9], journal.store_id(), None));
    assert_eq!(found.reader().unwrap().read_from(1, Limit::default()).unwrap().len(), 10);
    drop(found);
    assert!(names.each_ref().map(|name| files(name)) == before, "a file has changed");
}

#[test]
fn looking_at_nothing_makes_nothing() {
    let dir = fresh();
    let refused = ReadOnly::open(dir.path(), &mut |_| ()).map(drop);
    assert!(matches!(refused, Err(Error::Format { .. })), "{refused:?}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn foreign_and_later_files_are_refused() {
    for (pragma, value) in [("application_id", 1), ("user_version", 2)] {
        let dir = fresh();
        drop(Journal::open(dir.path()).unwrap());
        outsider(dir.path()).pragma_update(None, pragma, value).unwrap();
        let refused = Journal::open(dir.path()).map(drop);
        assert!(matches!(refused, Err(Error::Format { .. })), "{pragma}: {refused:?}");
    }
    let dir = fresh();
    fs::write(dir.path().join(FILE), "no database at all, but long enough to be taken for one".repeat(100)).unwrap();
    assert!(matches!(Journal::open(dir.path()).map(drop), Err(Error::Corrupt { seq: 1, .. })));
}

#[test]
fn a_damaged_page_is_corrupt_with_its_entry() {
    let dir = fresh();
    let mut journal = Journal::open(dir.path()).unwrap();
    for number in 1..=20 {
        journal.append(number, &vec![u8::try_from(number).unwrap(); 100_000]).unwrap();
    }
    drop(journal);
    let path = connection::path(dir.path());
    let mut bytes = fs::read(&path).unwrap();
    let inside = bytes.windows(64).position(|window| window == [12; 64]).unwrap();
    bytes[inside + 10_000] ^= 1;
    fs::write(&path, bytes).unwrap();
    let found = Journal::open(dir.path()).map(drop);
    assert!(matches!(found, Err(Error::Corrupt { seq: 12, .. })), "{found:?}");
}

#[test]
fn verification_reports_its_progress() {
    let dir = fresh();
    let mut journal = Journal::open(dir.path()).unwrap();
    for number in 1..=40 {
        journal.append(number, &vec![1; MIB]).unwrap();
    }
    drop(journal);
    let mut reports = Vec::new();
    Journal::open_with(dir.path(), &mut |at| reports.push((at.seq, at.seq_last, at.bytes))).unwrap();
    assert_eq!(reports, [(16, 40, 16 << 20), (32, 40, 32 << 20)]);
}

/// Whoever holds a lock from outside has kept the append from beginning: it is known to have done nothing.
#[test]
fn a_lock_of_another_process_refuses_and_loses_nothing() {
    let dir = fresh();
    let mut journal = Journal::open(dir.path()).unwrap();
    append(&mut journal, 1..=2);
    let other = outsider(dir.path());
    other.execute_batch("begin immediate").unwrap();
    for refused in [journal.append(3, b"3").map(drop), journal.probe()] {
        assert!(matches!(refused, Err(Error::Unavailable { .. })), "{refused:?}");
    }
    other.execute_batch("rollback").unwrap();
    journal.probe().unwrap();
    assert_eq!(append(&mut journal, [3])[0].seq, 3);
}

thread_local! {
    static WALL_MS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// A clock that steps forth or back is not followed, and time goes on.
#[test]
fn a_wall_clock_that_steps_moves_nothing() {
    const DAY_MS: u64 = 86_400_000;
    let dir = fresh();
    let mut journal = Journal::open(dir.path()).unwrap();
    let began = append(&mut journal, [1])[0].time_ms;
    journal.follow(|| WALL_MS.get());
    let mut last = began;
    for (number, wall_ms) in (2..).zip([began + DAY_MS, began, began - DAY_MS, 0, u64::MAX, began + 400 * DAY_MS]) {
        WALL_MS.set(wall_ms);
        std::thread::sleep(std::time::Duration::from_millis(5));
        let next = append(&mut journal, [number])[0].time_ms;
        assert!(next > last && next < began + 600_000, "{} ms after {} ms", next - began, last - began);
        last = next;
    }
}

/// One bit anywhere in the log of a process that was killed: nothing that was acknowledged is lost in silence. In the last
/// transaction it cannot be told from a torn write: only that one may be missing.
#[test]
fn a_flipped_bit_in_the_log_loses_nothing_in_silence() {
    let dir = fresh();
    let mut journal = Journal::open(dir.path()).unwrap();
    let appended = append(&mut journal, 1..=40);
    let log = |dir: &Path| dir.join(format!("{FILE}-wal"));
    let bytes = fs::read(log(dir.path())).unwrap();
    let (mut refused, mut kept, mut shorter) = (0, 0, 0);
    for at in (0..32).chain((32..bytes.len()).step_by(bytes.len() / 150)) {
        let after = crashed(dir.path(), 0);
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        fs::write(log(after.path()), flipped).unwrap();
        let seen = ReadOnly::open(after.path(), &mut |_| ()).map(|found| found.head());
        let opened = Journal::open(after.path()).map(|journal| journal.head());
        match (&seen, &opened) {
            (Err(Error::Corrupt { .. }), Err(Error::Corrupt { .. })) => refused += 1,
            (Ok(seen), Ok(head)) if seen == head && *head == appended[39] => kept += 1,
            (Ok(seen), Ok(head)) if seen == head && *head == appended[38] => shorter += 1,
            found => panic!("byte {at} of {}: {found:?}", bytes.len()),
        }
    }
    assert!(refused > 100 && shorter < 10, "{refused} refused, {kept} kept, {shorter} without the last entry");
}

/// What a failed write has left behind the log's end is no damage.
#[test]
fn what_was_rolled_back_in_the_log_is_no_damage() {
    let dir = fresh();
    let mut journal = Journal::open(dir.path()).unwrap();
    append(&mut journal, 1..=3);
    journal.connection().pragma_update(None, "cache_size", 10).unwrap();
    for pages in [900, 600] {
        journal.connection().pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
        assert!(matches!(journal.append(4, &vec![4; 5 * MIB]), Err(Error::Full)));
    }
    let last = append(&mut journal, 4..=6)[2];
    assert_eq!(Journal::open(crashed(dir.path(), 0).path()).unwrap().head(), last);
}

/// What was read at the opening is in the database, synced, before anything is acknowledged.
#[test]
fn an_opened_journal_has_written_its_log_afresh() {
    let dir = fresh();
    let mut journal = Journal::open(dir.path()).unwrap();
    append(&mut journal, 1..=5);
    let after = crashed(dir.path(), 0);
    let log = || fs::metadata(after.path().join(format!("{FILE}-wal"))).map_or(0, |found| found.len());
    assert!(log() > 0);
    let journal = Journal::open(after.path()).unwrap();
    assert_eq!((journal.head().seq, log()), (5, 0));
}
