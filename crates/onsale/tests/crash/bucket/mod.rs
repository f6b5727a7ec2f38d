//! `onsale backup` into a bucket, and `onsale restore` from there.

mod server;

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use onsale_testkit::{Admin, Buyer, Call, Shop, eventually};
use serde_json::{Value, json};

use crate::setup;
use server::{BucketServer, SECRET};

const PLACE: &str = "s3://copies/of/a-shop";

/// A command that knows the bucket.
fn onsale(buckets: &BucketServer, arguments: &[&str], paths: &[(&str, &Path)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onsale"));
    buckets.name_to(&mut command).args(arguments);
    for (flag, path) in paths {
        command.arg(flag).arg(path);
    }
    command
}

fn backup(buckets: &BucketServer, data: &Path) -> Command {
    onsale(buckets, &["backup", "--to", PLACE], &[("--data", data)])
}

/// Without the proof.
fn quick(buckets: &BucketServer, data: &Path) -> Command {
    let mut command = backup(buckets, data);
    command.arg("--no-audit");
    command
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

async fn run(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
}

/// What it says, where it does it.
async fn done(command: Command) -> String {
    let output = run(command).await;
    assert!(output.status.success(), "{}", text(&output));
    text(&output)
}

/// What it says, where it does not.
async fn refused(command: Command) -> String {
    let output = run(command).await;
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let said = text(&output);
    assert!(!said.contains(SECRET), "{said}");
    said
}

/// A process that ends with the test, and what it says.
struct Going {
    child: Child,
    said: PathBuf,
}

impl Going {
    fn start(mut command: Command, said: PathBuf) -> Self {
        let file = File::create(&said).unwrap();
        let child = command.stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        Self { child, said }
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap()
    }

    fn goes_on(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The manifest of the copy, without the sum in its first line.
fn manifest(buckets: &BucketServer) -> Value {
    let written = fs::read_to_string(buckets.bucket().join("of/a-shop/manifest")).unwrap();
    serde_json::from_str(written.split_once('\n').unwrap().1).unwrap()
}

/// The objects that it names.
fn named(manifest: &Value) -> HashSet<String> {
    let files = manifest["files"].as_array().unwrap().iter().flat_map(|file| file["parts"].as_array().unwrap());
    let parts = files.chain(manifest["segments"].as_array().unwrap());
    parts.map(|part| part["object"].as_str().unwrap().to_owned()).collect()
}

/// The objects that there are.
fn objects(buckets: &BucketServer) -> HashSet<String> {
    let top = buckets.bucket().join("of/a-shop");
    let writers = fs::read_dir(top.join("objects")).unwrap().map(|entry| entry.unwrap().path());
    let files = writers.flat_map(|writer| fs::read_dir(writer).unwrap().map(|entry| entry.unwrap().path()));
    files.map(|file| file.strip_prefix(&top).unwrap().to_str().unwrap().to_owned()).collect()
}

fn object(buckets: &BucketServer, of: &Value) -> PathBuf {
    buckets.bucket().join("of/a-shop").join(of["object"].as_str().unwrap())
}

/// Turns one bit in the middle.
fn turn(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// Charges one won after the other, and counts those that were acknowledged.
fn charging(buyer: Buyer) -> (Arc<AtomicU64>, Arc<AtomicBool>, tokio::task::JoinHandle<()>) {
    let (acknowledged, goes_on) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(true)));
    let (count, on) = (Arc::clone(&acknowledged), Arc::clone(&goes_on));
    let task = tokio::spawn(async move {
        while on.load(Ordering::Relaxed) {
            assert_eq!(buyer.charge(1).await.status, 200);
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    (acknowledged, goes_on, task)
}

async fn seq(shop: &Shop) -> u64 {
    shop.admin.state().await["seq"].as_u64().expect("a number")
}

#[tokio::test]
async fn what_a_bucket_has_not_is_named_and_all_else_comes_back_as_of_any_moment() {
    let buckets = BucketServer::start();
    let mut shop = Shop::open(setup()).await;
    let scratch = tempfile::tempdir().unwrap();
    let [old, lost, earlier] = ["old", "lost.json", "earlier"].map(|name| scratch.path().join(name));
    let (one, two) = (shop.insider_with(1, 200_000).await, shop.insider_with(2, 200_000).await);
    shop.admin.projected().await;
    let said = done(backup(&buckets, shop.server.data())).await;
    assert!(said.contains("a whole copy is in s3://copies/of/a-shop") && said.contains("Everything holds"), "{said}");
    let said = done(backup(&buckets, shop.server.data())).await;
    assert!(said.contains("nothing is new since entry") && said.contains("Everything holds"), "{said}");

    let first = one.hold(1, 1).await;
    one.pay(first).await.data();
    done(quick(&buckets, shop.server.data())).await;
    let unpaid = seq(&shop).await;
    let second = two.hold(1, 2).await;
    two.pay(second).await.data();
    let said = done(backup(&buckets, shop.server.data())).await;
    assert!(said.contains("of them new") && said.contains("Everything holds"), "{said}");
    assert_eq!(manifest(&buckets)["segments"].as_array().unwrap().len(), 2);
    assert_eq!(objects(&buckets), named(&manifest(&buckets)), "nothing is there in vain");

    // What comes now is lost with the disk.
    let three = shop.insider_with(3, 200_000).await;
    let third = three.hold(1, 3).await;
    let gone = three.pay(third).await.data()["paymentId"].as_u64().expect("a number");
    shop.server.kill();
    let data = shop.server.data().to_owned();
    fs::rename(&data, &old).unwrap();
    let listed = done(onsale(&buckets, &["audit", "--copy", PLACE], &[])).await;
    assert!(listed.contains("has what came from entry 0 to") && listed.contains("Everything holds"), "{listed}");
    let from = ["restore", "--from", PLACE, "--format", "json"];
    let said = done(onsale(&buckets, &from, &[("--data", &data), ("--old", &old), ("--lost", &lost)])).await;
    assert!(said.contains("Everything holds") && said.contains("1 payments"), "{said}");
    let lost: Value = serde_json::from_slice(&fs::read(&lost).unwrap()).unwrap();
    let payments: Vec<_> = lost.as_array().unwrap().iter().filter(|line| line["what"] == "payment").collect();
    assert_eq!(payments.len(), 1, "{lost}");
    assert_eq!((&payments[0]["number"], &payments[0]["user"]), (&json!(gone), &json!(3)));
    assert!(!lost.as_array().unwrap().iter().any(|line| line["user"] == 1 || line["user"] == 2), "{lost}");
    shop.come_back();
    let paid = shop.admin.call(Call::get("/v1/admin/payments")).await.data();
    let paid: Vec<_> = paid.as_array().expect("a list").iter().map(|row| &row["userId"]).collect();
    assert_eq!(paid, [&json!(1), &json!(2)]);
    shop.admin.projected().await;
    shop.server.kill();
    shop.server.assert_audit_clean();

    // To a moment within the copy.
    let until = unpaid.to_string();
    let said = done(onsale(&buckets, &["restore", "--from", PLACE, "--until", &until], &[("--data", &earlier)])).await;
    assert!(said.contains("Everything holds") && said.contains(&format!("at entry {unpaid},")), "{said}");
    let exported = Command::new(env!("CARGO_BIN_EXE_onsale"))
        .args(["export", "--table", "payments", "--format", "json", "--data"])
        .arg(&earlier)
        .output()
        .unwrap();
    let exported: Value = serde_json::from_slice(&exported.stdout).unwrap();
    assert_eq!(exported.as_array().unwrap().len(), 1, "{exported}");
    // The restored one has what the copy has not, and so is no continuation of it.
    let said = refused(backup(&buckets, &earlier)).await;
    assert!(said.contains("entries that the store has not"), "{said}");
}

#[tokio::test]
async fn a_copy_is_whole_whoever_is_killed_at_whatever_moment() {
    let mut buckets = BucketServer::start();
    let mut shop = Shop::open(setup()).await;
    let scratch = tempfile::tempdir().unwrap();
    let buyer = shop.insider(1).await;
    shop.admin.projected().await;
    let (acknowledged, goes_on, task) = charging(buyer.through(&shop.client));
    // Broken off at any moment, the first copies too.
    for nth in 0..16_u64 {
        let mut running =
            quick(&buckets, shop.server.data()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(8 * nth)).await;
        running.kill().unwrap();
        running.wait().unwrap();
    }
    let said = done(backup(&buckets, shop.server.data())).await;
    assert!(said.contains("Everything holds"), "{said}");

    // Two at once do not undo each other's.
    let every = |name: &str| {
        let mut command = quick(&buckets, shop.server.data());
        command.args(["--every", "1s"]);
        Going::start(command, scratch.path().join(name))
    };
    let (mut going, mut other) = (every("going"), every("other"));
    let copied = |going: &Going| going.said().matches("of them new").count();
    eventually("both have copied", async || copied(&going) >= 2 && copied(&other) >= 2).await;
    assert!(going.goes_on() && other.goes_on(), "{}{}", going.said(), other.said());
    drop(other);

    // The bucket goes away. That is told once, nobody waits for it, and nothing is left out when it is back.
    buckets.kill();
    eventually("that is told", async || going.said().contains("s3://copies/of/a-shop failed")).await;
    let before = acknowledged.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(going.goes_on(), "{}", going.said());
    assert!(acknowledged.load(Ordering::SeqCst) > before, "people go on");
    buckets.come_back();
    eventually("it is told", async || going.said().contains("all is copied again")).await;
    assert_eq!(going.said().matches("error:").count(), 1, "{}", going.said());
    goes_on.store(false, Ordering::Relaxed);
    task.await.unwrap();
    drop(going);
    let all = acknowledged.load(Ordering::SeqCst);
    done(quick(&buckets, shop.server.data())).await;

    // Small pieces are put together, and what is not needed any more is removed.
    for _ in 0..34 {
        buyer.charge(1).await.data();
        done(quick(&buckets, shop.server.data())).await;
    }
    let segments = manifest(&buckets)["segments"].as_array().unwrap().len();
    assert!(segments < 34, "{segments}");
    assert!(named(&manifest(&buckets)).is_subset(&objects(&buckets)));

    // Compacted, the store has no entries to be added: the copy is made anew, and the one of before is gone.
    assert!(shop.server.terminate().success());
    let before = named(&manifest(&buckets));
    assert!(shop.server.run("compact", &[]).status.success());
    let said = done(backup(&buckets, shop.server.data())).await;
    assert!(said.contains("was compacted") && said.contains("Everything holds"), "{said}");
    assert!(objects(&buckets).is_disjoint(&before));

    // The disk with the store is lost.
    let data = shop.server.data().to_owned();
    fs::remove_dir_all(&data).unwrap();
    done(onsale(&buckets, &["restore", "--from", PLACE], &[("--data", &data)])).await;
    shop.come_back();
    assert_eq!(buyer.through(&shop.client).balance().await, all + 34);
    Admin::new(shop.server.client()).projected().await;
    shop.server.kill();
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn a_bucket_is_asked_by_https_and_by_nothing_less_unless_that_is_said() {
    let buckets = BucketServer::start_with_tls();
    let shop = Shop::open(setup()).await;
    let said = refused(quick(&buckets, shop.server.data())).await;
    assert!(said.contains("certificate") && !buckets.bucket().join("of").exists(), "{said}");
    let mut trusting = backup(&buckets, shop.server.data());
    trusting.env("SSL_CERT_FILE", buckets.certificate());
    let said = done(trusting).await;
    assert!(said.contains("a whole copy is in") && said.contains("Everything holds"), "{said}");
}

#[tokio::test]
async fn what_is_wrong_with_a_bucket_is_said_and_what_can_be_done() {
    let buckets = BucketServer::start();
    let shop = Shop::open(setup()).await;
    let data = shop.server.data().to_owned();
    let scratch = tempfile::tempdir().unwrap();
    let to = scratch.path().join("restored");
    let mut wrong = quick(&buckets, &data);
    wrong.env("AWS_SECRET_ACCESS_KEY", "what somebody else knows");
    let said = refused(wrong).await;
    assert!(said.contains("SignatureDoesNotMatch") && said.contains("hint: AWS_ACCESS_KEY_ID and"), "{said}");
    assert!(!said.contains("somebody else knows"), "{said}");
    let said = refused(onsale(&buckets, &["backup", "--to", "s3://elsewhere/a"], &[("--data", &data)])).await;
    assert!(said.contains("NoSuchBucket") && said.contains("hint: make the bucket"), "{said}");
    let mut plain = quick(&buckets, &data);
    plain.env_remove("AWS_ALLOW_HTTP");
    let said = refused(plain).await;
    assert!(said.contains("everybody on the way reads") && said.contains("AWS_ALLOW_HTTP=true"), "{said}");
    let mut nobody = quick(&buckets, &data);
    nobody.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    let said = refused(nobody).await;
    assert!(said.contains("hint: is the server there that AWS_ENDPOINT_URL names"), "{said}");
    // What would end the process where requests are put together.
    for (name, wrong) in [
        ("AWS_ENDPOINT_URL", "http://"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:99999"),
        ("AWS_ENDPOINT_URL", "http://[::1"),
        ("AWS_SESSION_TOKEN", "token\n"),
        ("AWS_ACCESS_KEY_ID", "my key"),
    ] {
        let mut command = quick(&buckets, &data);
        command.env(name, wrong);
        let said = refused(command).await;
        assert!(said.contains(name) && !said.contains("panicked") && !said.contains(wrong.trim_end()), "{said}");
    }
    let from = |until: &[&str]| {
        let mut command = onsale(&buckets, &["restore", "--from", PLACE], &[("--data", &to)]);
        command.args(until);
        command
    };
    assert!(refused(from(&[])).await.contains("there is no copy in s3://copies/of/a-shop"));
    let secret = onsale(&buckets, &["backup", "--to", "s3://me:mine@copies/a"], &[("--data", &data)]);
    let output = run(secret).await;
    assert!(output.status.code() == Some(2) && text(&output).contains("name the bucket alone"), "{}", text(&output));
    for mistyped in ["S3://copies/a", "s3:copies/a", "https://copies/a"] {
        let output = run(onsale(&buckets, &["backup", "--to", mistyped], &[("--data", &data)])).await;
        assert!(output.status.code() == Some(2) && text(&output).contains("s3://BUCKET"), "{}", text(&output));
    }

    // One bit of an object is found, whichever it is of, and what came before a segment is whole.
    done(quick(&buckets, &data)).await;
    let whole = seq(&shop).await;
    shop.insider(1).await;
    done(quick(&buckets, &data)).await;
    let audit = || onsale(&buckets, &["audit", "--copy", PLACE], &[]);
    let copy = manifest(&buckets);
    let parts = copy["files"].as_array().unwrap().iter().map(|file| object(&buckets, &file["parts"][0]));
    let segment = object(&buckets, &copy["segments"][0]);
    for path in parts.chain([segment.clone()]) {
        turn(&path);
        for command in [audit(), from(&[])] {
            let said = refused(command).await;
            assert!(said.contains("is not what was put there"), "{}: {said}", path.display());
        }
        turn(&path);
    }
    turn(&segment);
    let said = refused(from(&[])).await;
    assert!(said.contains(&format!("--until {whole}")), "{said}");
    assert!(!to.exists());
    done(from(&["--until", &whole.to_string()])).await;
    fs::remove_dir_all(&to).unwrap();
    fs::remove_file(&segment).unwrap();
    assert!(refused(audit()).await.contains("is missing"));
    let path = buckets.bucket().join("of/a-shop/manifest");
    turn(&path);
    for command in [audit(), from(&[]), quick(&buckets, &data)] {
        assert!(refused(command).await.contains("the manifest of s3://copies/of/a-shop cannot be used"));
    }
    turn(&path);

    // A copy is of one store.
    let other = Shop::open(setup()).await;
    assert!(refused(quick(&buckets, other.server.data())).await.contains("is of another store"));
}
