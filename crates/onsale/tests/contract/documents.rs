//! What documents promise is there: the metrics that they name, and the shop that they show.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use onsale_testkit::{Buyer, Call, Client, Reply, Shop};

use crate::setup;

fn document(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs")).join(name)
}

/// The metrics that a text names.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let after = text.match_indices("onsale_").map(|(at, _)| &text[at..]);
    let names = after.map(|rest| {
        let end = rest.find(|letter: char| !(letter.is_ascii_lowercase() || letter == '_')).unwrap_or(rest.len());
        rest[..end].trim_end_matches('_').to_owned()
    });
    names.collect()
}

#[tokio::test]
async fn metrics_that_documents_name_are_there() {
    // Those of the cluster's page are there where a database is, and the names of its schemas look like metrics.
    let documents = std::fs::read_dir(document("")).unwrap().map(|entry| entry.unwrap().path());
    let markdown = documents.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let others = markdown.filter(|path| path.file_name().is_some_and(|name| name != "cluster.md"));
    let named: BTreeSet<String> = others.flat_map(|path| metrics_in(&std::fs::read_to_string(path).unwrap())).collect();
    assert!(named.len() > 15, "{named:?}");
    let shop = Shop::open(setup().in_directory()).await;
    shop.insider(1).await;
    let reply = shop.client.call(Call::get("/metrics")).await;
    let text = String::from_utf8(reply.body.to_vec()).unwrap();
    let there: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let is_there = |name: &String| {
        let counted = name.strip_suffix("_total").unwrap_or(name);
        there.contains(name.as_str()) || there.contains(counted)
    };
    let missing: Vec<&String> = named.iter().filter(|name| !is_there(name)).collect();
    assert!(missing.is_empty(), "documents name {missing:?}, and /metrics has {there:?}");
}

/// The shop of `docs/shop.md`, as it stands there.
struct Documented {
    child: Child,
    client: Client,
    _directory: tempfile::TempDir,
}

impl Drop for Documented {
    fn drop(&mut self) {
        // It may have ended by itself, and both calls then say so.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the shop and onsale share.
const SECRET: &str = "a-shop-s-secret-for-tests-0123456789abcdef";

impl Documented {
    fn start(onsale: SocketAddr, key: &str) -> Self {
        let text = std::fs::read_to_string(document("shop.md")).unwrap();
        let program = text.split("```python\n").nth(1).and_then(|rest| rest.split("```").next()).expect("the shop");
        let example = std::fs::read_to_string(document("../examples/shop/shop.py")).unwrap();
        assert!(program == example, "docs/shop.md shows another program than examples/shop/shop.py is");
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new("python3");
        command.arg(document("../examples/shop/shop.py")).current_dir(directory.path());
        let url = format!("http://{onsale}");
        for (name, value) in [
            ("SHOP_ADMIN", url.as_str()),
            ("SHOP_KEY", key),
            ("SHOP_TICKETS", "https://tickets.example"),
            ("SHOP_HOME", "https://shop.example"),
            ("SHOP_ENTRY_SECRET", SECRET),
            ("SHOP_PROVIDER_SECRET", "between us"),
            ("SHOP_PORT", "0"),
        ] {
            command.env(name, value);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("python3 is installed");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit_once("//").expect("its address").1.parse().unwrap();
        Self { child, client: Client::new(address), _directory: directory }
    }

    async fn post(&self, path: &str, form: &str, header: (&str, &str)) -> Reply {
        let call = Call::post(path).header("content-type", "application/x-www-form-urlencoded");
        self.client.call(call.header(header.0, header.1).body(form.to_owned())).await
    }
}

/// The entry token of a link to the page.
fn entry(link: &Reply) -> String {
    let address = link.header("location").unwrap_or_default().to_owned();
    let start = "https://tickets.example/?return=https%3A%2F%2Fshop.example%2Ftickets#entry=";
    let token = address.strip_prefix(start).and_then(|rest| rest.strip_suffix("&queue=default"));
    token.unwrap_or_else(|| panic!("{address}")).to_owned()
}

#[tokio::test]
async fn the_shop_of_the_documents_sells_a_ticket() {
    let signed = setup()
        .set("access.users", "signed")
        .set("access.charge", "operator")
        .set("entry.issuer", "https://shop.example")
        .set("entry.audience", "tickets")
        .set("entry.secret", SECRET);
    let shop = Shop::open(signed).await;
    let new = serde_json::json!({"name": "Moon Tickets", "role": "SHOP"});
    let made = shop.admin.call(Call::post("/v1/admin/operators").json(&new)).await.data();
    let documented = Documented::start(shop.server.address(), made["key"].as_str().unwrap());
    let login = documented.post("/login", "name=ann", ("accept", "*/*")).await;
    assert_eq!(login.status, 303, "{login}");
    let cookie = login.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let cookie = ("cookie", cookie.as_str());

    // The money comes before the buyer does, and is told twice.
    let paid = "name=ann&amount=60000&payment=pay-1";
    assert_eq!(documented.post("/paid", paid, ("provider-secret", "guessed")).await.status, 403);
    for _ in 0..2 {
        let told = documented.post("/paid", paid, ("provider-secret", "between us")).await;
        assert_eq!(told.status, 200, "{told}");
    }

    let mut places = Vec::new();
    for _ in 0..2 {
        let token = entry(&documented.post("/buy", "", cookie).await);
        let joined = Call::post("/v1/api/queue/token").json(&serde_json::json!({"entryToken": token}));
        places.push(shop.client.call(joined).await.data()["queueToken"].as_str().unwrap().to_owned());
    }
    assert_eq!(places[0], places[1], "the same place, however often it is asked for");
    let buyer = Buyer::from_token(&shop.client, 0, &places[0]);
    assert_eq!(buyer.status().await, "PROGRESS");
    assert_eq!(buyer.balance().await, 60_000, "the provider told it twice");
    let held = buyer.hold(1, 3).await;
    buyer.pay(held).await.data();

    let tickets = documented.client.call(Call::get("/tickets").header(cookie.0, cookie.1)).await;
    assert_eq!(tickets.status, 200, "{tickets}");
    let text = String::from_utf8_lossy(&tickets.body).into_owned();
    assert!(text.matches("<pre>").count() == 1 && text.contains("seatId&quot;: 3"), "{text}");

    // What makes no sense gets an answer too, and what onsale refuses is passed on in its words.
    assert_eq!(documented.post("/login", "", ("accept", "*/*")).await.status, 400);
    let told = [
        ("name=eve&amount=60000&payment=pay-3", 404),
        ("name=ann&payment=pay-4", 400),
        ("name=ann&amount=1&payment=pay-1", 409),
    ];
    for (form, status) in told {
        let reply = documented.post("/paid", form, ("provider-secret", "between us")).await;
        assert_eq!(reply.status, status, "{form}: {reply}");
    }
}
