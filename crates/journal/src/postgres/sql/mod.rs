//! The operations of [`Connection`] in SQL, on a real server.

mod append;
pub(super) mod fitness;
mod read;
mod row;
pub(super) mod schema;
mod truncate;
mod votes;

use std::time::{Duration, Instant};

use onsale_postgres::{self as pg, Ends, Kind, Session, Target, Waited};
use tokio::sync::Notify;

pub(super) use read::NEXT_MAX;
pub(super) use truncate::CHUNK;
pub(super) use votes::VOTES_KEPT;

use super::PATIENCE;
use super::connection::{Connection, Connector, Failure, Inserted, Others, Own, Role, Server, Stored, Wanted};
use crate::{Checkpoint, Entry, Error, Hash, Head, Limit, Truncated, Vote};

/// Every row that is looked for here is found by an index. Once there are figures of the entries, the planner takes a node's
/// to be a third of all, thinks that the first look at the table finds one, and reads all of it, at each append, to find that
/// there is none.
const BY_INDEX: &str = "set enable_seqscan = off";
/// When the server was started, which tells it from its standbys.
const SERVER: &str = "select (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint";
/// A commit that changes no row, and is waited for like any other.
const COMMIT: &str = "select pg_logical_emit_message(true, 'onsale', '')";

/// A session with a real server.
pub struct SqlSession {
    session: Session,
    role: Role,
    prepared: Option<Prepared>,
}

/// What a session of some role asks for again and again.
enum Prepared {
    Appending(append::Prepared),
    Following(read::Following),
}

impl Connector for Target {
    type Connection = SqlSession;

    fn connect(&self, role: Role) -> Result<SqlSession, Failure> {
        let name = match role {
            Role::Journal => "journal",
            Role::Tail => "tail",
            Role::Reader => "reader",
            Role::Pulse => "pulse",
        };
        Ok(SqlSession { session: self.connect(name, PATIENCE)?, role, prepared: None })
    }

    fn open_store(&self) -> Result<SqlSession, Error> {
        let mut opened = Connector::connect(self, Role::Journal)?;
        fitness::check_encoding(&opened.session, self)?;
        fitness::check_pooling(&opened.session, self)?;
        schema::open(&mut opened.session, self.draw())?;
        Ok(opened)
    }

    fn now(&self) -> Instant {
        Instant::now()
    }

    fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn draw(&self) -> u64 {
        rand::random()
    }
}

impl SqlSession {
    fn appending(&self) -> Result<&append::Prepared, Failure> {
        match &self.prepared {
            Some(Prepared::Appending(prepared)) => Ok(prepared),
            Some(Prepared::Following(_)) | None => Err(unprepared()),
        }
    }

    fn following(&self) -> Result<&read::Following, Failure> {
        match &self.prepared {
            Some(Prepared::Following(prepared)) => Ok(prepared),
            Some(Prepared::Appending(_)) | None => Err(unprepared()),
        }
    }

    fn run(&self, sql: &str) -> Result<(), pg::Error> {
        let client = self.session.client();
        self.session.block(async { client.batch_execute(sql).await })
    }

    fn number_of(&self, sql: &str) -> Result<i64, Failure> {
        let client = self.session.client();
        Ok(self.session.block(async { client.query_one(sql, &[]).await })?.get(0))
    }
}

fn unprepared() -> Failure {
    Failure::Session { kind: Kind::Gone, text: "the session was not made ready for this".to_owned() }
}

impl Ends for SqlSession {
    fn is_ended(&self) -> bool {
        self.session.is_ended()
    }
}

impl Connection for SqlSession {
    fn has_ended_meanwhile(&self) -> bool {
        self.session.has_ended_meanwhile()
    }

    fn set_patience(&mut self, patience: Duration) {
        self.session.set_patience(patience);
    }

    fn ready(&mut self) -> Result<Server, Failure> {
        self.prepared = match self.role {
            Role::Journal => Some(Prepared::Appending(append::Prepared::new(&self.session)?)),
            Role::Tail => Some(Prepared::Following(read::Following::new(&self.session)?)),
            Role::Reader | Role::Pulse => None,
        };
        Ok(Server(self.number_of(SERVER)?))
    }

    fn ask(&self) -> Result<(), Failure> {
        Ok(self.run("select 1")?)
    }

    fn clock_ms(&self) -> Result<u64, Failure> {
        Ok(self.number_of(&format!("select {}", append::NOW))?.cast_unsigned())
    }

    fn load_store(&self) -> Result<Stored, Failure> {
        schema::load(&self.session)
    }

    fn last(&self) -> Result<Option<Head>, Failure> {
        read::last(&self.session)
    }

    fn at(&self, seq: u64) -> Result<Option<Head>, Failure> {
        read::at(&self.session, seq)
    }

    fn behind(&self, seq: u64, limit: Limit) -> Result<Vec<Entry>, Failure> {
        read::behind(&self.session, seq, limit)
    }

    fn next(&self, known: &Head, fewer_than: usize) -> Result<Option<Vec<Entry>>, Failure> {
        self.following()?.next(&self.session, known, fewer_than)
    }

    fn behind_place(&self, known: &Head, limit: Limit) -> Result<(Vec<Entry>, bool), Failure> {
        self.following()?.behind(&self.session, known, limit)
    }

    fn append(&self, wanted: &Wanted<'_>, last: Option<&Head>) -> Result<Option<Inserted>, Failure> {
        self.appending()?.run(&self.session, wanted, last)
    }

    fn behind_own(&self, node: u64, own_last: u64, payload: &[u8]) -> Result<Option<Own>, Failure> {
        append::find_behind(&self.session, node, own_last, payload)
    }

    fn truncated_own(&self, node: u64, own_last: u64) -> Result<Option<u64>, Failure> {
        append::find_truncated(&self.session, node, own_last)
    }

    fn number(&self, node: u64, number: u64, payload: &[u8]) -> Result<Option<Own>, Failure> {
        append::find_number(&self.session, node, number, payload)
    }

    fn seal(&self, checkpoint: &Checkpoint, seal: &Hash) -> Result<(), Failure> {
        truncate::seal(&self.session, checkpoint, seal)
    }

    fn delete_piece(&self) -> Result<Truncated, Failure> {
        truncate::delete_piece(&self.session)
    }

    fn is_left(&self, seq: u64) -> Result<bool, Failure> {
        truncate::is_left(&self.session, seq)
    }

    fn vote(&self, at: &Head, node: u64, fingerprint: u64) -> Result<Vec<Vote>, Failure> {
        Ok(votes::cast(&self.session, at, node, fingerprint)?)
    }

    fn votes(&self, seq: u64) -> Result<Vec<Vote>, Failure> {
        Ok(votes::count(&self.session, seq)?)
    }

    fn others(&self) -> Result<Others, Failure> {
        self.following()?.others(&self.session)
    }

    fn wait(&mut self, time: Duration, wake: &Notify) -> Waited {
        self.session.wait(time, wake)
    }

    fn commit(&self) -> Result<(), Failure> {
        let committed = self.run(COMMIT);
        // What was committed says nothing, so it may as well stand on this server alone.
        if matches!(committed, Err(pg::Error::Silent(_))) {
            self.session.cancel();
        }
        Ok(committed?)
    }
}
