//! A process that is killed while it projects leaves the tables at one of its batches, whole.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use onsale_domain::ids::{KeyId, QueueId, TicketId, UserId};
use onsale_domain::queue::State;
use onsale_domain::row::{Row, TicketRow};
use onsale_domain::time::Time;
use onsale_tables::Tables;

use crate::common::{load, mark, tables};

const DIRECTORY: &str = "ONSALE_TABLES_CRASH_DIRECTORY";
const TICKETS_PER_BATCH: u64 = 500;

/// What batch `seq` does: the state after it follows from `seq` alone.
fn batch(seq: u64) -> Vec<Row> {
    let ticket = |number: u64| {
        let number = u32::try_from(number).expect("few tickets");
        let ticket = TicketId { queue: QueueId(0), number };
        let (issued_at, joined_at, tier, admitted_at) = (Time(seq), None, None, None);
        let (user, key, state) = (UserId(1), KeyId(1), State::Waiting);
        Row::Ticket(TicketRow { ticket, user, key, issued_at, joined_at, tier, admitted_at, state })
    };
    let tickets = (seq - 1) * TICKETS_PER_BATCH..seq * TICKETS_PER_BATCH;
    let wallets = (1..200).map(|user| Row::Wallet { user: UserId(user), balance: seq });
    tickets.map(ticket).chain(wallets).collect()
}

/// Not a test of its own, and nothing without the test below, which starts it as the process that is killed. It says
/// which batches are in.
#[test]
fn the_writer_that_is_killed() {
    let Some(dir) = std::env::var_os(DIRECTORY) else { return };
    let mut tables = Tables::open(Path::new(&dir)).expect("tables");
    let start = tables.mark().expect("a mark").map_or(0, |stored| stored.mark.seq);
    for seq in start + 1.. {
        tables.project(seq - 1, &mark(seq), &[0; 32], &batch(seq)).expect("a projection");
        writeln!(std::io::stdout(), "in {seq}").expect("a line");
    }
}

#[test]
fn a_killed_writer_leaves_one_whole_batch() {
    let (dir, tables) = tables();
    drop(tables);
    let mut last = 0;
    for batches in [1, 7, 40, 90] {
        let acknowledged = run_and_kill(dir.path(), last + batches);
        let mut tables = Tables::open(dir.path()).expect("the tables again");
        let seq = tables.mark().expect("a mark").expect("one").mark.seq;
        assert!(seq >= acknowledged, "batch {acknowledged} was in, the tables are at {seq}");
        let mut expected: Vec<Row> = (1..=seq).flat_map(batch).filter(|row| matches!(row, Row::Ticket(_))).collect();
        expected.extend(batch(seq).into_iter().filter(|row| matches!(row, Row::Wallet { .. })));
        assert!(load(&mut tables) == expected, "the rows are not those of batch {seq}");
        last = seq;
    }
}

/// Starts the writer, kills it in the middle of what follows batch `until`, and says what it last said.
fn run_and_kill(dir: &Path, until: u64) -> u64 {
    let mut writer = Command::new(std::env::current_exe().expect("this program"))
        .args(["crash::the_writer_that_is_killed", "--exact", "--nocapture"])
        .env(DIRECTORY, dir)
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    let lines = BufReader::new(writer.stdout.take().expect("its output")).lines();
    let mut said = lines.map(|line| line.expect("a line")).filter_map(|line| line.strip_prefix("in ")?.parse().ok());
    let reached = said.find(|seq| *seq >= until).expect("the batch is reached");
    writer.kill().expect("a kill");
    writer.wait().expect("its end");
    said.last().unwrap_or(reached)
}
