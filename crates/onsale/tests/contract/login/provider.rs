//! An identity provider that answers what a test wants, also what no real one would.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::entry::{Key, now};

/// What it does next.
struct State {
    key: Key,
    /// What is signed for a code, once.
    codes: HashMap<String, Value>,
    userinfo: Value,
    /// It takes requests and answers none.
    hangs: bool,
    is_broken: bool,
    /// What it was asked, `METHOD PATH`, and what was sent.
    asked: Vec<(String, String)>,
}

pub(super) struct Provider {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Provider {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = State {
            key: Key::ed25519("first"),
            codes: HashMap::new(),
            userinfo: json!({}),
            hangs: false,
            is_broken: false,
            asked: Vec::new(),
        };
        let state = Arc::new(Mutex::new(state));
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, shared) = (stream.unwrap(), shared.clone());
                std::thread::spawn(move || answer(stream, address, &shared));
            }
        });
        Self { address, state }
    }

    pub(super) fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// A code for which it gives a token that says this.
    pub(super) fn code(&self, claims: Value) -> String {
        let mut state = self.state();
        let code = format!("code-{}", state.codes.len() + state.asked.len());
        state.codes.insert(code.clone(), claims);
        code
    }

    /// What a token of this person says, for a sign-in with this nonce.
    pub(super) fn claims(&self, subject: &str, nonce: &str) -> Value {
        json!({"iss": self.issuer(), "aud": "onsale", "sub": subject, "exp": now() + 600, "iat": now(), "nonce": nonce})
    }

    pub(super) fn says_of_people(&self, userinfo: Value) {
        self.state().userinfo = userinfo;
    }

    pub(super) fn rotate(&self, key: Key) {
        self.state().key = key;
    }

    pub(super) fn hangs(&self, hangs: bool) {
        self.state().hangs = hangs;
    }

    pub(super) fn is_broken(&self, is_broken: bool) {
        self.state().is_broken = is_broken;
    }

    /// What was sent to it with a request for tokens, the last time.
    pub(super) fn last_form(&self) -> String {
        let state = self.state();
        let mut forms = state.asked.iter().rev().filter(|(asked, _)| asked == "POST /token");
        forms.next().map(|(_, form)| form.clone()).expect("somebody asked for tokens")
    }
}

fn answer(mut stream: TcpStream, address: SocketAddr, shared: &Mutex<State>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while reader.read_line(&mut head).is_ok_and(|read| read > 2) {}
    let mut words = head.split_whitespace();
    let (method, path) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    let (status, text) = {
        let mut state = shared.lock().unwrap();
        state.asked.push((format!("{method} {path}"), format!("{body} {head}")));
        if state.hangs {
            drop(state);
            std::thread::sleep(Duration::from_secs(20));
            return;
        }
        if state.is_broken { (500, Value::Null) } else { document(&mut state, address, &path, &body) }
    };
    let text = text.to_string();
    let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n");
    // Whoever has gone needs no answer.
    let _ = stream.write_all(format!("{head}content-length: {}\r\n\r\n{text}", text.len()).as_bytes());
}

fn document(state: &mut State, address: SocketAddr, path: &str, body: &str) -> (u16, Value) {
    let at = |path: &str| format!("http://{address}{path}");
    match path {
        "/.well-known/openid-configuration" => {
            let document = json!({
                "issuer": format!("http://{address}"), "authorization_endpoint": at("/auth"), "token_endpoint": at("/token"),
                "jwks_uri": at("/jwks"), "userinfo_endpoint": at("/me"),
            });
            (200, document)
        }
        "/jwks" => (200, json!({"keys": [state.key.public]})),
        "/me" => (200, state.userinfo.clone()),
        "/token" => {
            let code = body.split('&').find_map(|part| part.strip_prefix("code=")).unwrap_or_default();
            match state.codes.remove(code) {
                Some(claims) => {
                    (200, json!({"id_token": state.key.sign(&claims), "access_token": "a", "token_type": "Bearer"}))
                }
                None => (400, json!({"error": "invalid_grant"})),
            }
        }
        _ => (404, Value::Null),
    }
}
