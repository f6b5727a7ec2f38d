//! Every acknowledgement follows its sync, as the system calls show.

use std::fs;

use onsale_testkit::trace::{acknowledgements, has_exited, is_durable, parse, under_strace};
use onsale_testkit::{Buyer, Catalog, Shop, eventually, storm};

use crate::setup;

/// The endpoints that change something.
const WRITES: [&str; 4] =
    ["/v1/api/queue/token", "/v1/api/user/amount", "/v1/api/concerts/reserve", "/v1/api/concerts/payment"];
const ALONE: u64 = 5;
const TOGETHER: u64 = 30;

/// Each user's four writes, each of them a new one, so that none can be answered without the journal.
async fn writes(shop: &Shop) {
    for user in 1..=ALONE {
        let buyer = shop.insider_with(user, 10).await;
        let reservation = buyer.hold(1, user).await;
        buyer.pay(reservation).await.data();
    }
    let users = ALONE + 1..=ALONE + TOGETHER;
    let issued = storm(&shop.client, users.clone().map(Buyer::issue).collect()).await;
    let buyers: Vec<_> = users.zip(&issued).map(|(user, reply)| Buyer::from_issue(&shop.client, user, reply)).collect();
    let charges = buyers.iter().map(|buyer| Buyer::charging(10).token(buyer.token())).collect();
    assert!(storm(&shop.client, charges).await.iter().all(|reply| reply.status == 200));
    let reserves = buyers.iter().map(|buyer| Buyer::reserving(1, buyer.user()).token(buyer.token())).collect();
    let held = storm(&shop.client, reserves).await;
    let payments = buyers
        .iter()
        .zip(&held)
        .map(|(buyer, reply)| Buyer::paying(reply.data()["reservationId"].as_u64().unwrap()).token(buyer.token()));
    assert!(storm(&shop.client, payments.collect()).await.iter().all(|reply| reply.status == 200));
}

#[tokio::test]
async fn every_acknowledgement_follows_its_sync() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("trace");
    let settings = setup().under(&under_strace(file.to_str().unwrap()));
    let mut shop = Shop::open_with(settings, &Catalog::hall(50, 10)).await;
    let process = shop.server.process_id();
    writes(&shop).await;
    assert!(shop.server.terminate().success());
    let read = || fs::read_to_string(&file).unwrap_or_default();
    eventually("the trace is complete", async || has_exited(&read(), process)).await;
    let calls = parse(&read());
    let found = acknowledgements(&calls, &WRITES);
    for path in WRITES {
        let seen = found.iter().filter(|acknowledgement| acknowledgement.request == path).count() as u64;
        assert_eq!(seen, ALONE + TOGETHER, "acknowledgements of {path} in the trace");
    }
    for acknowledgement in &found {
        assert!(
            is_durable(acknowledgement, &calls, "journal.db"),
            "answered before it was synced: {acknowledgement:?}"
        );
    }
    eprintln!("{} acknowledgements, each after its sync", found.len());
}
