//! Stopping: nothing taken is lost, nothing idle is waited for, and the deadline holds. And a thread that has stopped by itself.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;

use crate::common;
use crate::common::{Server, get, options, read_response};

#[tokio::test]
async fn a_request_in_flight_is_finished_and_idle_connections_are_closed() {
    let server = Server::start(options());
    let mut idle = server.connect().await;
    idle.write_all(&get("/")).await.unwrap();
    read_response(&mut idle).await;
    let mut busy = server.connect().await;
    busy.write_all(&get("/slow")).await.unwrap();
    server.gate.entered().await;

    server.shutdown(Duration::from_secs(3_600));
    server.all_gone(&mut idle).await;
    server.gate.open();
    let response = common::read_to_end(&mut busy).await;
    assert!(response.to_lowercase().contains("\r\nconnection: close\r\n"), "{response}");
    assert!(response.ends_with("slow"), "{response}");
    drop(busy);
    let address = server.address;
    assert_eq!(server.join().await, 0);
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn the_deadline_cuts_off_what_does_not_end() {
    let server = Server::start(options());
    let mut busy = server.connect().await;
    busy.write_all(&get("/slow")).await.unwrap();
    server.gate.entered().await;
    server.shutdown(Duration::ZERO);
    assert_eq!(server.join().await, 1);
}

#[tokio::test]
async fn a_thread_that_hangs_is_noticed_and_so_is_that_it_goes_on() {
    const LONG: Duration = Duration::from_millis(1_500);
    let server = Server::start(options());
    let mut hung = server.connect().await;
    hung.write_all(&get("/hang")).await.unwrap();
    while server.silence() < LONG {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let gate = server.gate.clone();
    tokio::task::spawn_blocking(move || gate.hung.wait()).await.unwrap();
    assert!(read_response(&mut hung).await.ends_with("hung"));
    while server.silence() >= LONG {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(hung);
    server.stop().await;
}
