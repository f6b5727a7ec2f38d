//! What the journal asks of the system, and what it makes of a refusal, seen through `strace`: kill and restart cannot
//! show it, as the kernel keeps what was written and not synced.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use onsale_journal::{Error, Journal as _, local};
use tempfile::TempDir;

const DIR: &str = "ONSALE_TEST_JOURNAL_DIR";
const APPENDS: u64 = 30;

/// Not a test of its own, and nothing without those below, which start it as the traced process. It says what each
/// append has answered.
#[test]
fn traced_child() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let mut journal = local::Journal::open(Path::new(&dir)).unwrap();
    for number in 1..=APPENDS {
        let said = match journal.append(number, &[7; 5_000]) {
            Ok(at) => format!("acknowledged {}\n", at.seq),
            Err(Error::Full) => "full\n".to_owned(),
            Err(Error::Lost { .. }) => "lost\n".to_owned(),
            Err(error) => panic!("{error}"),
        };
        std::io::stdout().write_all(said.as_bytes()).unwrap();
    }
}

/// Runs the child under `strace` with these options. Without `strace` there is nothing to test with: nothing, then, for
/// somebody at home, but a failure where the tests count.
fn traced(dir: &TempDir, options: &[&str]) -> Option<Output> {
    let child = std::env::current_exe().unwrap();
    let output = Command::new("strace")
        .args(["-f", "-y", "-o"])
        .arg(dir.path().join("trace"))
        .args(options)
        .arg(child)
        .args(["--exact", "traced_child", "--nocapture"])
        .env(DIR, dir.path())
        .output();
    match output {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && std::env::var_os("CI").is_none() => {
            eprintln!("strace is not installed: nothing was tested");
            None
        }
        Err(error) => panic!("strace is needed (apt-get install strace): {error}"),
    }
}

fn said(output: &Output) -> Vec<String> {
    let lines = String::from_utf8_lossy(&output.stdout);
    let ours = |line: &&str| ["acknowledged", "full", "lost"].iter().any(|word| line.starts_with(word));
    lines.lines().filter(ours).map(str::to_owned).collect()
}

#[test]
fn every_acknowledgement_follows_the_sync_of_what_it_acknowledges() {
    let dir = tempfile::tempdir().unwrap();
    let Some(output) = traced(&dir, &["-e", "trace=write,pwrite64,fsync,fdatasync"]) else { return };
    assert!(output.status.success(), "{output:?}");
    let trace = std::fs::read_to_string(dir.path().join("trace")).unwrap();
    let (mut written, mut synced, mut acknowledged) = (false, false, 0);
    for call in trace.lines() {
        let of_log = call.contains("journal.db-wal>");
        if of_log && call.contains("pwrite64(") {
            (written, synced) = (true, false);
        } else if of_log && call.contains("sync(") {
            assert!(call.ends_with("= 0"), "{call}");
            synced = true;
        } else if call.contains("\"acknowledged") {
            assert!(written && synced, "written: {written}, synced: {synced}, before {call}");
            (written, synced, acknowledged) = (false, false, acknowledged + 1);
        }
    }
    assert_eq!(acknowledged, APPENDS, "{trace}");
}

/// Only what came before is acknowledged, in this process and by the one after it.
#[test]
fn a_failed_sync_is_a_loss_for_good() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("journal.db-wal");
    let failing = ["-P", log.to_str().unwrap(), "-e", "inject=fsync,fdatasync:error=EIO:when=12"];
    let Some(output) = traced(&dir, &failing) else { return };
    let said = said(&output);
    let acknowledged = said.iter().take_while(|line| line.starts_with("acknowledged")).count();
    assert!((5..12).contains(&acknowledged), "{said:?}");
    assert!(said[acknowledged..].iter().all(|line| line == "lost"), "{said:?}");
    assert_eq!(said.len() as u64, APPENDS);
    let head = local::Journal::open(dir.path()).unwrap().head();
    assert!([acknowledged, acknowledged + 1].contains(&usize::try_from(head.seq).unwrap()), "{head:?}");
}

/// Room comes and goes: refused is refused, also after a restart, and the rest goes in.
#[test]
fn a_disk_without_room_refuses_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("journal.db-wal");
    // An append writes several frames of two pieces each, so this hits every piece of a transaction.
    let failing = ["-P", log.to_str().unwrap(), "-e", "inject=pwrite64:error=ENOSPC:when=20+13"];
    let Some(output) = traced(&dir, &failing) else { return };
    let said = said(&output);
    let acknowledged = said.iter().filter(|line| line.starts_with("acknowledged")).count() as u64;
    let refused = said.iter().filter(|line| *line == "full").count() as u64;
    assert!(refused >= 5 && acknowledged >= 5, "{said:?}");
    assert_eq!(acknowledged + refused, APPENDS, "{said:?}");
    assert_eq!(local::Journal::open(dir.path()).unwrap().head().seq, acknowledged);
}
