//! `onsale restore`: the disk is gone, and a copy of before is not.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use onsale_testkit::{Buyer, Call, Shop};
use serde_json::{Value, json};

use crate::setup;

fn onsale(arguments: &[&str], paths: &[(&str, &Path)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onsale"));
    command.args(arguments);
    for (flag, path) in paths {
        command.arg(flag).arg(path);
    }
    command
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn done(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    text(&output)
}

fn refused(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    text(&output)
}

/// What somebody bought: the number of their hold, that of their payment, and their ticket.
async fn buy(shop: &Shop, buyer: &Buyer, seat: u64) -> (u64, u64, Value) {
    let held = buyer.hold(1, seat).await;
    let paid = buyer.pay(held).await.data()["paymentId"].as_u64().expect("a number");
    let tickets = shop.client.call(Call::get("/v1/api/user/tickets").token(buyer.token())).await.data();
    (held, paid, tickets[0]["ticket"].clone())
}

async fn verdict(shop: &Shop, ticket: &Value) -> Value {
    shop.client.call(Call::post("/v1/tickets/verify").json(&json!({ "ticket": ticket }))).await.data()["verdict"]
        .clone()
}

/// What the list of what is lost says of one kind.
fn of<'a>(lost: &'a Value, what: &str) -> Vec<&'a Value> {
    lost.as_array().expect("a list").iter().filter(|line| line["what"] == what).collect()
}

#[tokio::test]
async fn what_a_copy_has_not_is_named_and_none_of_its_numbers_is_given_out_again() {
    let mut shop = Shop::open(setup().set("store.currency", "EUR")).await;
    let scratch = tempfile::tempdir().unwrap();
    let [copy, old, lost] = ["copy", "old", "lost.json"].map(|name| scratch.path().join(name));
    let (one, two) = (shop.insider_with(1, 200_000).await, shop.insider_with(2, 200_000).await);
    let unpaid = shop.admin.state().await["seq"].as_u64().expect("a number");
    let kept = buy(&shop, &one, 1).await;
    let open = two.hold(1, 2).await;
    done(onsale(&["backup"], &[("--data", shop.server.data()), ("--to", &copy)]));

    let (three, four) = (shop.insider_with(3, 200_000).await, shop.insider_with(4, 200_000).await);
    let gone = buy(&shop, &three, 3).await;
    let held = four.hold(1, 4).await;
    two.pay(open).await.data();
    shop.admin.close_schedule(2, true).await.data();
    shop.server.kill();

    // Nothing that is there is touched, and no number of a store that goes on may be taken for a lost one.
    let data = shop.server.data().to_owned();
    let from: [(&str, &Path); 2] = [("--from", &copy), ("--data", &data)];
    assert!(refused(onsale(&["restore"], &from)).contains("there is something in"));
    std::fs::rename(&data, &old).unwrap();
    let early = refused(onsale(&["restore", "--lost-until", "2026-01-01T00:00:00Z"], &from));
    assert!(early.contains("there is an entry of"), "{early}");
    let inside = copy.join("a");
    assert!(refused(onsale(&["restore"], &[("--from", &copy), ("--data", &inside)])).contains("in what --from names"));
    for nth in 0..6_u64 {
        let mut running = onsale(&["restore"], &from).stdout(Stdio::null()).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(9 * nth)).await;
        running.kill().unwrap();
        running.wait().unwrap();
        // It is there as a whole, or not at all.
        if data.exists() {
            std::fs::remove_dir_all(&data).unwrap();
        }
    }
    let mut restore = onsale(&["restore", "--format", "json"], &from);
    restore.arg("--old").arg(&old).arg("--lost").arg(&lost);
    let said = done(restore);
    assert!(said.contains("Everything holds") && said.contains("2 payments, 1 holds, 2 charges"), "{said}");
    assert!(!data.with_extension("new").exists(), "what it was made in is gone");
    let lost: Value = serde_json::from_slice(&std::fs::read(&lost).unwrap()).unwrap();
    let numbers: Vec<_> = of(&lost, "payment").iter().map(|line| (&line["number"], &line["user"])).collect();
    assert_eq!(numbers, [(&json!(gone.1), &json!(3)), (&json!(gone.1 + 1), &json!(2))]);
    assert_eq!(of(&lost, "hold")[0]["reservation"], held);
    assert_eq!(of(&lost, "charge").iter().map(|line| &line["user"]).collect::<Vec<_>>(), [&json!(3), &json!(4)]);
    assert!(of(&lost, "lever")[0]["note"].as_str().expect("words").contains("closed true"), "{lost}");

    shop.come_back();
    assert_eq!(verdict(&shop, &kept.2).await, "VALID");
    assert_eq!(verdict(&shop, &gone.2).await, "VOID");
    for lost in [&three, &four] {
        let lost = lost.through(&shop.client);
        assert_eq!(lost.status().await, "EXPIRED");
        lost.reserve(1, 5).await.refused(403, "SESSION_EXPIRED");
        assert_eq!(lost.balance().await, 0);
    }
    // Others are where they were, and have the numbers that they had.
    assert_eq!(two.through(&shop.client).pay(open).await.status, 200);
    // Who was given a number that is lost has nothing by it, whoever buys what.
    let (five, again) = (shop.insider_with(5, 200_000).await, shop.insider_with(4, 200_000).await);
    let bought = buy(&shop, &five, 3).await;
    assert!(bought.0 > held + 1_000_000 && bought.1 > gone.1 + 1_000_000, "{bought:?}");
    again.pay(held).await.refused(404, "RESERVATION_NOT_FOUND");
    again.cancel(held).await.refused(404, "RESERVATION_NOT_FOUND");
    // Who reads all payments, or counts them, is not stopped by what was passed over.
    let paid = shop.admin.call(Call::get("/v1/admin/payments")).await.data();
    let paid: Vec<_> = paid.as_array().expect("a list").iter().map(|row| &row["userId"]).collect();
    assert_eq!(paid, [&json!(1), &json!(2), &json!(5)]);
    let state = shop.admin.state().await;
    assert_eq!((&state["payments"], &state["reservations"], &state["currency"]), (&json!(3), &json!(3), &json!("EUR")));
    let levers = shop.admin.call(Call::get("/v1/admin/levers")).await.data();
    let is_it = |lever: &&Value| lever["action"] == "RESTORE_STORE" && lever["operator"] == "onsale restore";
    assert!(levers.as_array().expect("a list").iter().any(|lever| is_it(&lever)), "{levers}");
    shop.admin.projected().await;
    shop.server.kill();
    shop.server.assert_audit_clean();

    // To a moment within the copy, behind which its tables are.
    let earlier = scratch.path().join("earlier");
    let to: [(&str, &Path); 2] = [("--from", &copy), ("--data", &earlier)];
    assert!(refused(onsale(&["restore", "--until", "2026-01-01T00:00:00Z"], &to)).contains("not in the copy"));
    assert!(!earlier.exists());
    let said = done(onsale(&["restore", "--until", &unpaid.to_string()], &to));
    assert!(said.contains("Everything holds") && said.contains(&format!("at entry {unpaid},")), "{said}");
    let exported = done(onsale(&["export", "--table", "reservations", "--format", "json"], &[("--data", &earlier)]));
    assert!(exported.starts_with("[]"), "{exported}");
}
