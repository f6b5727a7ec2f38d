//! Processes by their own id: signals and what the kernel says of them.

use std::fs;
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// Sends `signal` to a child that has not been waited for, so its id cannot have been given to another process.
pub(crate) fn send(child: &Child, signal: Signal) {
    let name = format!("{signal:?}");
    kill_process(Pid::from_child(child), signal)
        .unwrap_or_else(|error| panic!("sending {name} to process {}: {error}", child.id()));
}

/// The child's exit status, or `None` when it still runs at the deadline.
pub(crate) fn wait_until_exit(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let deadline = Instant::now() + limit;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() >= deadline => return None,
            Ok(None) => thread::sleep(Duration::from_millis(5)),
            Err(error) => panic!("waiting for process {}: {error}", child.id()),
        }
    }
}

/// The user and system CPU time that a process has used so far.
///
/// # Panics
/// When there is no such process.
#[must_use]
pub fn cpu_time(process_id: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process_id}/stat")).expect("the process should be running");
    // The second field is the program's name in brackets and may itself hold blanks and brackets (proc(5)).
    let (_, fields) = stat.rsplit_once(')').expect("/proc/PID/stat should name the program in brackets");
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|field| field.parse::<u64>().expect("CPU times are numbers"))
        .sum();
    Duration::from_millis(ticks * 1_000 / rustix::param::clock_ticks_per_second())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn cpu_time_grows_with_work() {
        let own = std::process::id();
        let before = cpu_time(own);
        let mut rounds = 0_u64;
        while cpu_time(own) <= before {
            rounds += 1;
            assert!(rounds < 50_000_000, "CPU time never grew");
        }
    }

    #[test]
    fn a_signal_ends_a_child() {
        let mut child = Command::new("sleep").arg("600").spawn().expect("sleep should start");
        assert!(wait_until_exit(&mut child, Duration::ZERO).is_none());
        send(&child, Signal::KILL);
        assert!(!wait_until_exit(&mut child, Duration::from_secs(30)).expect("it was killed").success());
    }
}
