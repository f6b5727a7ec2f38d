//! Bytes on a socket, for what no client library would send.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long the server may take to answer or hang up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends these bytes and reads until the server closes the connection: its answer, perhaps empty.
///
/// # Panics
/// When nobody listens, or the server keeps the connection open without a word.
pub async fn exchange(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = connect(address).await;
    // The server may hang up before it has read everything; what it said before that is the answer.
    let _ = stream.write_all(bytes).await;
    answer(&mut stream).await
}

/// As [`exchange`], but says after the bytes that no more will come, whatever they announced.
///
/// # Panics
/// When nobody listens, or the server keeps the connection open without a word.
pub async fn exchange_and_break_off(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = connect(address).await;
    if stream.write_all(bytes).await.is_ok() {
        // It may have hung up by now, and then there is nobody to tell.
        let _ = stream.shutdown().await;
    }
    answer(&mut stream).await
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.expect("the server accepts connections")
}

async fn answer(stream: &mut TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    match tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await {
        Ok(Ok(_)) => answer,
        Ok(Err(error)) if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => answer,
        Ok(Err(error)) => panic!("reading the answer: {error}"),
        Err(_) => panic!("the server neither answered nor closed the connection"),
    }
}
