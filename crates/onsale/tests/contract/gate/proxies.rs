//! nginx, HAProxy, Caddy and a Worker before a site, as they stand in `examples/gate`: never more sessions at the site than the limit, and what
//! they do while the gate is gone.

use std::collections::HashMap;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use onsale_testkit::{Call, Client, Port, Reply, Server, eventually};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;

use super::Browser;
use crate::setup;

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/gate");
/// Where npm puts workerd, by the machine's kind.
const WORKERD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/tests/node_modules/@cloudflare");
/// How many may be inside, and how many come: more by hand, as in CONTRIBUTING.md.
const LIMIT: (&str, usize) = ("ONSALE_GATE_LIMIT", 40);
const VISITORS: (&str, usize) = ("ONSALE_GATE_VISITORS", 200);

/// What the environment says, or else the number of every run.
fn number((variable, otherwise): (&str, usize)) -> usize {
    std::env::var(variable).map_or(otherwise, |text| text.parse().expect(variable))
}

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
    Caddy,
    Worker,
}

impl Kind {
    /// Starts it as the example has it, on these addresses.
    async fn start(self, listen: u16, gate: SocketAddr, site: SocketAddr, change: impl Fn(&str) -> String) -> Proxy {
        let scratch = TempDir::new().expect("a scratch directory");
        let example = |name: &str| fs::read_to_string(Path::new(EXAMPLES).join(name)).expect("the example");
        let name = match self {
            Self::Nginx => "nginx.conf",
            Self::Haproxy => "haproxy.cfg",
            Self::Caddy => "Caddyfile",
            Self::Worker => "workerd.capnp",
        };
        let text = example(name)
            .replace("127.0.0.1:8080", &gate.to_string())
            .replace("127.0.0.1 8080", &format!("{} {}", gate.ip(), gate.port()))
            .replace("127.0.0.1:3000", &site.to_string())
            .replace("listen 8000", &format!("listen 127.0.0.1:{listen}"))
            .replace("bind :8000", &format!("bind 127.0.0.1:{listen}"))
            .replace("\n:8000 {", &format!("\n:{listen} {{\n\tbind 127.0.0.1"))
            .replace("*:8000", &format!("127.0.0.1:{listen}"))
            .replace("http://localhost:8000", &format!("http://127.0.0.1:{listen}"))
            // Well within these tests' `session_idle`.
            .replace("text = \"10\"", "text = \"0.2\"");
        let mut text = change(&text);
        for beside in ["gate.lua", "worker.js"] {
            fs::write(scratch.path().join(beside), example(beside)).expect("a file");
        }
        let mut command = match self {
            Self::Nginx => {
                // What Debian's /etc/nginx/nginx.conf has around it.
                text = format!(
                    "daemon off; master_process off; pid nginx.pid; error_log stderr; events {{ worker_connections 20000; }}\nhttp {{ \
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
            Self::Caddy => {
                text = format!("{{\n\tadmin off\n\tauto_https off\n}}\n{text}");
                let mut command = Command::new("caddy");
                command.env("XDG_DATA_HOME", scratch.path()).env("XDG_CONFIG_HOME", scratch.path());
                command.args(["run", "--adapter", "caddyfile", "--config"]);
                command
            }
            Self::Worker => {
                let of_machine = if cfg!(target_arch = "aarch64") { "workerd-linux-arm64" } else { "workerd-linux-64" };
                let mut command = Command::new(Path::new(WORKERD).join(of_machine).join("bin/workerd"));
                command.arg("serve");
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
            assert!(!["[emerg]", "[ALERT]", "Error: ", "error: "].iter().any(|word| log.contains(word)), "{log}");
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
            Self::Caddy => {
                // As the comment beside it has it.
                let site = text.split('`').find(|part| part.starts_with("reverse_proxy "));
                let site = site.expect("the site").to_owned();
                text.replace("header Retry-After 5\n\t\t\trespond 503", &site)
            }
            Self::Worker => text.replace("\"closed\"", "\"open\""),
        };
        assert!(!text.contains("503"), "{text}");
        text
    }
}

/// Whether it was sent to where it waits.
fn is_sent_away(reply: &Reply) -> bool {
    matches!(reply.status, 302 | 303)
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
        .set("queue.active_limit", number(LIMIT))
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
    // Pictures come without a gate, and are nobody's session. What climbs out of their directory is not one of them.
    site.seen.lock().expect("the lock").clear();
    for path in ["/static/../x", "/static/%2e%2e/x", "/static/..%2fx", "/static/a/%2E%2E%2F../x"] {
        let reply = Browser::before(&server, &client(port)).ask_site(path).await;
        assert!(is_sent_away(&reply), "{path}: {reply}");
    }

    let mut visits = JoinSet::new();
    for _ in 0..number(VISITORS) {
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
    assert!(site.sessions() >= number(VISITORS), "{} sessions", site.sessions());
    let most = site.most_at_once();
    assert!((1..=number(LIMIT)).contains(&most), "{most} of {} at once", site.sessions());
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
    let reply = Browser::before(&server, &client(port)).ask_site("/").await;
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("5")), "{reply}");
    // Whoever verifies passes needs nobody for one that is good.
    let expected = if matches!(kind, Kind::Worker) { 200 } else { 503 };
    assert_eq!(insider.ask_site("/").await.status, expected);
    assert_eq!(site.sessions(), before);
    server.start_again(Port::Same);
    assert_eq!(insider.ask_site("/").await.status, 200, "its session has outlived that");
    assert!(is_sent_away(&Browser::before(&server, &client(port)).ask_site("/").await));
    drop(proxy);

    // Open, where that was chosen; a gate that says nothing is as one that is gone.
    let proxy = kind.start(port, server.address(), site.address, |text| kind.failing_open(&named(text))).await;
    let ask = async || Browser::before(&server, &client(port)).ask_site("/").await;
    assert!(is_sent_away(&ask().await));
    server.pause();
    // Its threads stop one after another.
    eventually("everybody comes in", async || ask().await.status == 200).await;
    server.resume();
    eventually("the gate is there again", async || is_sent_away(&ask().await)).await;
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

#[tokio::test]
async fn caddy_holds_the_limit_and_does_as_chosen_while_the_gate_is_gone() {
    assert_holds(Kind::Caddy).await;
}

#[tokio::test]
async fn a_worker_holds_the_limit_and_does_as_chosen_while_the_gate_is_gone() {
    assert_holds(Kind::Worker).await;
}
