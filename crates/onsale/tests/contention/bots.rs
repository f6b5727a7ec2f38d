//! A crowd of programs beside people: how many places it has, whom it hurts, and how it shows.

use onsale_testkit::{Buyer, Call, Catalog, Shop, storm};
use serde_json::{Value, json};

use super::{setup, shop};

/// How many people come, and programs beside them, each as one of a tenth as many identities as there are people. The whole crowd by hand,
/// as in CONTRIBUTING.md.
const PEOPLE: (&str, u64) = ("ONSALE_BOTS_PEOPLE", 1_000);
const CLIENTS: (&str, u64) = ("ONSALE_BOTS_CLIENTS", 1_000);
/// So many come at the same moment.
const TOGETHER: usize = 500;
/// A program's users have numbers from here on.
const FIRST: u64 = 1_000_000;

fn number((variable, otherwise): (&str, u64)) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().expect(variable))
}

fn from(call: Call, address: &str, agent: &str) -> Call {
    call.header("x-forwarded-for", address).header("user-agent", agent)
}

/// A person, at home or with one of a few carriers, with one of many phones.
fn person(user: u64) -> Call {
    let address = match user % 4 {
        0 => format!("198.51.100.{}", user % 250),
        _ => format!("10.{}.{}.1", user / 256 % 256, user % 256),
    };
    from(Buyer::issue(user), &address, &format!("phone {}", user % 300))
}

/// A program of the farm, which has one network.
fn program(client: u64, identities: u64) -> Call {
    from(Buyer::issue(FIRST + client % identities), &format!("203.0.113.{}", client % 250), "curl/8")
}

async fn change(shop: &Shop, body: Value) -> Value {
    shop.admin.call(Call::patch("/v1/admin/queues/default").json(&body)).await.data()
}

async fn inside(buyers: &[Buyer]) -> u64 {
    let mut inside = 0;
    for buyer in buyers {
        inside += u64::from(buyer.status().await == "PROGRESS");
    }
    inside
}

#[tokio::test]
async fn a_farm_has_no_more_than_its_identities_and_shows_while_people_notice_nothing() {
    let (people, clients) = (number(PEOPLE), number(CLIENTS));
    let identities = people / 10;
    let limit = (people + identities) / 2;
    let mut shop =
        shop(setup().set("queue.active_limit", limit).set("queue.waiting_ttl", "10m"), &Catalog::hall(1, 1)).await;
    change(&shop, json!({"order": "draw", "prequeueAt": "2026-01-01T00:00:00Z", "opensAt": "2999-01-01T00:00:00Z"}))
        .await;
    // The farm is faster than anybody, and comes once more behind.
    let calls: Vec<Call> = (0..clients)
        .map(|client| program(client, identities))
        .chain((1..=people).map(person))
        .chain((0..clients).map(|client| program(client, identities)))
        .collect();
    let mut replies = Vec::new();
    for some in calls.chunks(TOGETHER) {
        replies.extend(storm(&shop.client, some.to_vec()).await);
    }
    assert!(replies.iter().all(|reply| reply.status == 200), "nobody was refused");
    let buyers = |first: u64, range: std::ops::Range<u64>| -> Vec<Buyer> {
        (first..).zip(range).map(|(user, at)| Buyer::from_issue(&shop.client, user, &replies[at as usize])).collect()
    };
    let (programs, persons) = (buyers(FIRST, 0..identities), buyers(1, clients..clients + people));

    let seen = shop.admin.call(Call::get("/v1/admin/queues/default/arrivals")).await.data();
    let top = &seen["top"][0];
    assert_eq!(
        seen["top"].as_array().map(|top| top.iter().filter(|one| one["network"] == "203.0.113.0/24").count()),
        Some(1)
    );
    let farm = seen["top"].as_array().and_then(|top| top.iter().find(|one| one["network"] == "203.0.113.0/24"));
    let farm = farm.expect("it is among the first");
    assert_eq!((&farm["joins"], &farm["agents"]), (&json!(identities), &json!(1)));
    // The carrier has more people, and is told from a farm by their phones.
    assert_eq!((&top["network"], &top["joins"]), (&json!("198.51.100.0/24"), &json!(people / 4)));
    assert!(top["agents"].as_u64().is_some_and(|agents| agents > 20), "{top}");
    assert_eq!(seen["joins"], people + identities);

    change(&shop, json!({"opensAt": "2026-01-02T00:00:00Z"})).await;
    let (farm, rest) = (inside(&programs).await, inside(&persons).await);
    assert_eq!(farm + rest, limit, "everybody's status is told");
    // Of all admitted at most twice the share that they are of all: by the draw it is as much as that, give or take.
    assert!(farm * (people + identities) <= 2 * identities * limit, "{farm} of {limit} are the farm's");
    assert!(rest * (people + identities) * 10 >= people * limit * 9, "{rest} of {limit} are people");
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

/// Of the farm's network so many may take part as ever.
const NETWORK_PLACES: u64 = 20;

#[tokio::test]
async fn where_networks_have_so_many_places_a_farm_has_no_more_and_nobody_else_is_hurt() {
    let (people, clients) = (number(PEOPLE), number(CLIENTS));
    let identities = people / 10;
    // As many as there are people, and those of the farm who are not surplus.
    let limit = people + NETWORK_PLACES;
    let mut shop =
        shop(setup().set("queue.active_limit", limit).set("queue.waiting_ttl", "10m"), &Catalog::hall(1, 1)).await;
    change(
        &shop,
        json!({"order": "draw", "prequeueAt": "2026-01-01T00:00:00Z", "opensAt": "2999-01-01T00:00:00Z",
               "networkPlaces": NETWORK_PLACES}),
    )
    .await;
    let at_home = |user: u64| from(Buyer::issue(user), &format!("10.{}.{}.1", user / 256, user % 256), "phone");
    // The farm is faster than anybody, and the server dies among them all.
    let calls: Vec<Call> =
        (0..clients).map(|client| program(client, identities)).chain((1..=people).map(at_home)).collect();
    let mut replies = Vec::new();
    for (nth, some) in calls.chunks(TOGETHER).enumerate() {
        if nth == 1 {
            shop.crash();
        }
        replies.extend(storm(&shop.client, some.to_vec()).await);
    }
    assert!(replies.iter().all(|reply| reply.status == 200), "nobody was refused");
    let buyers = |first: u64, range: std::ops::Range<u64>| -> Vec<Buyer> {
        (first..).zip(range).map(|(user, at)| Buyer::from_issue(&shop.client, user, &replies[at as usize])).collect()
    };
    let through = |buyers: Vec<Buyer>| buyers.into_iter().map(|buyer| buyer.through(&shop.client)).collect::<Vec<_>>();
    let (programs, persons) = (through(buyers(FIRST, 0..identities)), through(buyers(1, clients..clients + people)));
    change(&shop, json!({"opensAt": "2026-01-02T00:00:00Z"})).await;
    let (farm, rest) = (inside(&programs).await, inside(&persons).await);
    assert_eq!((farm, rest), (NETWORK_PLACES, people), "the surplus waits, and nobody else");
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}
