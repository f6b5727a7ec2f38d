//! A long queue comes back at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use onsale_testkit::{Buyer, Call, Catalog, Shop};
use tokio::task::JoinSet;

use crate::setup;

const TICKETS: u64 = 100_000;
const ACTIVE_LIMIT: u64 = 100;
/// No measurement: a bound that only a start which reads everything anew, or worse, would miss. It is printed.
const START_BOUND: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_hundred_thousand_tickets_are_back_after_a_crash() {
    let settings = setup().set("queue.active_limit", ACTIVE_LIMIT);
    let mut shop = Shop::open_with(settings, &Catalog::hall(50, 10)).await;
    fill(&shop).await;
    let last = shop.visitor(TICKETS + 1).await;
    assert_eq!(last.position().await, TICKETS + 1 - ACTIVE_LIMIT);
    shop.server.kill();
    let elapsed = shop.server.start_again(onsale_testkit::Port::Any);
    eprintln!("{TICKETS} tickets: serving {} ms after the start", elapsed.as_millis());
    assert!(elapsed < START_BOUND, "{elapsed:?}");
    let client = shop.server.client();
    assert_eq!(client.call(Call::get("/readyz")).await.status, 200, "who listens is ready");
    let last = last.through(&client);
    assert_eq!((last.status().await, last.position().await), ("WAITING".to_owned(), TICKETS + 1 - ACTIVE_LIMIT));
    shop.server.kill();
    shop.server.assert_audit_clean();
}

async fn fill(shop: &Shop) {
    let next = Arc::new(AtomicU64::new(1));
    let mut joining = JoinSet::new();
    for _ in 0..64 {
        let (client, next) = (shop.client.clone(), Arc::clone(&next));
        joining.spawn(async move {
            loop {
                let user = next.fetch_add(1, Ordering::Relaxed);
                if user > TICKETS {
                    break;
                }
                let reply = client.call(Buyer::issue(user)).await;
                assert_eq!(reply.status, 200, "{reply}");
            }
        });
    }
    joining.join_all().await;
}
