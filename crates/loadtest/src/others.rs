//! What other programs had of the cores that a server of our own runs on: it makes that server slow, and is not its doing.
//!
//! What the kernel does there is the server's doing as often as not (its syncs, its packets), so only time outside of the kernel
//! counts: of that, threads of the kernel have none.

use std::fs;
use std::time::Instant;

use crate::cores::Cores;
use crate::stolen::{SECONDS_MIN, TICKS_PER_SECOND};

/// The server, and where it runs.
#[derive(Debug)]
pub(crate) struct Others {
    pid: u32,
    cores: Cores,
}

/// A moment from which it is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    since: Instant,
    /// What all programs had of the cores, less what the server had.
    ticks: i64,
}

impl Others {
    /// Beside this process; `None` where the kernel does not tell.
    pub(crate) fn beside(pid: u32) -> Option<Self> {
        Some(Self { pid, cores: Cores::of(pid).ok()? })
    }

    pub(crate) fn now(&self) -> Option<Moment> {
        let stat = fs::read_to_string("/proc/stat").ok()?;
        let own = fs::read_to_string(format!("/proc/{}/stat", self.pid)).ok()?;
        Some(Moment { since: Instant::now(), ticks: of_cores(&stat, &self.cores)? - of_process(&own)? })
    }
}

impl Moment {
    /// In cores, up to a later moment; `None` where they are too close for the kernel's ticks.
    pub(crate) fn cores_until(&self, later: &Self) -> Option<f64> {
        let ticks = (later.ticks - self.ticks).max(0) as f64;
        let seconds = later.since.saturating_duration_since(self.since).as_secs_f64();
        (seconds >= SECONDS_MIN).then(|| ticks / TICKS_PER_SECOND / seconds)
    }
}

/// The ticks outside of the kernel on these cores, see `proc_stat(5)`.
fn of_cores(stat: &str, cores: &Cores) -> Option<i64> {
    let mut ticks = 0;
    for core in cores.numbers() {
        let name = format!("cpu{core} ");
        let mut figures = stat.lines().find_map(|line| line.strip_prefix(&name))?.split_ascii_whitespace();
        // user nice system …
        for _ in 0..2 {
            ticks += figures.next()?.parse::<i64>().ok()?;
        }
    }
    Some(ticks)
}

/// The ticks of a process outside of the kernel, see `proc_pid_stat(5)`: its name may have anything in it but comes first.
fn of_process(stat: &str) -> Option<i64> {
    const USER: usize = 14 - 3;
    stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(USER)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_has_is_not_the_others() {
        let stat = "cpu  9 9 9\ncpu0 100 20 7 1\ncpu1 1000 0 7 1\ncpu10 5 5 0\n";
        assert_eq!(of_cores(stat, &"0".parse().unwrap()), Some(120));
        assert_eq!(of_cores(stat, &"0,1".parse().unwrap()), Some(1_120));
        assert_eq!(of_cores(stat, &"2".parse().unwrap()), None);
        assert_eq!(of_process("7 (a) b) S 1 7 7 0 -1 4 10 0 0 0 42 8 0 0 20 0"), Some(42));
    }

    #[test]
    fn a_program_beside_it_is_seen() {
        // It sleeps, and this thread does not.
        let mut server = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        let others = Others::beside(server.id()).unwrap();
        let began = others.now().unwrap();
        while began.since.elapsed().as_secs_f64() < 4.0 * SECONDS_MIN {
            std::hint::spin_loop();
        }
        let cores = began.cores_until(&others.now().unwrap());
        server.kill().unwrap();
        server.wait().unwrap();
        assert!(cores.unwrap() > 0.1, "{cores:?}");
    }
}
