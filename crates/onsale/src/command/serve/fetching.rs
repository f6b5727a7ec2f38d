//! A thread that fetches keys which others publish, and how anything is fetched.

use std::io::Read as _;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use onsale_http::entry::Keys;

/// How often keys are fetched when nobody asks for one that is not known.
const EVERY: Duration = Duration::from_secs(60);
/// How long a call may take, all of it.
const TIMEOUT: Duration = Duration::from_secs(5);
/// No answer is longer.
pub(super) const BYTES_MAX: u64 = 1 << 18;

/// The thread. Ends with it.
pub(super) struct Fetching {
    keys: Arc<Keys>,
    thread: Option<JoinHandle<()>>,
}

impl Fetching {
    /// Calls `fetch` whenever the keys should be fetched; it puts them there, or says that it could not.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub(super) fn start(name: &str, keys: &Arc<Keys>, fetch: impl Fn() + Send + 'static) -> anyhow::Result<Self> {
        let waited = keys.clone();
        let run = move || {
            while waited.wait(EVERY) {
                fetch();
            }
        };
        let thread = thread::Builder::new().name(name.to_owned()).spawn(run)?;
        Ok(Self { keys: keys.clone(), thread: Some(thread) })
    }
}

impl Drop for Fetching {
    fn drop(&mut self) {
        self.keys.close();
        if let Some(thread) = self.thread.take() {
            // Where it panicked, there is nothing to add to what was logged.
            let _ = thread.join();
        }
    }
}

/// What calls others: without following them elsewhere, and never for long.
pub(super) fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).max_redirects(0);
    config.http_status_as_error(false).build().into()
}

/// The whole of an answer.
///
/// # Errors
/// Where it ends too early, and where it is too long.
pub(super) fn body(body: ureq::Body) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    body.into_reader().take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > BYTES_MAX {
        anyhow::bail!("it is larger than {BYTES_MAX} bytes");
    }
    Ok(bytes)
}
