//! The transaction: lock the seat's row, look, write who holds it until when, insert the reservation, commit. A hold that has
//! lapsed is free.

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage, Statement};

/// How it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum How {
    /// Statement by statement, as libraries and frameworks do it: each waits for the answer to the one before.
    Statements,
    /// All of it in one message with one answer.
    OneMessage,
}

const LOCK: &str = "select held_until is null or held_until <= now() from bench_seats where seat_id = $1 for update";
/// The holds last so long.
const HOLD: &str = "update bench_seats set held_by = $2, held_until = now() + interval '5 minutes' where seat_id = $1";
const INSERT: &str = "
    insert into bench_reservations (seat_id, user_id, reserved_at, reserved_until)
    values ($1, $2, now(), now() + interval '5 minutes') returning id, reserved_until::text";
const PREPARE: &str = "
    prepare lock_seat (bigint) as select held_until from bench_seats where seat_id = $1 for update;
    prepare hold_seat (bigint, bigint) as
        with held as (
            update bench_seats set held_by = $2, held_until = now() + interval '5 minutes'
            where seat_id = $1 and (held_until is null or held_until <= now())
            returning seat_id, held_by, held_until
        )
        insert into bench_reservations (seat_id, user_id, reserved_at, reserved_until)
        select seat_id, held_by, now(), held_until from held
        returning id, reserved_until;
    set plan_cache_mode = force_generic_plan";

/// A session with the database.
pub(super) struct Session {
    client: Client,
    /// Where they go out one by one.
    statements: Option<Statements>,
}

struct Statements {
    lock: Statement,
    hold: Statement,
    insert: Statement,
}

impl Session {
    pub(super) async fn open(database: &str, how: How) -> Result<Self> {
        let (client, connection) = tokio_postgres::connect(database, NoTls).await?;
        tokio::task::spawn_local(async move { connection.await.ok() });
        let statements = match how {
            How::OneMessage => {
                client.batch_execute(PREPARE).await?;
                None
            }
            How::Statements => {
                let (lock, hold) = (client.prepare(LOCK).await?, client.prepare(HOLD).await?);
                Some(Statements { lock, hold, insert: client.prepare(INSERT).await? })
            }
        };
        Ok(Self { client, statements })
    }

    /// The reservation's number and until when it holds the seat, or none if somebody else has it.
    pub(super) async fn reserve(&self, seat: i64, user: i64) -> Result<Option<(String, String)>> {
        match &self.statements {
            Some(statements) => self.one_by_one(statements, seat, user).await,
            None => self.at_once(seat, user).await,
        }
    }

    async fn one_by_one(&self, statements: &Statements, seat: i64, user: i64) -> Result<Option<(String, String)>> {
        let client = &self.client;
        client.batch_execute("begin").await?;
        if !client.query_one(&statements.lock, &[&seat]).await?.get::<_, bool>(0) {
            client.batch_execute("rollback").await?;
            return Ok(None);
        }
        client.execute(&statements.hold, &[&seat, &user]).await?;
        let inserted = client.query_one(&statements.insert, &[&seat, &user]).await?;
        client.batch_execute("commit").await?;
        Ok(Some((inserted.get::<_, i64>(0).to_string(), inserted.get(1))))
    }

    async fn at_once(&self, seat: i64, user: i64) -> Result<Option<(String, String)>> {
        let sql = format!("execute lock_seat ({seat}); execute hold_seat ({seat}, {user})");
        let answers = self.client.simple_query(&sql).await?;
        let held = answers.iter().rev().find_map(|answer| match answer {
            SimpleQueryMessage::Row(row) if row.len() == 2 => Some((row.get(0), row.get(1))),
            _ => None,
        });
        let Some((id, until)) = held else { return Ok(None) };
        Ok(Some((id.context("no number")?.to_owned(), until.context("no time")?.to_owned())))
    }
}
