//! `onsale backup`: a copy of a store while people buy.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use onsale_testkit::{Admin, Buyer, Shop};

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
    assert!(done(backup(shop.server.data(), &to)).await.contains("Everything holds"));
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
