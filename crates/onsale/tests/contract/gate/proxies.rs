//! nginx and HAProxy before a site, as they stand in `examples/gate`: never more sessions at the site than the limit, and what they do while
//! the gate is gone.

use std::collections::HashMap;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use onsale_testkit::{Call, Client, Port, Server, eventually};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;

use super::Browser;
use crate::setup;

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/gate");
const LIMIT: usize = 40;
const VISITORS: usize = 200;

/// A site that knows nothing of gates. It notes when it has seen each session first and last.
#[derive(Clone)]
struct Site {
    address: SocketAddr,
    seen: Arc<Mutex<HashMap<String, (Instant, Instant)>>>,
}

impl Site {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let site = Self { address: listener.local_addr().expect("its address"), seen: Arc::default() };
        let of_all = site.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(of_all.clone().serve(stream));
            }
        });
        site
    }

    async fn serve(self, mut stream: tokio::net::TcpStream) {
        let mut bytes = Vec::new();
        loop {
            let mut part = [0; 4_096];
            match stream.read(&mut part).await {
                Ok(0) | Err(_) => return,
                Ok(read) => bytes.extend_from_slice(&part[..read]),
            }
            while let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
                bytes.drain(..end + 4);
                let session = head.lines().find_map(|line| line.strip_prefix("onsale-session:"));
                let session = session.unwrap_or_default().trim().to_owned();
                let now = Instant::now();
                self.seen.lock().expect("the lock").entry(session).or_insert((now, now)).1 = now;
                if stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nsite").await.is_err() {
                    return;
                }
            }
        }
    }

    fn sessions(&self) -> usize {
        self.seen.lock().expect("the lock").len()
    }

    /// The most sessions that were live at one moment: each is from its first request to its last.
    fn most_at_once(&self) -> usize {
        let seen = self.seen.lock().expect("the lock");
        let at = |moment| seen.values().filter(|(first, last)| *first <= moment && moment <= *last).count();
        seen.values().map(|(first, _)| at(*first)).max().unwrap_or(0)
    }
}

/// A proxy, killed when dropped.
struct Proxy {
    child: Child,
    scratch: TempDir,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // It may have ended by itself, and both calls then say so.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Nginx,
    Haproxy,
}

