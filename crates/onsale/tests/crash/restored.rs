//! A data directory of before is put back, and numbers are issued again.

use std::path::Path;

use onsale_testkit::{Buyer, Call, Shop};

use crate::setup;

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

#[tokio::test]
async fn a_token_from_after_the_backup_opens_nobody_else_s_ticket() {
    let mut shop = Shop::open(setup().set("queue.active_limit", 2)).await;
    assert!(shop.server.terminate().success());
    let backup = tempfile::tempdir().unwrap();
    copy(shop.server.data(), backup.path());
    shop.come_back();
    let (inside, waiting) = (shop.insider(1).await, Buyer::join(&shop.client, 2).await);
    let last = Buyer::join(&shop.client, 5).await;
    let more = Buyer::join(&shop.client, 6).await;
    let charged = inside.charge(1_000).await.data();
    assert_eq!(charged["amount"], 1_000);
    shop.admin.projected().await;
    let seen = shop.admin.events().await.pop().expect("an event");
    shop.server.kill();
    // As a whole: nothing of what came since stays.
    for entry in std::fs::read_dir(shop.server.data()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::remove_file(path).unwrap();
        }
    }
    copy(backup.path(), shop.server.data());
    shop.come_back();
    // Who has read what is lost is told so: while the entry is yet to come again, and when it is there and another.
    let place = format!("/v1/admin/events?after={}", seen["id"].as_str().expect("an id"));
    shop.admin.call(Call::get(place.as_str())).await.refused(409, "FEED_OTHER_HISTORY");
    // The same numbers, of others; one number is not issued again.
    let others = [shop.insider(3).await, shop.insider(7).await, Buyer::join(&shop.client, 4).await];
    for (lost, user) in [(&inside, 1), (&waiting, 2), (&last, 5), (&more, 6)] {
        let lost = Buyer::from_token(&shop.client, user, lost.token());
        assert_eq!(lost.status().await, "EXPIRED", "user {user}");
        assert_eq!(lost.leave().await.data()["status"], "EXPIRED");
        lost.schedules().await.refused(403, "SESSION_EXPIRED");
        lost.reserve(1, 1).await.refused(403, "SESSION_EXPIRED");
        assert_eq!(lost.balance().await, 0, "it names its user still");
    }
    let [third, second, fourth] = others;
    assert_eq!((third.status().await.as_str(), second.status().await.as_str()), ("PROGRESS", "PROGRESS"));
    assert_eq!(fourth.status().await, "WAITING");
    third.charge(1_000).await.data();
    shop.admin.projected().await;
    shop.admin.call(Call::get(place)).await.refused(409, "FEED_OTHER_HISTORY");
}
