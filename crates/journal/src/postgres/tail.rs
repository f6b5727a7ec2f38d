//! Following what all nodes append: a notification wakes the reader, and polling finds what no notification told.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use onsale_postgres::tokio_postgres::types::ToSql;
use onsale_postgres::tokio_postgres::{Row, Statement};
use onsale_postgres::{Error as Failure, Session, Target, Waited};
use tokio::sync::Notify;

use super::append::CHANNEL;
use super::proof::{self, Proof, Server, Standing};
use super::reader::{BEHIND, Reader};
use super::{BY_INDEX, PATIENCE, reading, row};
use crate::{Behind, Entry, Error, Head, Limit, Reader as _, Verifier};

/// A place that was seen, if it is in the journal still, and the first entries behind it. It is asked for every time that
/// somebody wants to know whether anything is new, so it is as cheap as can be; all else is for who has fallen behind.
const NEXT: &str = "
    select seq, time_ms, hash, node, number, case when seq > $1 then payload end
    from journal_entry where seq >= $1 order by seq limit $2";
/// So few that their bytes need not be counted.
const NEXT_MAX: usize = 16;
/// Whether a place that was seen is in the journal still.
const STANDS: &str = "
    select exists (select from journal_entry where seq = $1 and hash = $2)
        or exists (select from journal_base where seq = $1 and hash = $2)";
/// Whether more than one session of this name is there. A node that has just begun to listen is told of nothing until the
/// others have looked, and looks by itself as often. And whether commits wait for another server.
static OTHERS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select count(*) > 1, {} from pg_stat_activity
        where datname = current_database() and application_name = 'onsale tail'",
        proof::IS_NEEDED
    )
});
/// How often that is looked up.
const OTHERS_EVERY: Duration = Duration::from_millis(250);
/// See [`crate::Tail`]. The node that it belongs to hears of its own entries from elsewhere.
pub struct Tail {
    target: Target,
    pub(super) node: u64,
    open: Option<Open>,
    /// Wakes a wait from another thread.
    wake: Arc<Notify>,
    /// Whether other nodes listen: without any, nothing need be announced to them.
    others: Arc<AtomicBool>,
    proof: Arc<Proof>,
    looked: Option<Instant>,
}

pub(super) struct Open {
    pub(super) session: Session,
    next: Statement,
    behind: Statement,
    stands: Statement,
    others: Statement,
    server: Server,
}

impl Tail {
    pub(super) fn new(target: &Target, node: u64, others: Arc<AtomicBool>, proof: Arc<Proof>) -> Self {
        Self { target: target.clone(), node, open: None, wake: Arc::default(), others, proof, looked: None }
    }

    /// Finds out whether other nodes listen, where that has not been looked up for a while.
    fn look_for_others(&mut self) -> Result<(), Error> {
        if self.looked.is_some_and(|looked| looked.elapsed() < OTHERS_EVERY) {
            return Ok(());
        }
        let open = self.open()?;
        let client = open.session.client();
        let found = open.session.block(async { client.query_one(&open.others, &[]).await });
        let found = self.noted(found)?;
        self.others.store(found.get(0), Ordering::Relaxed);
        self.proof.need(found.get(1));
        self.looked = Some(Instant::now());
        Ok(())
    }

    /// Whether a read that began then is worth anything. Where another server takes the appends, that one is to be read.
    fn is_current(&mut self, began: Instant) -> Result<bool, Error> {
        let server = self.open()?.server;
        match self.proof.standing(server, began) {
            Standing::Current => Ok(true),
            Standing::InDoubt => Ok(false),
            Standing::Replaced => {
                self.open = None;
                Err(Error::Unavailable {
                    reason: "the journal was read on another server than it is appended on".to_owned(),
                })
            }
        }
    }

    /// What was read, which must follow.
    fn follow(&mut self, known: Head, rows: &[Row]) -> Result<Vec<Entry>, Error> {
        let mut chain = Verifier::new(known);
        let mut entries = Vec::with_capacity(rows.len());
        for found in rows {
            let entry = row::entry(found)?;
            match chain.next(&entry.link(), entry.hash) {
                Ok(()) => entries.push(entry),
                Err(error) => return Err(self.explain(known, error)),
            }
        }
        Ok(entries)
    }

