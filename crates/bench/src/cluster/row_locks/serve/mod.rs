//! The service itself, as cheap as it can be: bare hyper, one thread per core, a session with the database for each
//! connection, so that nobody waits for one; no tokens are verified. All statements are prepared.

mod reserve;

use std::convert::Infallible;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::thread;

use anyhow::Result;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
pub(crate) use reserve::How;
use reserve::Session;
use serde::Deserialize;

use crate::catalog::STADIUM_SEATS;
use crate::process::listen;

/// What the hidden subcommand `row-locks` is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The database with the seats.
    #[arg(long)]
    database: String,
    /// How the transaction is sent.
    #[arg(long)]
    how: How,
}

/// Serves until the process is killed.
pub(crate) fn serve(arguments: &Arguments) -> Result<()> {
    let first = listen(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let address = first.local_addr()?;
    for _ in 1..thread::available_parallelism()?.get() {
        let (listener, database, how) = (listen(address)?, arguments.database.clone(), arguments.how);
        thread::spawn(move || run(listener, &database, how));
    }
    writeln!(std::io::stdout(), "listening on http://{address}")?;
    run(first, &arguments.database, arguments.how)
}

fn run(listener: TcpListener, database: &str, how: How) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let database = database.to_owned();
            tokio::task::spawn_local(async move {
                let session = match Session::open(&database, how).await {
                    Ok(session) => Rc::new(session),
                    Err(error) => return crate::progress!("no session with the database: {error:#}"),
                };
                let service = service_fn(move |request| answer(request, Rc::clone(&session)));
                // A client that goes away ends its connection, and that is all.
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
            });
        }
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    schedule_id: u64,
    seat_id: u64,
}

async fn answer(request: Request<Incoming>, session: Rc<Session>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, body) = reserve(request, &session).await.unwrap_or_else(|error| {
        crate::progress!("a reservation failed: {error:#}");
        (StatusCode::INTERNAL_SERVER_ERROR, String::new())
    });
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    Ok(response)
}

async fn reserve(request: Request<Incoming>, session: &Session) -> Result<(StatusCode, String)> {
    // Any number does for a user.
    let user = request.headers().get("authorization").map_or(0, hyper::http::HeaderValue::len);
    let body = request.into_body().collect().await?.to_bytes();
    let Wanted { schedule_id, seat_id } = serde_json::from_slice(&body)?;
    let seat = (schedule_id - 1) * STADIUM_SEATS + seat_id;
    let Some((id, until)) = session.reserve(seat.cast_signed(), user as i64).await? else {
        return Ok((StatusCode::CONFLICT, r#"{"code":"SEAT_NOT_AVAILABLE"}"#.to_owned()));
    };
    let data = format!(r#"{{"reservationId":{id},"seatStatus":"TEMP_RESERVED","reservedUntil":"{until}"}}"#);
    Ok((StatusCode::OK, format!(r#"{{"resultType":"SUCCESS","data":{data},"message":"SUCCESS"}}"#)))
}
