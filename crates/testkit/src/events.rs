//! A stream of server-sent events, read as a page reads it.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::call::Call;
use crate::client::Client;
use crate::reply::Reply;

/// How long an event may take; far above anything that is measured.
const PATIENCE: Duration = Duration::from_secs(60);

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub name: String,
    pub id: Option<String>,
    pub data: Value,
}

/// An open stream.
pub struct Events {
    body: Incoming,
    /// Closes the connection when it is dropped.
    _sender: SendRequest<Full<Bytes>>,
    buffer: String,
    /// Comments that came so far.
    pub comments: usize,
}

impl Events {
    /// Sends the request on a connection of its own. Where it is answered with anything but a stream, that answer.
    ///
    /// # Errors
    /// The answer that is no stream.
    ///
    /// # Panics
    /// When there is none.
    pub async fn open(client: &Client, call: Call) -> Result<Self, Box<Reply>> {
        let stream = TcpStream::connect(client.address()).await.expect("the server accepts connections");
        let (mut sender, driver) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP/1.1 begins");
        tokio::spawn(async move { drop(driver.await) });
        let request = call.request(&client.address().to_string());
        let response = timeout(PATIENCE, sender.send_request(request)).await;
        let response = response.expect("an answer in time").expect("an answer");
        let (head, body) = response.into_parts();
        if head.status != 200 {
            let body = body.collect().await.expect("the answer is whole").to_bytes();
            return Err(Box::new(Reply::new(&call, head, body)));
        }
        assert_eq!(head.headers["content-type"], "text/event-stream", "{call}");
        Ok(Self { body, _sender: sender, buffer: String::new(), comments: 0 })
    }

    /// The next event; `None` when the stream has ended in good order.
    ///
    /// # Panics
    /// When it breaks off, or nothing comes.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some(end) = self.buffer.find("\n\n") {
                let block: String = self.buffer.drain(..end + 2).collect();
                match parse(&block) {
                    Some(event) => return Some(event),
                    None => self.comments += 1,
                }
            }
            let frame = timeout(PATIENCE, self.body.frame()).await.expect("an event in time")?;
            let data = frame.expect("the stream does not break off").into_data().expect("data, not trailers");
            self.buffer.push_str(std::str::from_utf8(&data).expect("events are UTF-8"));
        }
    }

    /// Reads on until there is no more: it has ended in good order, or was cut.
    ///
    /// # Panics
    /// When it goes on and says nothing.
    pub async fn end(mut self) {
        while let Some(Ok(_)) = timeout(PATIENCE, self.body.frame()).await.expect("an event, or the end, in time") {}
    }

    /// The data of the next event of that name.
    ///
    /// # Panics
    /// When the stream ends before.
    pub async fn next_of(&mut self, name: &str) -> Value {
        loop {
            let event = self.next().await.unwrap_or_else(|| panic!("the stream ended without {name}"));
            if event.name == name {
                return event.data;
            }
        }
    }

    /// The first place of which `wanted` is true.
    ///
    /// # Panics
    /// When the stream ends before.
    pub async fn place(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let place = self.next_of("place").await;
            if wanted(&place) {
                return place;
            }
        }
    }
}

/// `None` for a comment.
fn parse(block: &str) -> Option<Event> {
    let (mut name, mut id, mut data) = ("message".to_owned(), None, String::new());
    for line in block.lines() {
        match line.split_once(':').map(|(field, value)| (field, value.strip_prefix(' ').unwrap_or(value))) {
            Some(("event", value)) => value.clone_into(&mut name),
            Some(("id", value)) => id = Some(value.to_owned()),
            Some(("data", value)) => data.push_str(value),
            Some(_) | None => {}
        }
    }
    let data = (!data.is_empty()).then(|| serde_json::from_str(&data).expect("data is JSON"))?;
    Some(Event { name, id, data })
}