    /// What does not follow may have been truncated, or it is another history.
    fn explain(&mut self, known: Head, error: Error) -> Error {
        Reader::new(&self.target).expect(&known).err().unwrap_or(error)
    }

    /// See [`NEXT`].
    fn next(&mut self, known: Head) -> Result<Vec<Row>, Error> {
        let most = NEXT_MAX as i64 + 1;
        let open = self.open()?;
        let client = open.session.client();
        let found = open.session.block(async { client.query(&open.next, &[&known.seq.cast_signed(), &most]).await });
        self.noted(found)
    }

    fn ask(&mut self, known: Head, limit: Limit) -> Result<(Vec<Row>, bool), Error> {
        let entries = i64::try_from(limit.entries.max(1)).unwrap_or(i64::MAX);
        let bytes = i64::try_from(limit.bytes).unwrap_or(i64::MAX);
        let seq = known.seq.cast_signed();
        let hash = known.hash.as_bytes().as_slice();
        let open = self.open()?;
        let client = open.session.client();
        let limits: [&(dyn ToSql + Sync); 3] = [&seq, &entries, &bytes];
        let place: [&(dyn ToSql + Sync); 2] = [&seq, &hash];
        let asked = open.session.block(async {
            let both =
                futures_util::future::join(client.query(&open.behind, &limits), client.query_one(&open.stands, &place));
            let (rows, stands) = both.await;
            Ok((rows?, stands?.get(0)))
        });
        self.noted(asked)
    }

    /// A new session hears nothing until it listens.
    pub(super) fn open(&mut self) -> Result<&mut Open, Error> {
        if self.open.as_ref().is_none_or(|open| open.session.is_ended()) {
            self.open = None;
            let session = self.target.connect("tail", PATIENCE).map_err(|error| reading(&error))?;
            let client = session.client();
            let listen = format!("{BY_INDEX}; set plan_cache_mode = force_generic_plan; listen {CHANNEL}");
            let (next, behind, stands, others) = session
                .block(async {
                    client.batch_execute(&listen).await?;
                    let (next, behind) = (client.prepare(NEXT).await?, client.prepare(BEHIND).await?);
                    Ok((next, behind, client.prepare(STANDS).await?, client.prepare(&OTHERS).await?))
                })
                .map_err(|error| reading(&error))?;
            let server = proof::server(&session).map_err(|error| reading(&error))?;
            self.open = Some(Open { session, next, behind, stands, others, server });
        }
        self.open.as_mut().ok_or_else(|| Error::Unavailable { reason: "there is no session".to_owned() })
    }

    pub(super) fn noted<T>(&mut self, result: Result<T, Failure>) -> Result<T, Error> {
        result.map_err(|error| {
            self.open = None;
            reading(&error)
        })
    }
}

impl crate::Tail for Tail {
    fn behind(&mut self, known: Head, limit: Limit) -> Result<Behind, Error> {
        self.look_for_others()?;
        let began = Instant::now();
        let next = self.next(known)?;
        let is_current = self.is_current(began)?;
        if let Some((stands, rows)) = next.split_first()
            && rows.len() < NEXT_MAX.min(limit.entries)
            && row::head(stands, 0)? == known
        {
            return Ok(Behind { entries: self.follow(known, rows)?, is_all: true, is_current });
        }
        let (rows, stands) = self.ask(known, limit)?;
        let entries = self.follow(known, &rows)?;
        if !stands && entries.is_empty() {
            let missing = Error::corrupt(known.seq, "it was seen before, and is not in the journal any more");
            return Err(self.explain(known, missing));
        }
        let bytes: usize = entries.iter().map(|entry| entry.payload.len()).sum();
        let is_all = entries.len() < limit.entries.max(1) && bytes < limit.bytes;
        Ok(Behind { entries, is_all, is_current })
    }

    fn wait(&mut self, time: Duration) {
        let until = Instant::now() + time;
        let own = self.node.cast_signed().to_string();
        let wake = self.wake.clone();
        let Ok(open) = self.open() else { return };
        // What the node has appended itself it knows already; that does not put the next look off.
        while let Waited::Notified(nodes) = open.session.wait(until.saturating_duration_since(Instant::now()), &wake) {
            if nodes.iter().any(|node| *node != own) {
                return;
            }
        }
    }

    fn waker(&self) -> Arc<Notify> {
        self.wake.clone()
    }
}
