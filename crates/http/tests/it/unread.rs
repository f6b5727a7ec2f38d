//! Clients of HTTP/2 that ask for much and take little. What they leave unread is bounded, in bytes and in time.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use onsale_http::server::{Counts, Options};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::common::frames::{PREFACE, frame, request, setting, window_update};
use crate::common::{LIST_BYTES, Server, frames, options};

/// The window that each stream begins with (RFC 9113, section 6.5.2).
const INITIAL_WINDOW_SIZE: u16 = 4;

const STREAMS: u32 = 100;

/// A client that takes `window` bytes of each answer and has asked for `STREAMS` of them.
async fn greedy(server: &Server, window: u32) -> TcpStream {
    let mut client = server.connect().await;
    let mut bytes = [PREFACE.to_vec(), setting(INITIAL_WINDOW_SIZE, window)].concat();
    bytes.extend((0..STREAMS).flat_map(|number| request(1 + 2 * number, "GET", "/list")));
    client.write_all(&bytes).await.unwrap();
    client
}

/// Whether the server has ended this connection while the client went on with `keep`, one after the other.
async fn ends_while(mut client: TcpStream, keep: impl Fn(u32) -> Vec<u8>) {
    let mut scratch = [0; 4096];
    for turn in 0.. {
        if client.write_all(&keep(turn)).await.is_err() {
            return;
        }
        let read = tokio::time::timeout(Duration::from_millis(5), client.read(&mut scratch)).await;
        if matches!(read, Ok(Ok(0) | Err(_))) {
            return;
        }
    }
}

#[tokio::test]
async fn answers_that_nobody_takes_end_the_connection_whatever_else_goes_on() {
    let short = Options { write_timeout: Duration::from_millis(100), ..options() };
    let server = Server::start(short);
    // Whole requests beside them: the last one is over all the time.
    let asking = |turn| request(1 + 2 * (STREAMS + turn), "HEAD", "/");
    let pings = |turn: u32| frame(frames::PING, 0, 0, &u64::from(turn).to_be_bytes());
    let settings = |turn: u32| setting(INITIAL_WINDOW_SIZE, turn % 2);
    // One byte at a time, to each in turn.
    let trickle = |turn: u32| [window_update(1 + 2 * (turn % STREAMS), 1), window_update(0, 1)].concat();
    for window in [0, 1, 100] {
        ends_while(greedy(&server, window).await, asking).await;
        ends_while(greedy(&server, window).await, pings).await;
        ends_while(greedy(&server, window).await, settings).await;
        ends_while(greedy(&server, window).await, trickle).await;
    }
}

#[tokio::test]
async fn unread_answers_of_a_connection_are_bounded() {
    for window in [0, 1] {
        let counts = Arc::<Counts>::default();
        let server = Server::start(Options { counts: counts.clone(), ..options() });
        let mut client = greedy(&server, window).await;
        let room = (512 << 10) / LIST_BYTES as u64;
        let refused = u64::from(STREAMS) - room;
        while counts.unread.load(Relaxed) < refused {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // Those that are given up make room again.
        let given_up = |number| frame(frames::RST_STREAM, 0, 1 + 2 * number, &8_u32.to_be_bytes());
        client.write_all(&(0..STREAMS).flat_map(given_up).collect::<Vec<u8>>()).await.unwrap();
        for number in STREAMS.. {
            let before = counts.unread.load(Relaxed);
            client.write_all(&request(1 + 2 * number, "GET", "/list")).await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
            if counts.unread.load(Relaxed) == before {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_client_that_takes_its_answers_gets_them_all() {
    let server = Server::start(Options { write_timeout: Duration::from_secs(3_600), ..options() });
    let mut client = greedy(&server, 65_535).await;
    // Of the connection's own window at first, then as much as there is.
    client.write_all(&window_update(0, 1 << 30)).await.unwrap();
    let (mut bytes, mut head) = (0, [0; 9]);
    let (mut refused, mut ended) = (0, 0);
    while ended < STREAMS {
        client.read_exact(&mut head).await.unwrap();
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let mut payload = vec![0; length];
        client.read_exact(&mut payload).await.unwrap();
        if head[3] == frames::DATA {
            bytes += payload.iter().filter(|&&byte| byte == b'x').count();
            refused += u32::from(payload.starts_with(b"{"));
        }
        ended += u32::from(head[3] <= frames::HEADERS && head[4] & frames::END_STREAM != 0);
    }
    assert_eq!(bytes, (STREAMS - refused) as usize * LIST_BYTES);
    // So many at once are too much, but nothing of them is held against the client that took its answers.
    client.write_all(&request(1 + 2 * STREAMS, "GET", "/list")).await.unwrap();
    let (mut list, mut scratch) = (0, vec![0; 4096]);
    while list < LIST_BYTES {
        let read = client.read(&mut scratch).await.unwrap();
        assert!(read > 0, "no answer");
        list += scratch[..read].iter().filter(|&&byte| byte == b'x').count();
    }
}

#[tokio::test]
async fn a_head_of_too_many_fields_is_refused_before_anything_is_made_of_it() {
    let server = Server::start(options());
    let mut client = server.connect().await;
    let mut block = request(1, "GET", "/list")[9..].to_vec();
    for number in 0..101 {
        block.extend(frames::field(&format!("x{number}"), ""));
    }
    let head = frame(frames::HEADERS, frames::END_STREAM | frames::END_HEADERS, 1, &block);
    client.write_all(&[PREFACE.to_vec(), head].concat()).await.unwrap();
    let mut answer = vec![0; 4096];
    let mut bytes = 0;
    // Only the answer's head, which ends the stream.
    while !answer[..bytes].windows(9).any(|head| head[3..9] == [frames::HEADERS, 5, 0, 0, 0, 1]) {
        let read = client.read(&mut answer[bytes..]).await.unwrap();
        assert!(read > 0, "no answer");
        bytes += read;
    }
}
