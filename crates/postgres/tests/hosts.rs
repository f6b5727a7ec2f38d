//! Several hosts, of which some are silent.

use std::net::TcpListener;
use std::time::Duration;

use onsale_postgres::{Error, Session, Target};
use onsale_testkit::postgres::{Database, Postgres};

/// What the first host gets, and what a query gets.
const PATIENCE: Duration = Duration::from_millis(500);

fn port_of(session: &Session) -> i32 {
    let client = session.client();
    let row = session.block(async { client.query_one("select inet_server_port()", &[]).await }).expect("an answer");
    row.get(0)
}

/// Host and port of `postgres://user@host:port/database`.
fn address(url: &str) -> &str {
    url.split(['@', '/']).nth(3).expect("a host")
}

#[test]
fn whoever_is_silent_is_passed_over_and_those_behind_are_found() {
    let database = Database::fresh();
    let own = Postgres::start();
    let shared = address(database.url());
    // The kernel takes connections for it, and nobody ever says anything: so does a machine whose programs stand still.
    let mute = TcpListener::bind("127.0.0.1:0").expect("a free port");
    mute.set_nonblocking(true).expect("a socket can be told not to block");
    let muted = mute.local_addr().expect("its address");
    let url = format!("postgres://onsale@{muted},127.0.0.1:{},{shared}/postgres", own.port());
    let target = Target::parse(&url, None).expect("sound");

    let first = target.connect("first", PATIENCE).expect("the second host is found behind one that is silent");
    assert_eq!(port_of(&first), i32::from(own.port()));
    assert!(mute.accept().is_ok(), "it was asked");
    let second = target.connect("second", PATIENCE).expect("a session");
    assert_eq!(port_of(&second), i32::from(own.port()));
    assert!(mute.accept().is_err(), "it is not asked by each");

    // A primary that was replaced takes connections, and its commits wait for ever.
    let client = first.client();
    let waited = first.block(async { client.batch_execute("select pg_sleep(60)").await });
    assert!(matches!(waited, Err(Error::Silent(_))), "{waited:?}");
    let third = target.connect("third", PATIENCE).expect("the third host");
    assert!(shared.ends_with(&format!(":{}", port_of(&third))), "{shared}");
}
