//! `onsale backup`: a copy of a store while people buy.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use onsale_testkit::{Admin, Buyer, Call, Shop};

use crate::setup;

fn backup(from: &Path, to: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onsale"));
    command.arg("backup").arg("--data").arg(from).arg("--to").arg(to);
    command
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// What it says, where it does it. Those who pay go on meanwhile.
async fn done(mut command: Command) -> String {
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    text(&output)
}

/// What it says, where it does not.
fn refused(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    text(&output)
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

#[tokio::test]
async fn a_copy_that_is_made_while_people_pay_has_all_that_was_acknowledged_before() {
    let mut shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let held = buyer.hold(1, 1).await;
    // Else a copy may be made before there is anything in the tables.
    shop.admin.projected().await;
    let scratch = tempfile::tempdir().unwrap();
    let to = scratch.path().join("copy");
    let (acknowledged, goes_on, task) = charging(buyer.through(&shop.client));
    // Broken off at any moment, the first copies too.
    for nth in 0..12_u64 {
        let mut command = backup(shop.server.data(), &to);
        let mut running = command.arg("--no-audit").stdout(Stdio::null()).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(3 * nth)).await;
        running.kill().unwrap();
        running.wait().unwrap();
    }
    let said = done(backup(shop.server.data(), &to)).await;
    assert!(said.contains("Everything holds"), "{said}");
    let before = acknowledged.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let said = done(backup(shop.server.data(), &to)).await;
    assert!(said.contains("of them new") && said.contains("Everything holds"), "{said}");
    goes_on.store(false, Ordering::Relaxed);
    task.await.unwrap();
    let all = acknowledged.load(Ordering::SeqCst);
    assert_eq!(
        std::fs::read(to.join("keys.toml")).unwrap(),
        std::fs::read(shop.server.data().join("keys.toml")).unwrap()
    );

    // Compacted, the store has no entries to be added: the copy is made anew.
    assert!(shop.server.terminate().success());
    let again = done(backup(shop.server.data(), &to)).await;
    assert!(again.contains("of them new") || again.contains("nothing is new"), "{again}");
    let again = done(backup(shop.server.data(), &to)).await;
    assert!(again.contains("nothing is new") && again.contains("Everything holds"), "{again}");
    assert!(shop.server.run("compact", &[]).status.success());
    let said = done(backup(shop.server.data(), &to)).await;
    assert!(said.contains("was compacted") && said.contains("Everything holds"), "{said}");
    assert!(!scratch.path().join("copy.new").exists(), "what was there before is gone");

    // The copy is served: the disk with the store is lost.
    std::fs::remove_dir_all(shop.server.data()).unwrap();
    let mut copy = setup().data(&to).start();
    let buyer = buyer.through(&copy.client());
    let balance = buyer.balance().await;
    assert_eq!(balance, all, "{before} were acknowledged before the last copy but one");
    assert_eq!(buyer.charge(1_000_000).await.status, 200);
    assert_eq!(buyer.pay(held).await.status, 200);
    Admin::new(copy.client()).projected().await;
    copy.kill();
    copy.assert_audit_clean();
}

/// Turns one bit of what is written there, where it stands first in a file.
fn turn(path: &Path, written: &str) {
    let mut bytes = std::fs::read(path).unwrap();
    let at = bytes.windows(written.len()).position(|found| found == written.as_bytes());
    bytes[at.unwrap_or_else(|| panic!("{written} is not in {}", path.display()))] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn no_copy_is_made_of_what_is_damaged_and_an_audit_makes_nothing() {
    let mut shop = Shop::open(setup()).await;
    let (scratch, data) = (tempfile::tempdir().unwrap(), shop.server.data().to_owned());
    let (to, other) = (scratch.path().join("copy"), scratch.path().join("other"));
    let quick = |to: &Path| {
        let mut command = backup(&data, to);
        command.arg("--no-audit");
        command
    };
    let tell = async |text: &str| {
        let told = Call::post("/v1/admin/messages").json(&serde_json::json!({"text": {"en": text}}));
        shop.admin.call(told).await.data();
    };
    done(quick(&to)).await;
    for text in ["the first of these words", "the second of these words"] {
        tell(text).await;
    }
    // In its log, behind which SQLite would read nothing more, and not say so.
    shop.server.kill();
    let log = data.join("journal.db-wal");
    turn(&log, "the first of these words");
    for to in [&to, &other] {
        let said = refused(quick(to));
        assert!(said.contains("journal.db-wal has a frame that has changed"), "{said}");
    }
    turn(&log, "uhe first of these words");
    // And in the journal itself.
    shop.come_back();
    assert!(shop.server.terminate().success());
    // What a log has of a page stands before what the database has of it: the start has copied it there, and it is away meanwhile.
    let (journal, aside) = (data.join("journal.db"), scratch.path().join("log of the journal"));
    std::fs::rename(&log, &aside).unwrap();
    turn(&journal, "the second of these words");
    for to in [&to, &other] {
        assert!(refused(quick(to)).contains("the journal is damaged at entry"), "{}", to.display());
    }
    assert!(!other.exists() && !scratch.path().join("other.new").exists());
    turn(&journal, "uhe second of these words");
    std::fs::rename(&aside, &log).unwrap();
    done(quick(&to)).await;

    // Who is sent what happened is not in the copy: that is told, the rest is copied, and a copy that goes on does.
    std::fs::write(data.join("webhooks.db"), "no database").unwrap();
    let said = refused(quick(&other));
    assert!(said.contains("without webhooks.db") && said.contains("webhooks.db cannot be"), "{said}");
    let mut going = quick(&to);
    let said = std::fs::File::create(scratch.path().join("said")).unwrap();
    let mut going = going.args(["--every", "1s"]).stderr(said).stdout(Stdio::null()).spawn().unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(going.try_wait().unwrap().is_none(), "it goes on");
    going.kill().unwrap();
    going.wait().unwrap();
    let said = std::fs::read_to_string(scratch.path().join("said")).unwrap();
    assert_eq!(said.matches("webhooks.db cannot be").count(), 1, "{said}");
    std::fs::remove_file(data.join("webhooks.db")).unwrap();

    // Another backup is at work on it. One that goes on waits until it is not.
    let mut going = quick(&to);
    let said = std::fs::File::create(scratch.path().join("said")).unwrap();
    let did = std::fs::File::create(scratch.path().join("did")).unwrap();
    let mut going = going.args(["--every", "1s"]).stderr(said).stdout(did).spawn().unwrap();
    // One that finds it taken at its start ends.
    onsale_testkit::eventually("it has begun", async || {
        std::fs::read_to_string(scratch.path().join("did")).unwrap().contains("nothing is new")
    })
    .await;
    let owner = Command::new("flock").arg("-F").arg(&to).args(["sleep", "600"]).spawn().unwrap();
    let held = Held(owner);
    onsale_testkit::eventually("it is locked", async || {
        std::fs::write(to.join("lock"), format!("{} copies", held.0.id())).unwrap();
        !quick(&to).output().unwrap().status.success()
    })
    .await;
    let said = refused(quick(&to));
    assert!(said.contains("another backup is at work on it"), "{said}");
    onsale_testkit::eventually("it is told", async || {
        std::fs::read_to_string(scratch.path().join("said")).unwrap().contains("is in use by")
    })
    .await;
    assert!(going.try_wait().unwrap().is_none(), "it goes on");
    drop(held);
    going.kill().unwrap();
    going.wait().unwrap();

    // Tables that are gone are made again, unless they alone have what came before; and an audit makes none.
    let audit = |dir: &Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_onsale")).args(["audit", "--data"]).arg(dir).output().unwrap();
        (output.status.code(), text(&output))
    };
    let there = |dir: &Path| dir.join("onsale.db").exists();
    std::fs::remove_file(other.join("onsale.db")).unwrap();
    let (status, said) = audit(&other);
    assert!(status == Some(0) && said.contains("not checked: the tables") && !said.contains("Everything"), "{said}");
    assert!(!there(&other));
    assert!(shop.server.run("compact", &[]).status.success());
    done(quick(&to)).await;
    // Copies that were served have charts.
    std::fs::create_dir(scratch.path().join("copy.new")).unwrap();
    std::fs::write(scratch.path().join("copy.new/history.db"), "charts").unwrap();
    assert!(shop.server.run("compact", &[]).status.success());
    assert!(done(quick(&to)).await.contains("was compacted"));
    std::fs::remove_file(to.join("onsale.db")).unwrap();
    let (status, said) = audit(&to);
    assert!(status == Some(1) && said.contains("the tables, which alone have what came before"), "{said}");
    assert!(!there(&to));
    let sealed = std::fs::read_dir(&to).unwrap().map(|entry| entry.unwrap().path());
    let sealed = sealed.into_iter().find(|path| path.is_dir()).expect("the state at the beginning");
    std::fs::remove_file(sealed.join("onsale.db")).unwrap();
    let (status, said) = audit(&to);
    assert!(status == Some(1) && said.contains("is missing") && !there(&sealed), "{said}");
}

/// A process that ends with the test.
struct Held(std::process::Child);

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_copy_is_of_one_store_and_one_history() {
    let shop = Shop::open(setup()).await;
    let other = Shop::open(setup()).await;
    let scratch = tempfile::tempdir().unwrap();
    let to = scratch.path().join("copy");
    assert!(refused(backup(scratch.path(), &to)).contains("there is no store"));
    assert!(refused(backup(shop.server.data(), shop.server.data())).contains("the store itself"));
    assert!(refused(backup(shop.server.data(), &shop.server.data().join("a/copy"))).contains("in the store"));
    std::fs::create_dir(scratch.path().join("full")).unwrap();
    std::fs::write(scratch.path().join("full/letter"), "dear").unwrap();
    assert!(refused(backup(shop.server.data(), &scratch.path().join("full"))).contains("something else"));
    // What is beside it and nobody's copy stays as it is.
    std::fs::create_dir(scratch.path().join("copy.new")).unwrap();
    std::fs::write(scratch.path().join("copy.new/letter"), "dear").unwrap();
    assert!(refused(backup(shop.server.data(), &to)).contains("something else"));
    std::fs::remove_dir_all(scratch.path().join("copy.new")).unwrap();
    // A link leads to the copy, and goes on to.
    std::fs::create_dir(&to).unwrap();
    let link = scratch.path().join("link");
    std::os::unix::fs::symlink(&to, &link).unwrap();
    done(backup(shop.server.data(), &link)).await;
    assert!(link.is_symlink() && to.join("journal.db").exists());
    assert!(refused(backup(other.server.data(), &to)).contains("another store"));

    // Served, the copy is nobody's to add to; and then it has what the store has not.
    let mut served = setup().data(&to).start();
    assert!(refused(backup(shop.server.data(), &to)).contains("in use by process"));
    Buyer::join(&served.client(), 5).await;
    served.kill();
    Buyer::join(&shop.client, 6).await;
    Buyer::join(&shop.client, 7).await;
    assert!(refused(backup(shop.server.data(), &to)).contains("restored"));
    let mut often = backup(shop.server.data(), &to);
    let output = often.args(["--every", "10ms"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
}