impl Kind {
    /// Starts it as the example has it, on these addresses.
    async fn start(self, listen: u16, gate: SocketAddr, site: SocketAddr, change: impl Fn(&str) -> String) -> Proxy {
        let scratch = TempDir::new().expect("a scratch directory");
        let example = |name: &str| fs::read_to_string(Path::new(EXAMPLES).join(name)).expect("the example");
        let name = match self {
            Self::Nginx => "nginx.conf",
            Self::Haproxy => "haproxy.cfg",
        };
        let text = example(name)
            .replace("127.0.0.1:8080", &gate.to_string())
            .replace("127.0.0.1 8080", &format!("{} {}", gate.ip(), gate.port()))
            .replace("127.0.0.1:3000", &site.to_string())
            .replace("listen 8000", &format!("listen 127.0.0.1:{listen}"))
            .replace("bind :8000", &format!("bind 127.0.0.1:{listen}"));
        let mut text = change(&text);
        fs::write(scratch.path().join("gate.lua"), example("gate.lua")).expect("a file");
        let mut command = match self {
            Self::Nginx => {
                // What Debian's /etc/nginx/nginx.conf has around it.
                text = format!(
                    "daemon off; master_process off; pid nginx.pid; error_log stderr; events {{ worker_connections 4096; }}\nhttp {{ \
                     access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; \
                     scgi_temp_path s;\n{text}\n}}"
                );
                let mut command = Command::new("nginx");
                command.args(["-p", ".", "-e", "stderr", "-c"]);
                command
            }
            Self::Haproxy => {
                let mut command = Command::new("haproxy");
                command.args(["-db", "-f"]);
                command
            }
        };
        let file = scratch.path().join("configuration");
        fs::write(&file, text).expect("a file");
        let log = fs::File::create(scratch.path().join("log")).expect("a log");
        command.arg(&file).current_dir(scratch.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let child = command.spawn().unwrap_or_else(|error| panic!("starting {command:?}: {error}"));
        let proxy = Proxy { child, scratch };
        let client = Client::new(SocketAddr::from(([127, 0, 0, 1], listen)));
        eventually("it listens", async || {
            let log = fs::read_to_string(proxy.scratch.path().join("log")).unwrap_or_default();
            assert!(!log.contains("[emerg]") && !log.contains("[ALERT]"), "{log}");
            client.send(&Call::get("/static/")).await.is_ok()
        })
        .await;
        proxy
    }

    /// As the comments of the example say that it fails open.
    fn failing_open(self, text: &str) -> String {
        let text = match self {
            Self::Nginx => text.replace("add_header Retry-After 5 always;\n    return 503;", "proxy_pass http://site;"),
            Self::Haproxy => {
                text.lines().filter(|line| !line.contains("return status 503")).collect::<Vec<_>>().join("\n") + "\n"
            }
        };
        assert!(!text.contains("503"), "{text}");
        text
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("its address").port()
}

fn client(port: u16) -> Client {
    Client::new(SocketAddr::from(([127, 0, 0, 1], port)))
}

/// A gate before the site that its proxy serves on this port.
fn gate(port: u16) -> Server {
    setup()
        .set("gate.origin", "http://localhost")
        .set("gate.sites.default.origin", format!("http://127.0.0.1:{port}"))
        .set("queue.active_limit", LIMIT)
        .set("queue.session_idle", "3s")
        .start()
}

/// The example's gate is called `shop`, and these tests' is in the default queue.
fn named(text: &str) -> String {
    text.replace("/v1/gate/shop", "/v1/gate/default")
}

async fn assert_holds(kind: Kind) {
    onsale_testkit::raise_descriptor_limit();
    let port = free_port();
    let (mut server, site) = (gate(port), Site::start().await);
    let proxy = kind.start(port, server.address(), site.address, named).await;
    // Pictures come without a gate, and are nobody's session.
    site.seen.lock().expect("the lock").clear();

    let mut visits = JoinSet::new();
    for _ in 0..VISITORS {
        let mut browser = Browser::before(&server, &client(port));
        visits.spawn(async move {
            for path in ["/?first=1", "/second", "/third"] {
                let reply = browser.visit(path).await;
                assert_eq!((reply.status, &reply.body[..]), (200, &b"site"[..]), "{reply}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            browser
        });
    }
    let mut browsers = visits.join_all().await;
    assert!(site.sessions() >= VISITORS, "{} sessions", site.sessions());
    let most = site.most_at_once();
    assert!((1..=LIMIT).contains(&most), "{most} at once");
    assert!(!site.seen.lock().expect("the lock").contains_key(""), "a request came without a session");

    // Closed while the gate is gone, whoever comes; and back without a word to the proxy.
    let mut insider = browsers.pop().expect("one of them");
    // What is noted of it is journaled four times in each `session_idle`, and what is not yet is lost with the server.
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(1_500) {
        insider.visit("/again").await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let before = site.sessions();
    server.kill();
    for browser in [&mut insider, &mut Browser::before(&server, &client(port))] {
        let reply = browser.ask_site("/").await;
        assert_eq!((reply.status, reply.header("retry-after")), (503, Some("5")), "{reply}");
    }
    assert_eq!(site.sessions(), before);
    server.start_again(Port::Same);
    assert_eq!(insider.ask_site("/").await.status, 200, "its session has outlived that");
    assert_eq!(Browser::before(&server, &client(port)).ask_site("/").await.status, 302);
    drop(proxy);

    // Open, where that was chosen; a gate that says nothing is as one that is gone.
    let proxy = kind.start(port, server.address(), site.address, |text| kind.failing_open(&named(text))).await;
    let ask = async || Browser::before(&server, &client(port)).ask_site("/").await.status;
    assert_eq!(ask().await, 302);
    server.pause();
    // Its threads stop one after another.
    eventually("everybody comes in", async || ask().await == 200).await;
    server.resume();
    eventually("the gate is there again", async || ask().await == 302).await;
    drop(proxy);
    assert!(server.terminate().success());
    server.assert_audit_clean();
}

#[tokio::test]
async fn nginx_holds_the_limit_and_does_as_chosen_while_the_gate_is_gone() {
    assert_holds(Kind::Nginx).await;
}

#[tokio::test]
async fn haproxy_holds_the_limit_and_does_as_chosen_while_the_gate_is_gone() {
    assert_holds(Kind::Haproxy).await;
}
