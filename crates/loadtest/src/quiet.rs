//! Waits for a moment in which nobody else has this machine's cores: what others take is lateness of the load, and latency
//! of the server, that is neither's.

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::cores::Cores;
use crate::interrupt;

/// How long the cores are looked at.
const WINDOW: Duration = Duration::from_secs(1);
/// What others may take of that, where one percent is a p99.
const TAKEN_MAX: Duration = WINDOW.checked_div(100).expect("a hundred is not zero");
/// Shorter pauses are the kernel's own.
const PAUSE_MIN: Duration = Duration::from_millis(1);

/// Knows the cores, and for how long it may wait.
#[derive(Debug)]
pub(crate) struct Quiet {
    cores: Vec<Cores>,
    left: Mutex<Duration>,
    most: Duration,
}

impl Quiet {
    /// Waits for these sets of cores, one core of each; `most` in all calls together.
    pub(crate) fn new(cores: Vec<Cores>, most: Duration) -> Self {
        Self { cores, left: Mutex::new(most), most }
    }

    /// Waits until the cores were their own for a second, or until there is no time left for waiting.
    ///
    /// # Errors
    /// When the person at the keyboard stops it.
    pub(crate) fn wait(&self) -> Result<()> {
        loop {
            interrupt::check()?;
            let mut left = self.left.lock().expect("nobody panics with it");
            if *left < WINDOW {
                return Ok(());
            }
            if self.taken() <= TAKEN_MAX {
                return Ok(());
            }
            *left -= WINDOW;
        }
    }

    /// How long has been waited in vain, in all.
    pub(crate) fn waited(&self) -> Duration {
        self.most - *self.left.lock().expect("nobody panics with it")
    }

    /// What others had of the busiest core, over the window.
    fn taken(&self) -> Duration {
        thread::scope(|scope| {
            let watch = |cores: &Cores| {
                // A core that cannot be watched is not waited for.
                cores.pin().map_or(Duration::ZERO, |()| pauses(WINDOW))
            };
            let threads: Vec<_> = self.cores.iter().map(|cores| scope.spawn(move || watch(cores))).collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).max().unwrap_or_default()
        })
    }
}

/// The time in which this thread did not run, though it always could.
fn pauses(window: Duration) -> Duration {
    let (started, mut last, mut lost) = (Instant::now(), Instant::now(), Duration::ZERO);
    while last - started < window {
        let now = Instant::now();
        if now - last > PAUSE_MIN {
            lost += now - last;
        }
        last = now;
    }
    lost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_patience_does_not_wait() {
        let quiet = Quiet::new(vec![Cores::available().unwrap()], Duration::ZERO);
        quiet.wait().unwrap();
        assert_eq!(quiet.waited(), Duration::ZERO);
    }

    #[test]
    fn patience_comes_to_an_end() {
        // Two that watch one core take half of it from each other.
        let (_, one) = Cores::available().unwrap().split().unwrap();
        let quiet = Quiet::new(vec![one.clone(), one], Duration::from_millis(1_500));
        quiet.wait().unwrap();
        assert_eq!(quiet.waited(), WINDOW);
    }
}
