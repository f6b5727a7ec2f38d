//! The feed is written with the rows of the same entries, and read in one order without a gap, in a file as in a database.

use std::any::Any;

use onsale_domain::command::{Batch, Command};
use onsale_domain::engine::Engine;
use onsale_domain::feed::{Before, Event};
use onsale_domain::ids::{TransferId, UserId};
use onsale_domain::level;
use onsale_domain::row::{Mark, Row};
use onsale_domain::time::Time;
use onsale_postgres::Target;
use onsale_tables::feed::{Cursor, Item, Page, Reader};
use onsale_tables::{Coalesced, Error, Place, Tables};
use onsale_testkit::postgres::Database;

use crate::common::STORE;

/// Milliseconds between two entries.
const STEP_MS: u64 = 10;

/// Tables that keep the feed for so long, where they are, and what keeps them there.
fn both(keep_ms: u64) -> [(Tables, Place, Box<dyn Any>); 2] {
    let dir = tempfile::tempdir().expect("a directory");
    let file = Tables::open(dir.path()).expect("tables");
    let database = Database::fresh();
    let target = Target::parse(database.url(), None).expect("a connection string");
    let shared = Tables::open_postgres(&target).expect("tables");
    let claimed = |mut tables: Tables| {
        tables.claim(STORE).expect("a claim");
        tables.with_feed_keep(keep_ms)
    };
    [
        (claimed(file), Place::Directory(dir.path().to_owned()), Box::new(dir)),
        (claimed(shared), Place::Postgres(target), Box::new(database)),
    ]
}

/// What one entry after the other leads to: its mark, its hash and its rows.
fn entries(count: u64) -> Vec<(Mark, [u8; 32], Vec<Row>)> {
    let mut engine = Engine::new();
    (1..=count)
        .map(|seq| {
            let commands = match seq {
                1 => vec![Command::Raise { level: level::FEED }],
                // Some entries tell nothing.
                seq if seq % 5 == 0 => vec![Command::Tick],
                seq => (1..=seq % 4 + 1).map(|user| charge(user, seq)).collect(),
            };
            let (before, time, hash) = (Before::of(&engine), Time(seq * STEP_MS), hash(seq));
            let mut rows = Vec::new();
            engine.apply(seq, time, &Batch { commands }, &mut rows);
            let told = before.told(seq, time, &hash, &rows);
            rows.extend(told.map(Row::Told));
            (engine.mark(), hash, rows)
        })
        .collect()
}

fn charge(user: u64, amount: u64) -> Command {
    Command::Charge { user: UserId(user), amount, key: None }
}

fn hash(seq: u64) -> [u8; 32] {
    let mut hash = [7; 32];
    hash[..8].copy_from_slice(&seq.to_be_bytes().map(|byte| byte ^ 0x5a));
    hash
}

/// Projects `entries` in transactions of `per` of them, as a projector merges them. Each has some of the entries before it too, as it
/// may be where another node has written those already.
fn project(tables: &mut Tables, entries: &[(Mark, [u8; 32], Vec<Row>)], per: usize) {
    for (i, chunk) in entries.chunks(per).enumerate() {
        let mut coalesced = Coalesced::default();
        let first = (i * per).saturating_sub(3);
        coalesced.extend(entries[first..i * per + chunk.len()].iter().flat_map(|(_, _, rows)| rows.clone()));
        let (mark, hash, _) = chunk.last().expect("an entry");
        let from = chunk[0].0.seq - 1;
        tables.project(from, mark, hash, &coalesced.drain()).expect("a projection");
    }
}

fn page(reader: &Reader, after: Option<Cursor>, limit: usize) -> (Vec<Item>, Option<Cursor>, bool) {
    match reader.read(after, limit, &|_| true).expect("a page") {
        Page::Items { items, at, more } => (items, at, more),
        other => panic!("no page behind {after:?}: {other:?}"),
    }
}

/// All events from `after` on, read in pages of `limit`.
fn all(reader: &Reader, mut after: Option<Cursor>, limit: usize) -> Vec<Item> {
    let mut items = Vec::new();
    loop {
        let (page, at, more) = page(reader, after, limit);
        assert!(page.len() <= limit);
        items.extend(page);
        after = at;
        if !more {
            return items;
        }
    }
}

fn transfers(items: &[Item]) -> Vec<TransferId> {
    let transfer = |item: &Item| match item.event {
        Event::TransferMade { transfer, .. } => Some(transfer),
        _ => None,
    };
    items.iter().filter_map(transfer).collect()
}

