//! Some before others at the opening, as their entry tokens say.

use std::collections::BTreeMap;

use onsale_testkit::{Buyer, Call, Shop};
use serde_json::{Value, json};

use crate::draw::{change, draw, from_now, recomputed};
use crate::entry::{Key, by_secret, claims, enter, user_of, with};

/// Somebody's place whose token says this tier, or none.
pub(crate) async fn join(shop: &Shop, user: u64, tier: Option<u64>) -> Buyer {
    let mut said = claims(&user.to_string());
    said["tier"] = json!(tier);
    Buyer::from_issue(&shop.client, user, &enter(shop, &Key::secret().sign(&said)).await)
}

pub(crate) async fn prequeue(shop: &Shop, order: &str) {
    let times = json!({"order": order, "prequeueAt": from_now(-1_000), "opensAt": from_now(3_600_000)});
    change(shop, &times).await.data();
}

pub(crate) async fn open(shop: &Shop) {
    change(shop, &json!({"opensAt": from_now(-1)})).await.data();
}

#[tokio::test]
async fn tiers_are_drawn_one_behind_the_other_and_two_scripts_find_the_same() {
    const PEOPLE: u64 = 60;
    let tier_of = |user: u64| [None, Some(2), None, Some(1), Some(9)][(user % 5) as usize];
    let mut shop = Shop::open(by_secret().set("queue.active_limit", 1)).await;
    prequeue(&shop, "draw").await;
    let mut buyers = Vec::new();
    for user in 1..=PEOPLE {
        buyers.push(join(&shop, user, tier_of(user)).await);
    }
    assert_eq!(buyers[2].check().await["tier"], 1);
    assert!(buyers[1].check().await.get("tier").is_none());
    let queues = shop.admin.call(Call::get("/v1/admin/queues")).await.data();
    let default = queues.as_array().unwrap().iter().find(|queue| queue["queue"] == "default").unwrap();
    let waiting = [1, 2, 9].map(|tier| json!({"tier": tier, "waiting": 12}));
    assert_eq!(default["waitingByTier"], json!(waiting));
    // The first tier counts, and one person has one place.
    let again = join(&shop, 1, Some(1)).await;
    assert_eq!((again.token(), again.check().await["tier"].clone()), (buyers[0].token(), json!(2)));
    buyers[7].leave().await;
    shop.crash();

    open(&shop).await;
    let late = join(&shop, 9_000, Some(1)).await;
    let joins = draw(&shop, "default/draw/joins").await.data()["joins"].clone();
    let listed: Vec<_> = joins.as_array().unwrap().iter().map(|join| join["tier"].as_u64()).collect();
    assert_eq!(listed, (1..=PEOPLE).map(tier_of).collect::<Vec<_>>());
    let places = recomputed(&shop, "python").await;
    assert_eq!(places, recomputed(&shop, "js").await);
    let by_place: BTreeMap<u64, u64> = places.iter().map(|(&number, &place)| (place, number)).collect();
    assert!(by_place.keys().copied().eq(1..=PEOPLE), "everybody has a place of their own");
    let tiers: Vec<_> = by_place.values().map(|number| tier_of(number + 1).unwrap_or(10)).collect();
    assert!(tiers.is_sorted(), "{tiers:?}");
    assert!(!by_place.values().take(12).is_sorted(), "within a tier it is a draw");
    let mut waiting = Vec::new();
    for (number, buyer) in (0..).zip(&buyers) {
        let place = buyer.through(&shop.client).check().await;
        assert_eq!(place["draw"], json!({"place": places[&number], "of": PEOPLE, "number": number}));
        assert_eq!(place["tier"].as_u64(), tier_of(number + 1));
        if place["status"] == "WAITING" {
            waiting.push((places[&number], place["queuePosition"].as_u64().unwrap()));
        }
    }
    waiting.sort_unstable();
    assert!(waiting.into_iter().map(|(_, position)| position).eq(1..PEOPLE - 1), "who waits stands as it was drawn");
    let place = late.check().await;
    assert_eq!((&place["queuePosition"], &place["tier"]), (&json!(PEOPLE - 1), &json!(1)), "behind all, and on record");
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn in_order_of_joining_too_tiers_go_first() {
    let mut shop = Shop::open(by_secret().set("queue.active_limit", 1)).await;
    prequeue(&shop, "fifo").await;
    let mut buyers = Vec::new();
    for (user, tier) in (1..).zip([None, Some(2), Some(1), None, Some(2), Some(1)]) {
        buyers.push(join(&shop, user, tier).await);
        assert_eq!(buyers[buyers.len() - 1].check().await["queuePosition"], 0, "nobody is told a place before");
    }
    shop.crash();
    open(&shop).await;
    shop.crash();
    let mut positions = Vec::new();
    for buyer in &buyers {
        let place = buyer.through(&shop.client).check().await;
        assert!(place.get("draw").is_none(), "nothing was drawn");
        positions.push(place["queuePosition"].as_u64().unwrap());
    }
    assert_eq!(positions, [4, 2, 0, 5, 3, 1], "the first of tier 1 is inside");
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn in_an_open_queue_a_tier_is_on_record_and_changes_no_place() {
    let shop = Shop::open(by_secret().set("queue.active_limit", 1)).await;
    let mut positions = Vec::new();
    for (user, tier) in (1..).zip([None, None, Some(1), None]) {
        let place = join(&shop, user, tier).await.check().await;
        assert_eq!(place["tier"].as_u64(), tier);
        positions.push(place["queuePosition"].as_u64().unwrap());
    }
    assert_eq!(positions, [0, 1, 2, 3]);
}

#[tokio::test]
async fn what_is_no_tier_is_refused_by_its_name() {
    let shop = Shop::open(by_secret()).await;
    for tier in [
        json!("1"),
        json!(1.5),
        json!(-1),
        json!(0),
        json!(10),
        json!(257),
        json!(u64::MAX),
        json!(1e300),
        json!(true),
        json!([1]),
        json!({"tier": 1}),
        json!(""),
    ] {
        let reply = enter(&shop, &Key::secret().sign(&with("tier", tier.clone()))).await;
        let problem = reply.refused(401, "ENTRY_TOKEN_INVALID");
        assert!(problem["detail"].as_str().unwrap().contains("tier"), "{tier}: {problem}");
    }
    for tier in [1, 9] {
        assert_eq!(user_of(&enter(&shop, &Key::secret().sign(&with("tier", json!(tier)))).await), 7, "{tier}");
    }
    // Nothing is said where null is, as of every other claim.
    let mut nothing = claims("8");
    nothing["tier"] = Value::Null;
    let place = Buyer::from_issue(&shop.client, 8, &enter(&shop, &Key::secret().sign(&nothing)).await).check().await;
    assert!(place.get("tier").is_none());
    // Nobody gives themselves one.
    let (honest, forged) = (Key::secret().sign(&claims("9")), Key::secret().sign(&with("tier", json!(1))));
    let part = |token: &str, at: usize| token.split('.').nth(at).unwrap().to_owned();
    let forged = format!("{}.{}.{}", part(&honest, 0), part(&forged, 1), part(&honest, 2));
    enter(&shop, &forged).await.refused(401, "ENTRY_TOKEN_INVALID");
}

/// Nodes of before would pass it over.
#[tokio::test]
async fn below_its_level_a_token_with_a_tier_waits() {
    let shop = Shop::open(by_secret().set("store.level_max", 5)).await;
    let problem = enter(&shop, &Key::secret().sign(&with("tier", json!(1)))).await.refused(503, "UNAVAILABLE");
    assert!(problem["detail"].as_str().unwrap().contains("level 6"), "{problem}");
    assert_eq!(user_of(&enter(&shop, &Key::secret().sign(&claims("7"))).await), 7);
}
