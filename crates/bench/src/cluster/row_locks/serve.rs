//! The service itself, as cheap as it can be: bare hyper, one thread per core, a session with the database for each
//! connection, so that nobody waits for one; no tokens are verified. Lock, look, write and commit are prepared, and are one
//! message with one answer.

use std::convert::Infallible;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::thread;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use crate::catalog::STADIUM_SEATS;
use crate::process::listen;

/// The holds last so long.
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

/// What the hidden subcommand `row-locks` is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The database with the seats.
    #[arg(long)]
    database: String,
}

/// Serves until the process is killed.
pub(crate) fn serve(arguments: &Arguments) -> Result<()> {
    let first = listen(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let address = first.local_addr()?;
    for _ in 1..thread::available_parallelism()?.get() {
        let (listener, database) = (listen(address)?, arguments.database.clone());
        thread::spawn(move || run(listener, &database));
    }
    writeln!(std::io::stdout(), "listening on http://{address}")?;
    run(first, &arguments.database)
}

fn run(listener: TcpListener, database: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let database = database.to_owned();
            tokio::task::spawn_local(async move {
                let client = match connect(&database).await {
                    Ok(client) => Rc::new(client),
                    Err(error) => return crate::progress!("no session with the database: {error:#}"),
                };
                let service = service_fn(move |request| answer(request, Rc::clone(&client)));
                // A client that goes away ends its connection, and that is all.
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
            });
        }
    })
}

async fn connect(database: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(database, NoTls).await?;
    tokio::task::spawn_local(async move { connection.await.ok() });
    client.batch_execute(PREPARE).await?;
    Ok(client)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    schedule_id: u64,
    seat_id: u64,
}

async fn answer(request: Request<Incoming>, client: Rc<Client>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, body) = reserve(request, &client).await.unwrap_or_else(|error| {
        crate::progress!("a reservation failed: {error:#}");
        (StatusCode::INTERNAL_SERVER_ERROR, String::new())
    });
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    Ok(response)
}

async fn reserve(request: Request<Incoming>, client: &Client) -> Result<(StatusCode, String)> {
    // Any number does for a user.
    let user = request.headers().get("authorization").map_or(0, hyper::http::HeaderValue::len);
    let body = request.into_body().collect().await?.to_bytes();
    let Wanted { schedule_id, seat_id } = serde_json::from_slice(&body)?;
    let seat = (schedule_id - 1) * STADIUM_SEATS + seat_id;
    let sql = format!("execute lock_seat ({seat}); execute hold_seat ({seat}, {user})");
    let answers = client.simple_query(&sql).await?;
    let held = answers.iter().rev().find_map(|answer| match answer {
        SimpleQueryMessage::Row(row) if row.len() == 2 => Some((row.get(0), row.get(1))),
        _ => None,
    });
    let Some((id, until)) = held else {
        return Ok((StatusCode::CONFLICT, r#"{"code":"SEAT_NOT_AVAILABLE"}"#.to_owned()));
    };
    let (id, until) = (id.context("no number")?, until.context("no time")?);
    let data = format!(r#"{{"reservationId":{id},"seatStatus":"TEMP_RESERVED","reservedUntil":"{until}"}}"#);
    Ok((StatusCode::OK, format!(r#"{{"resultType":"SUCCESS","data":{data},"message":"SUCCESS"}}"#)))
}
