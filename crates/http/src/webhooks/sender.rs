//! The thread that sends.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use http::Request;
use http::header::{CONTENT_TYPE, USER_AGENT};
use onsale_node::events::Cursor;
use onsale_node::webhooks::{Kept, Stored, Webhooks as Store};

use super::endpoint::{Due, Endpoint};
use super::helpers::{Helpers, Job, now_ms};
use super::record::{Definition, Why, written};
use super::signature::{Signer, header};
use super::{Answer, Client, Feed, Found, Standing, Touched, Webhooks};

/// How far the thread steps back behind the others, as in nice(1).
const NICENESS: i32 = 10;
/// How often it looks whose the webhooks are, and what operators have changed.
const LOOK: Duration = Duration::from_secs(1);
/// A node has a webhook for so long without saying so again, and sends for no longer than most of it.
const LEASE: Duration = Duration::from_secs(10);
const SURE: Duration = Duration::from_secs(7);
/// How long what was delivered may be known to this thread alone: so much is sent again after a crash.
const KEEP: Duration = Duration::from_millis(250);
/// How often it looks for what has happened.
const TURN: Duration = Duration::from_millis(50);
/// How long it waits for what is on its way when it ends.
const ENDING: Duration = Duration::from_secs(1);
const TYPE: &str = "application/cloudevents+json; charset=utf-8";

/// The thread. Ends with it.
pub struct Sending {
    webhooks: Arc<Webhooks>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.webhooks.note(Touched::Ending);
        if let Some(thread) = self.thread.take() {
            // Where it panicked, there is nothing to add to what was logged.
            let _ = thread.join();
        }
    }
}

struct Sender {
    node: u64,
    webhooks: Arc<Webhooks>,
    store: Store,
    feed: Box<dyn Feed>,
    helpers: Helpers,
    endpoints: BTreeMap<u64, Endpoint>,
    looked: Option<Instant>,
    /// When the store last said whose they are.
    sure: Option<Instant>,
    kept: Instant,
    is_troubled: bool,
}

impl Webhooks {
    /// Begins to send those that `node` has, or comes to have.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub(crate) fn send(
        self: &Arc<Self>,
        node: u64,
        store: Store,
        feed: Box<dyn Feed>,
        client: Box<dyn Client>,
    ) -> std::io::Result<Sending> {
        let mut sender = Sender {
            node,
            webhooks: self.clone(),
            store,
            feed,
            helpers: Helpers::new(client.into(), self.clone()),
            endpoints: BTreeMap::new(),
            looked: None,
            sure: None,
            kept: Instant::now(),
            is_troubled: false,
        };
        let thread = std::thread::Builder::new().name("webhooks".to_owned()).spawn(move || sender.run())?;
        Ok(Sending { webhooks: self.clone(), thread: Some(thread) })
    }
}

impl Sender {
    fn run(&mut self) {
        step_aside();
        loop {
            let touched = self.webhooks.wait(self.rest());
            self.take_answers();
            if touched == Touched::Ending {
                break;
            }
            if touched == Touched::Changed || self.looked.is_none_or(|looked| looked.elapsed() >= LOOK) {
                self.look();
            }
            if self.sure.is_some_and(|sure| sure.elapsed() < SURE) {
                self.send();
            }
            self.keep(KEEP);
            self.tell();
        }
        let until = Instant::now() + ENDING;
        while !self.helpers.is_idle() && Instant::now() < until {
            std::thread::sleep(TURN);
            self.take_answers();
        }
        self.keep(Duration::ZERO);
        if let Err(error) = self.store.release(self.node) {
            tracing::debug!(%error, "another node finds out by itself that this one sends no webhooks any more");
        }
    }

    /// How long there is nothing to do for sure: without a webhook, until the next look.
    fn rest(&self) -> Duration {
        let is_wanted = self.endpoints.values().any(|endpoint| endpoint.is_on() || endpoint.has_again());
        if is_wanted || !self.helpers.is_idle() { TURN } else { LOOK }
    }

    /// Looks whose they are, and what they are by now.
    fn look(&mut self) {
        self.looked = Some(Instant::now());
        match self.store.claim(self.node, LEASE.as_millis() as u64) {
            Ok(all) => {
                self.sure = self.looked;
                self.is_troubled = false;
                let ours: Vec<Stored> = all.into_iter().filter(|one| one.holder == Some(self.node)).collect();
                self.endpoints.retain(|id, _| ours.iter().any(|one| one.id == *id));
                ours.iter().for_each(|stored| self.meet(stored));
            }
            Err(error) => self.complain("the webhooks cannot be read", &error.to_string()),
        }
    }

    /// Takes over one that is new here, and what an operator has changed of one that is known.
    fn meet(&mut self, stored: &Stored) {
        let met = match self.endpoints.get_mut(&stored.id).filter(|known| known.moved == stored.moved) {
            Some(known) if known.version == stored.version => Ok(()),
            Some(known) => known.change(stored),
            None => Endpoint::load(stored).map(|endpoint| drop(self.endpoints.insert(stored.id, endpoint))),
        };
        if let Err(what) = met {
            self.endpoints.remove(&stored.id);
            tracing::error!(webhook = stored.id, what, "a webhook is not sent to");
        }
    }

