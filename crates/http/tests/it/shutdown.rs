//! Stopping: nothing taken is lost, nothing idle is waited for, and the deadline holds.

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