#[test]
fn each_event_is_there_once_in_one_order_however_it_was_written_and_is_read() {
    let entries = entries(400);
    let count = entries.last().map_or(0, |(mark, _, _)| mark.counters.next_transfer.0 - 1);
    assert!(count > 600, "{count} are too few");
    let mut seen: Option<Vec<Item>> = None;
    for per in [1, 7, 400] {
        for (mut tables, place, _kept) in both(u64::MAX) {
            project(&mut tables, &entries, per);
            let reader = Reader::open(&place).expect("a reader");
            for limit in [3, 1_000] {
                let items = all(&reader, None, limit);
                assert_eq!(items[0].event, Event::FeedBegan { level: level::FEED });
                assert_eq!(transfers(&items), (1..=count).map(TransferId).collect::<Vec<_>>());
                let numbers = items[1..].iter().map(|item| item.number);
                assert!(numbers.eq(1..=count), "they are numbered without a gap");
                // The same on every node, and after every replay.
                assert_eq!(*seen.get_or_insert_with(|| items.clone()), items);
            }
            let items = seen.as_ref().expect("events");
            for at in [0, 1, 77, items.len() - 2, items.len() - 1] {
                assert_eq!(all(&reader, Some(items[at].cursor), 100), items[at + 1..], "from {at} on");
            }
        }
    }
}

#[test]
fn who_asks_for_what_never_happens_comes_to_the_end() {
    let entries = entries(100);
    for (mut tables, place, _kept) in both(u64::MAX) {
        project(&mut tables, &entries, 10);
        let reader = Reader::open(&place).expect("a reader");
        let (_, end, _) = page(&reader, None, 1_000);
        let none = reader.read(None, 10, &|_| false).expect("a page");
        assert!(matches!(&none, Page::Items { items, at, more: false } if items.is_empty() && *at == end), "{none:?}");
        assert_eq!(page(&reader, end, 10), (Vec::new(), end, false));
    }
}

#[test]
fn a_transaction_that_fails_tells_nothing() {
    let entries = entries(20);
    for (mut tables, place, _kept) in both(u64::MAX) {
        project(&mut tables, &entries[..10], 10);
        let before = all(&Reader::open(&place).expect("a reader"), None, 1_000);
        let (mark, hash, rows) = &entries[19];
        let moved = tables.project(12, mark, hash, rows);
        assert!(matches!(moved, Err(Error::Moved { .. })), "{moved:?}");
        assert_eq!(all(&Reader::open(&place).expect("a reader"), None, 1_000), before);
    }
}

#[test]
fn what_is_old_is_let_go_and_who_would_miss_it_is_told() {
    let entries = entries(2_000);
    let (mark, keep) = (entries[1_999].0, 500 * STEP_MS);
    for (mut tables, place, _kept) in both(keep) {
        project(&mut tables, &entries[..200], 10);
        let reader = Reader::open(&place).expect("a reader");
        let early = all(&reader, None, 1_000);
        let mut rest = &entries[200..];
        while let Some((some, others)) = rest.split_at_checked(50) {
            project(&mut tables, some, 50);
            rest = others;
        }
        let kept = all(&reader, None, 1_000);
        let oldest = &kept[0];
        assert!(oldest.time > early[100].time, "some of it is let go");
        assert!(oldest.time.0 <= mark.time.0 - keep + 2 * STEP_MS, "and nothing too early");
        let last = kept.last().expect("the newest stays");
        assert_eq!(transfers(&kept).last(), Some(&TransferId(mark.counters.next_transfer.0 - 1)));
        for gone in [&early[0], &early[100]] {
            let page = reader.read(Some(gone.cursor), 10, &|_| true).expect("an answer");
            assert!(matches!(&page, Page::Trimmed(first) if first == oldest), "{page:?}");
        }
        // Who knows the last knows all, whatever was let go before it.
        assert_eq!(page(&reader, Some(last.cursor), 10), (Vec::new(), Some(last.cursor), false));
        // Numbers go on as if nothing were gone.
        assert_eq!(last.number, mark.counters.next_transfer.0 - 1);
    }
}

#[test]
fn a_place_of_another_history_is_none() {
    let entries = entries(40);
    for (mut tables, place, _kept) in both(u64::MAX) {
        let reader = Reader::open(&place).expect("a reader");
        assert_eq!(page(&reader, None, 10), (Vec::new(), None, false), "nothing has happened");
        project(&mut tables, &entries, 10);
        let items = all(&reader, None, 1_000);
        let cursor = items[20].cursor;
        let elsewhere = |cursor| matches!(reader.read(Some(cursor), 10, &|_| true), Ok(Page::Elsewhere));
        assert!(elsewhere(Cursor { proof: cursor.proof ^ 1, ..cursor }), "another entry of that number");
        assert!(elsewhere(Cursor { index: 99, ..cursor }), "no such event of it");
        assert!(elsewhere(Cursor { seq: 20, ..cursor }), "an entry that tells nothing");
        let ahead = Cursor { seq: 41, ..cursor };
        assert!(matches!(reader.read(Some(ahead), 10, &|_| true), Ok(Page::Ahead)), "it may come yet");
        assert!(matches!(reader.read(Some(Cursor { seq: u64::MAX, ..cursor }), 10, &|_| true), Ok(Page::Ahead)));
    }
}
