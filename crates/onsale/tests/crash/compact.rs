//! `onsale compact`: a shorter journal, the same store.

use std::path::Path;
use std::process::{Command, Output};

use onsale_testkit::{Admin, Port, Shop};

use crate::setup;

fn onsale(arguments: &[&str], data: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_onsale")).args(arguments).arg("--data").arg(data).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test]
async fn the_store_goes_on_from_where_its_journal_was_cut() {
    let mut shop = Shop::open(setup()).await;
    let first = shop.insider_with(1, 1_000_000).await;
    // Who has paid is outside: somebody else looks at the seats.
    let viewer = shop.insider(2).await;
    let (paid, held) = (first.hold(1, 1).await, first.hold(1, 2).await);
    assert_eq!(first.pay(paid).await.status, 200);
    let refused = onsale(&["compact"], shop.server.data());
    assert!(!refused.status.success() && text(&refused).contains("in use"), "{}", text(&refused));

    shop.admin.projected().await;
    let told = shop.admin.events().await;
    // Not stopped in good order, so that the tables have to catch up first; and twice, as the first copy must go.
    for round in 0..2 {
        shop.server.kill();
        let compacted = onsale(&["compact"], shop.server.data());
        assert!(compacted.status.success(), "{}", text(&compacted));
        shop.server.assert_audit_clean();
        shop.server.start_again(Port::Any);
        let client = shop.server.client();
        let (first, viewer) = (first.through(&client), viewer.through(&client));
        let events = Admin::new(client.clone()).events().await;
        assert!(events.starts_with(&told), "what happened before is told as before");
        assert_eq!(viewer.seat(1, 1).await["seatStatus"], "RESERVED");
        assert_eq!(viewer.seat(1, 2).await["seatStatus"], "TEMP_RESERVED");
        assert!(first.charge(10).await.status == 200, "round {round}");
    }
    let first = first.through(&shop.server.client());
    assert_eq!(first.pay(held).await.status, 200);
    shop.server.kill();
    shop.server.assert_audit_clean();
    let copies = std::fs::read_dir(shop.server.data()).unwrap().flatten();
    let copies: Vec<_> =
        copies.filter(|entry| entry.file_name().to_string_lossy().starts_with("checkpoint-")).collect();
    assert_eq!(copies.len(), 1, "{copies:?}");

    // The tables can be lost: the sealed state stands in for them, and the refusal says so.
    std::fs::remove_file(shop.server.data().join("onsale.db")).unwrap();
    let (_, said) = setup().data(shop.server.data()).refused();
    let kept = copies[0].path().join("onsale.db");
    assert!(said.contains(&kept.display().to_string()), "{said}");
    let command = said.split("hint: ").nth(1).and_then(|hint| hint.split(": the journal").next()).expect("a way back");
    assert!(Command::new("sh").args(["-c", command]).status().unwrap().success(), "{command}");
    shop.server.start_again(Port::Any);
    assert_eq!(viewer.through(&shop.server.client()).seat(1, 2).await["seatStatus"], "RESERVED");
    shop.server.kill();
    shop.server.assert_audit_clean();

    // The sealed state is part of the proof: without it an audit cannot say that everything holds.
    std::fs::remove_dir_all(copies[0].path()).unwrap();
    assert!(!onsale(&["audit"], shop.server.data()).status.success());
}