    fn send(&mut self) {
        let projected = self.feed.projected();
        let ids: Vec<u64> = self.endpoints.keys().copied().collect();
        for id in ids {
            self.read(id, projected);
            while let Some(due) = self.endpoints.get_mut(&id).and_then(|endpoint| endpoint.due(now_ms())) {
                if !self.send_one(id, due) {
                    break;
                }
            }
            self.send_again(id);
        }
    }

    /// Reads on for one that has room.
    fn read(&mut self, id: u64, projected: u64) {
        let Some(endpoint) = self.endpoints.get_mut(&id) else { return };
        let Some(after) = endpoint.wants(projected) else { return };
        match self.feed.read(after, endpoint.definition.types.as_deref()) {
            Ok(Found::Messages(messages, at, more)) => {
                // Where there may be more, or some came, it is read again in its turn.
                if messages.is_empty() && !more {
                    endpoint.seen = Some(projected);
                }
                endpoint.take(messages, at);
            }
            Ok(Found::Trimmed) => self.halt(id, Why::FeedTrimmed),
            Ok(Found::Elsewhere) => self.halt(id, Why::FeedOtherHistory),
            Err(error) => self.complain("the feed cannot be read for webhooks", &error),
        }
    }

    /// Sends a message; false where it cannot be had just now.
    fn send_one(&mut self, id: u64, due: Due) -> bool {
        let Due { at, message } = due;
        let Some(endpoint) = self.endpoints.get_mut(&id) else { return false };
        let message = match message {
            Some(message) => message,
            None => match self.feed.one(at) {
                Ok(Found::Messages(mut messages, ..)) if !messages.is_empty() => {
                    let message = Arc::new(messages.swap_remove(0));
                    endpoint.found(message.clone());
                    message
                }
                found => {
                    endpoint.put_back(at);
                    match found {
                        Ok(Found::Trimmed) => self.halt(id, Why::FeedTrimmed),
                        Ok(Found::Elsewhere | Found::Messages(..)) => self.halt(id, Why::FeedOtherHistory),
                        Err(error) => self.complain("the feed cannot be read for webhooks", &error),
                    }
                    return false;
                }
            },
        };
        let (moved, now_ms) = (endpoint.moved, now_ms());
        match signed(&*self.feed, &endpoint.definition, at, &message.body, now_ms) {
            Some(Ok(request)) => self.helpers.send(Job { id, moved, at, again: None, request }),
            // It was found to be an address when it was given.
            Some(Err(error)) => {
                let said = Err(error.to_string());
                self.ended(&Answer { id, moved, at, again: None, began_ms: now_ms, took_ms: 0, said });
            }
            None => {
                endpoint.put_back(at);
                // Another node may have made a key that this one is about to learn.
                if self.feed.knows_keys() {
                    self.halt(id, Why::SecretLost);
                }
                return false;
            }
        }
        true
    }

    /// Sends the next of what an operator had sent once more.
    fn send_again(&mut self, id: u64) {
        let now_ms = now_ms();
        let Some(endpoint) = self.endpoints.get_mut(&id) else { return };
        let Some((number, at)) = endpoint.due_again(now_ms) else { return };
        let said = match self.feed.one(at) {
            Ok(Found::Messages(messages, ..)) if !messages.is_empty() => {
                let body = &messages[0].body;
                match signed(&*self.feed, &endpoint.definition, at, body, now_ms) {
                    Some(Ok(request)) => {
                        let moved = endpoint.moved;
                        return self.helpers.send(Job { id, moved, at, again: Some(number), request });
                    }
                    Some(Err(error)) => error.to_string(),
                    None if self.feed.knows_keys() => "the store's keys do not open what it is signed with".to_owned(),
                    None => return endpoint.put_back_again(),
                }
            }
            Ok(_) => "the event is not kept any more".to_owned(),
            Err(error) => {
                endpoint.put_back_again();
                return self.complain("the feed cannot be read for webhooks", &error);
            }
        };
        let moved = endpoint.moved;
        self.ended(&Answer { id, moved, at, again: Some(number), began_ms: now_ms, took_ms: 0, said: Err(said) });
    }

    fn take_answers(&mut self) {
        while let Ok(answer) = self.helpers.answered.try_recv() {
            self.helpers.came_back();
            self.ended(&answer);
        }
    }

