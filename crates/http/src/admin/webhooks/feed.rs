//! What webhooks send: the events of the feed, as everybody reads them.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use onsale_node::events::{Cursor, Item, Page};

use super::super::events::{CloudEvent, Wanted};
use crate::shared::Shared;
use crate::token::{SealedBy, SealedFor};
use crate::webhooks::{Client, Feed, Found, Message, Sending};

/// How many are read at a time for one webhook.
const MESSAGES: usize = 32;

/// The feed of the store, for whoever has what all threads share.
pub(super) struct OfShared<S>(S);

impl<S: Deref<Target = Shared> + Send + Sync> OfShared<S> {
    pub(super) fn of(shared: S) -> Self {
        Self(shared)
    }

    fn message(&self, item: Item) -> Result<Message, String> {
        let (cursor, time_ms) = (item.cursor, item.time.0);
        let event = CloudEvent::new(self.0.node.store_id(), item);
        let body = serde_json::to_vec(&event).map_err(|error| error.to_string())?;
        Ok(Message { cursor, time_ms, body })
    }

    fn found(&self, page: Page, after: Option<Cursor>) -> Result<Found, String> {
        Ok(match page {
            Page::Items { items, at, more } => {
                let messages = items.into_iter().map(|item| self.message(item)).collect::<Result<_, _>>()?;
                Found::Messages(messages, at, more)
            }
            Page::Trimmed(_) => Found::Trimmed,
            // The database has lost what was written last: it is made once more, from the journal.
            Page::Ahead if after.is_some_and(|after| after.seq <= self.0.node.views().mark().seq) => {
                Found::Messages(Vec::new(), after, false)
            }
            Page::Ahead | Page::Elsewhere => Found::Elsewhere,
        })
    }
}

impl<S: Deref<Target = Shared> + Send + Sync> Feed for OfShared<S> {
    fn read(&self, after: Option<Cursor>, types: Option<&str>) -> Result<Found, String> {
        let wanted = Wanted::read(types).map_err(|problem| format!("{problem:?}"))?;
        let page = self.0.node.events().read(after, MESSAGES, &|event| wanted.has(event));
        self.found(page.map_err(|error| error.to_string())?, after)
    }

    fn one(&self, at: Cursor) -> Result<Found, String> {
        let events = self.0.node.events();
        if let Some(item) = events.one(at).map_err(|error| error.to_string())? {
            return Ok(Found::Messages(vec![self.message(item)?], Some(at), true));
        }
        let page = events.read(Some(at), 1, &|_| true).map_err(|error| error.to_string())?;
        match self.found(page, Some(at))? {
            Found::Messages(..) => Err("the tables are behind where they were".to_owned()),
            gone => Ok(gone),
        }
    }

    fn projected(&self) -> u64 {
        self.0.node.stats().projected_seq.load(Relaxed)
    }

    fn unsealed(&self, sealed: &str) -> Option<Vec<u8>> {
        self.0.tokens.load().open(SealedFor::Webhook, sealed, SealedBy::Any)
    }

    fn knows_keys(&self) -> bool {
        self.0.knows_keys()
    }
}

/// Begins to send what happens, as this node's part of it.
///
/// # Errors
/// Where the system gives no thread.
pub fn send(shared: &Arc<Shared>, client: Box<dyn Client>) -> std::io::Result<Sending> {
    let store = shared.node.events().webhooks(false);
    let feed = Box::new(OfShared::of(shared.clone()));
    shared.webhooks.send(shared.node.id(), store, feed, client)
}
