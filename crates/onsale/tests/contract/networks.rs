//! Networks that have so many places in a draw: who is surplus, who is not counted, and that nobody is told before the opening.

use onsale_testkit::{Buyer, Call, Shop};
use serde_json::{Value, json};

use crate::draw::{change, draw, from_now, recomputed};
use crate::setup;

fn from(user: u64, address: &str) -> Call {
    Buyer::issue(user).header("x-forwarded-for", address)
}

async fn join(shop: &Shop, user: u64, address: &str) -> (Buyer, Value) {
    let reply = shop.client.call(from(user, address)).await;
    let said = reply.data();
    (Buyer::from_issue(&shop.client, user, &reply), said)
}

#[tokio::test]
async fn the_surplus_of_a_network_is_drawn_last_and_is_told_nothing_before() {
    const PLACES: u64 = 5;
    const FARM: u64 = 20;
    const PEOPLE: u64 = 20;
    let mut shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let set = change(&shop, &json!({"networkPlaces": PLACES})).await.data();
    assert_eq!((&set["networkPlaces"], &set["waitingSurplus"]), (&json!(PLACES), &json!(0)));
    change(&shop, &json!({"networkPlaces": -1})).await.refused(400, "BAD_REQUEST");
    let times = json!({"order": "draw", "prequeueAt": from_now(-1_000), "opensAt": from_now(3_600_000)});
    change(&shop, &times).await.data();
    let mut farm = Vec::new();
    for user in 0..FARM {
        if user == FARM / 2 {
            shop.crash();
        }
        farm.push(join(&shop, 1_000 + user, &format!("203.0.113.{user}")).await);
    }
    let mut people = Vec::new();
    for user in 0..PEOPLE {
        people.push(join(&shop, 1 + user, &format!("198.51.{user}.7")).await);
    }
    // Who asks again is counted once.
    join(&shop, 1, "198.51.0.9").await;
    // To all alike: the same names, and the same values but those that are everybody's own.
    let told = |(_, said): &(Buyer, Value)| {
        let mut said = said.clone();
        said["queueToken"] = Value::Null;
        said["pollAfterMillis"] = Value::Null;
        said
    };
    assert!(farm.iter().chain(&people).all(|one| told(one) == told(&people[0])), "an answer tells it");
    let mut check = farm[FARM as usize - 1].0.through(&shop.client).check().await;
    let mut other = people[3].0.through(&shop.client).check().await;
    for place in [&mut check, &mut other] {
        place["pollAfterMillis"] = Value::Null;
    }
    assert_eq!(check, other);
    let queues = shop.admin.call(Call::get("/v1/admin/queues")).await.data();
    let default = queues.as_array().unwrap().iter().find(|queue| queue["queue"] == "default").unwrap();
    assert_eq!((&default["waitingSurplus"], &default["waitingByTier"]), (&json!(FARM - PLACES), &json!([])));

    change(&shop, &json!({"opensAt": from_now(-1)})).await.data();
    let late = join(&shop, 9_000, "203.0.113.1").await.0;
    let joins = draw(&shop, "default/draw/joins").await.data()["joins"].clone();
    let listed: Vec<_> = joins.as_array().unwrap().iter().map(|join| join["tier"].as_u64()).collect();
    let is_surplus = |number: u64| (PLACES..FARM).contains(&number);
    assert_eq!(listed, (0..FARM + PEOPLE).map(|number| is_surplus(number).then_some(10)).collect::<Vec<_>>());
    let places = recomputed(&shop, "python").await;
    assert_eq!(places, recomputed(&shop, "js").await);
    for (number, (buyer, _)) in (0..).zip(farm.iter().chain(&people)) {
        let check = buyer.through(&shop.client).check().await;
        assert_eq!(check["draw"]["place"], places[&number]);
        assert_eq!(places[&number] > FARM + PEOPLE - (FARM - PLACES), is_surplus(number), "{number}");
        assert!(check.get("tier").is_none());
    }
    assert_eq!(late.check().await["queuePosition"], FARM + PEOPLE, "who comes later is behind all");
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}
