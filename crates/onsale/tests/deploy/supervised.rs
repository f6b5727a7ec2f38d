//! What systemd hears of a server, by a socket that stands for systemd's.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use onsale_testkit::{Call, Setup};
use tempfile::TempDir;

/// Waits for a word that begins so, past others.
pub(crate) fn hear(socket: &UnixDatagram, wanted: &str) -> String {
    socket.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit");
    let mut heard = Vec::new();
    loop {
        let mut buffer = [0; 4_096];
        let length =
            socket.recv(&mut buffer).unwrap_or_else(|error| panic!("{wanted} was not told ({error}): {heard:?}"));
        let word = String::from_utf8_lossy(&buffer[..length]).into_owned();
        if word.starts_with(wanted) {
            return word;
        }
        heard.push(word);
    }
}

#[tokio::test]
async fn systemd_hears_that_it_serves_that_it_lives_and_that_it_stops() {
    let scratch = TempDir::new().expect("a scratch directory");
    let path = scratch.path().join("notify");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    let setup = Setup::new(env!("CARGO_BIN_EXE_onsale")).in_directory();
    let mut server = setup.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "400000").start();
    let ready = hear(&socket, "READY=1");
    assert!(ready.contains(&format!("STATUS=serving on {}", server.address())), "{ready}");
    assert_eq!(server.client().call(Call::get("/readyz")).await.status, 200);
    for _ in 0..3 {
        hear(&socket, "WATCHDOG=1");
    }
    assert!(server.terminate().success());
    hear(&socket, "STOPPING=1");
}

#[test]
fn a_supervisor_that_is_not_there_is_named() {
    let setup = Setup::new(env!("CARGO_BIN_EXE_onsale")).in_directory();
    let (status, printed) = setup.env("NOTIFY_SOCKET", "/nowhere/notify").refused();
    assert!(!status.success() && printed.contains("NOTIFY_SOCKET: /nowhere/notify"), "{printed}");
}
