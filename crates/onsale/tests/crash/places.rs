//! Places in the queue through crashes, outages and standstills.

use std::time::Duration;

use onsale_testkit::{Buyer, Catalog, Shop};
use tokio::time::sleep;

use crate::setup;

const WAITING_TTL: Duration = Duration::from_secs(3);

async fn shop() -> Shop {
    let settings = setup()
        .set("queue.active_limit", 1)
        .set("queue.waiting_ttl", format!("{}s", WAITING_TTL.as_secs()))
        .set("queue.waiting_grace", "1s");
    Shop::open_with(settings, &Catalog::hall(5, 10)).await
}

async fn line(shop: &Shop, count: u64) -> Vec<Buyer> {
    let mut buyers = Vec::new();
    for user in 1..=count {
        buyers.push(shop.visitor(user).await);
    }
    buyers
}

#[tokio::test]
async fn places_are_kept_through_crashes() {
    let mut shop = shop().await;
    let mut buyers = line(&shop, 60).await;
    for leaver in [50, 20, 1, 33] {
        buyers.remove(leaver).leave().await.data();
    }
    for _ in 0..3 {
        shop.crash();
        for (at, buyer) in buyers.iter().enumerate() {
            let buyer = buyer.through(&shop.client);
            let check = buyer.check().await;
            let status = if at == 0 { "PROGRESS" } else { "WAITING" };
            assert_eq!((check["status"].as_str(), check["queuePosition"].as_u64()), (Some(status), Some(at as u64)));
        }
    }
    let same = Buyer::join(&shop.client, buyers[7].user()).await;
    assert_eq!(same.token(), buyers[7].token());
    shop.server.kill();
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn our_own_downtime_is_nobody_s_silence() {
    let mut shop = shop().await;
    let buyers = line(&shop, 5).await;
    shop.server.kill();
    sleep(WAITING_TTL * 2).await;
    shop.come_back();
    assert_next_is_second(&shop, &buyers).await;
}

#[tokio::test]
async fn a_standstill_is_nobody_s_silence() {
    let shop = shop().await;
    let buyers = line(&shop, 5).await;
    shop.server.pause();
    sleep(WAITING_TTL * 2).await;
    shop.server.resume();
    assert_next_is_second(&shop, &buyers).await;
}

/// Nobody has polled since the server was away. The one inside leaves: the next one gets the slot all the same, and
/// is not passed over for somebody behind who was quicker to poll.
async fn assert_next_is_second(shop: &Shop, buyers: &[Buyer]) {
    let through = |at: usize| buyers[at].through(&shop.client);
    through(0).leave().await.data();
    let third = through(2).check().await;
    assert_eq!((third["status"].as_str(), third["queuePosition"].as_u64()), (Some("WAITING"), Some(1)));
    through(1).wait_for("PROGRESS").await;
    for at in 2..5 {
        assert_eq!(through(at).position().await, at as u64 - 1);
    }
}

#[tokio::test]
async fn sessions_and_holds_end_in_time_after_an_outage() {
    let settings = setup().set("queue.active_limit", 1).set("queue.session_ttl", "2s").set("hold.ttl", "2s");
    let mut shop = Shop::open_with(settings, &Catalog::hall(5, 10)).await;
    let buyers = line(&shop, 2).await;
    let reservation = buyers[0].hold(1, 1).await;
    shop.server.kill();
    sleep(Duration::from_secs(3)).await;
    shop.come_back();
    let first = buyers[0].through(&shop.client);
    let second = buyers[1].through(&shop.client);
    first.wait_for("EXPIRED").await;
    second.wait_for("PROGRESS").await;
    first.pay(reservation).await.refused(410, "HOLD_EXPIRED");
    assert_eq!(second.seat(1, 1).await["seatStatus"], "AVAILABLE");
}
