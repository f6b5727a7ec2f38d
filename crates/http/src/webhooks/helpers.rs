//! The threads that wait for receivers: as many as have been on their way at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use http::Request;
use onsale_node::events::Cursor;

use super::{Answer, Client, Touched, Webhooks};

/// A message on its way.
pub(super) struct Job {
    pub(super) id: u64,
    pub(super) moved: u64,
    pub(super) at: Cursor,
    pub(super) again: Option<u64>,
    pub(super) request: Request<Vec<u8>>,
}

pub(super) struct Helpers {
    jobs: Sender<Job>,
    waiting: Arc<Mutex<Receiver<Job>>>,
    answers: Sender<Answer>,
    pub(super) answered: Receiver<Answer>,
    client: Arc<dyn Client>,
    webhooks: Arc<Webhooks>,
    threads: usize,
    on_their_way: usize,
}

impl Helpers {
    pub(super) fn new(client: Arc<dyn Client>, webhooks: Arc<Webhooks>) -> Self {
        let (jobs, waiting) = channel();
        let (answers, answered) = channel();
        let waiting = Arc::new(Mutex::new(waiting));
        Self { jobs, waiting, answers, answered, client, webhooks, threads: 0, on_their_way: 0 }
    }

    /// Sends a message; where there is no thread for it, and the system gives none, it failed.
    pub(super) fn send(&mut self, job: Job) {
        self.on_their_way += 1;
        if self.on_their_way > self.threads {
            match self.begin() {
                Ok(()) => self.threads += 1,
                Err(error) => tracing::warn!(%error, "the system gives no thread for webhooks"),
            }
        }
        // With no thread at all it stays there until there is one.
        let _ = self.jobs.send(job);
    }

    /// One has come back.
    pub(super) fn came_back(&mut self) {
        self.on_their_way -= 1;
    }

    pub(super) fn is_idle(&self) -> bool {
        self.on_their_way == 0
    }

    /// A thread more. It ends with the sender.
    fn begin(&self) -> std::io::Result<()> {
        let (waiting, answers) = (self.waiting.clone(), self.answers.clone());
        let (client, webhooks) = (self.client.clone(), self.webhooks.clone());
        let run = move || {
            loop {
                let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok(Job { id, moved, at, again, request }) = job else { return };
                let (began_ms, began) = (now_ms(), Instant::now());
                let said = catch_unwind(AssertUnwindSafe(|| client.post(request)));
                let said = said.unwrap_or_else(|_| Err("what sends it has broken down".to_owned()));
                let took_ms = began.elapsed().as_millis() as u64;
                if answers.send(Answer { id, moved, at, again, began_ms, took_ms, said }).is_err() {
                    return;
                }
                webhooks.note(Touched::Answered);
            }
        };
        std::thread::Builder::new().name("webhook".to_owned()).spawn(run).map(drop)
    }
}

/// This machine's clock, in milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