    fn ended(&mut self, answer: &Answer) {
        let counts = &self.webhooks.counts;
        let count = match &answer.said {
            Ok(said) if (200..300).contains(&said.status) => &counts.delivered,
            Ok(_) => &counts.refused,
            Err(_) => &counts.failed,
        };
        count.fetch_add(1, Relaxed);
        if let Some(number) = answer.again {
            let known = self.endpoints.get_mut(&answer.id);
            if known.is_some_and(|endpoint| endpoint.ended_again(number, answer, now_ms()).is_some()) {
                self.put_down(answer.id);
            }
            return;
        }
        // What was on its way when an operator put it elsewhere is nobody's any more.
        let known = self.endpoints.get_mut(&answer.id).filter(|endpoint| endpoint.moved == answer.moved);
        let Some(endpoint) = known else { return };
        let tried_for = self.webhooks.settings.tried_for;
        if endpoint.ended(answer, now_ms(), chance(), tried_for).is_some() {
            self.put_down(answer.id);
        }
    }

    /// Nothing more can be sent to it.
    fn halt(&mut self, id: u64, why: Why) {
        if let Some(endpoint) = self.endpoints.get_mut(&id) {
            endpoint.halt(why, now_ms());
            self.put_down(id);
        }
    }

    /// Puts down that, and why, nothing is sent to it any more.
    fn put_down(&mut self, id: u64) {
        let Some(endpoint) = self.endpoints.get_mut(&id) else { return };
        let state = endpoint.state;
        tracing::warn!(webhook = id, is = ?state.is, why = ?state.why, "nothing is sent to a webhook any more");
        match self.store.halt(self.node, id, endpoint.version, &written(&state)) {
            Ok(true) => endpoint.version += 1,
            // An operator, or another node, was there first: what they say is seen at the next look. What this node knows of it is
            // kept before.
            Ok(false) => endpoint.version = 0,
            Err(error) => {
                endpoint.version = 0;
                self.complain("a webhook's state cannot be kept", &error.to_string());
            }
        }
    }

    /// Keeps how far they have got, where that has not been done for so long.
    fn keep(&mut self, after: Duration) {
        if self.kept.elapsed() < after || !self.endpoints.values().any(|endpoint| endpoint.is_dirty) {
            return;
        }
        self.kept = Instant::now();
        let dirty: Vec<&mut Endpoint> = self.endpoints.values_mut().filter(|endpoint| endpoint.is_dirty).collect();
        let texts: Vec<(u64, u64, String, String)> =
            dirty.iter().map(|one| (one.id, one.moved, written(&one.progress), written(&one.log))).collect();
        let all: Vec<Kept<'_>> =
            texts.iter().map(|(id, moved, progress, log)| Kept { id: *id, moved: *moved, progress, log }).collect();
        match self.store.keep(self.node, &all) {
            Ok(are_kept) => {
                let mut lost = Vec::new();
                for (endpoint, is_kept) in dirty.into_iter().zip(are_kept) {
                    endpoint.is_dirty = false;
                    if !is_kept {
                        lost.push(endpoint.id);
                    }
                }
                // Another node has it, or an operator has put it elsewhere.
                for id in lost {
                    self.endpoints.remove(&id);
                    self.looked = None;
                }
            }
            Err(error) => self.complain("what was delivered cannot be kept", &error.to_string()),
        }
    }

    /// Lets others see how they stand.
    fn tell(&self) {
        let standing = self.endpoints.values().map(|endpoint| Standing {
            id: endpoint.id,
            state: endpoint.state,
            oldest_ms: endpoint.oldest_ms(),
        });
        *self.webhooks.standing.lock().unwrap_or_else(PoisonError::into_inner) = standing.collect();
    }

    /// Says what is wrong, once for as long as it is.
    fn complain(&mut self, what: &str, error: &str) {
        if !std::mem::replace(&mut self.is_troubled, true) {
            tracing::warn!(error, "{what}");
        }
    }
}

/// A message as it is sent; `None` where nothing opens what signs it.
fn signed(
    feed: &dyn Feed,
    definition: &Definition,
    at: Cursor,
    body: &[u8],
    now_ms: u64,
) -> Option<Result<Request<Vec<u8>>, http::Error>> {
    let secrets = definition.secrets.iter();
    let good = secrets.filter(|secret| secret.until_ms.is_none_or(|until_ms| until_ms > now_ms));
    let signers: Option<Vec<Signer>> =
        good.map(|secret| Signer::of(definition.scheme, &feed.unsealed(&secret.sealed)?)).collect();
    let signers = signers.filter(|signers| !signers.is_empty())?;
    let (text, timestamp_s) = (at.to_string(), now_ms / 1_000);
    let request = Request::post(&definition.url)
        .header(CONTENT_TYPE, TYPE)
        .header(USER_AGENT, concat!("onsale/", env!("CARGO_PKG_VERSION")))
        .header("webhook-id", &text)
        .header("webhook-timestamp", timestamp_s)
        .header("webhook-signature", header(&signers, &text, timestamp_s, body))
        .body(body.to_vec());
    Some(request)
}

fn chance() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX / 2)
}

/// Receivers can wait, and what is read for them costs something: where cores are scarce those who serve go first. Helpers
/// inherit it.
fn step_aside() {
    let thread = rustix::thread::gettid();
    if let Err(error) = rustix::process::setpriority_process(Some(thread), NICENESS) {
        tracing::debug!(%error, "webhooks are sent with the priority of the others");
    }
}
