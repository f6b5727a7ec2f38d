//! Work that whoever joins shows, where a queue asks for it: what is a proof, whose, and for how much.

use onsale_testkit::{Buyer, Call, Client, Reply, Shop};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::entry::{Key, by_secret, claims};
use crate::setup;

/// Little enough that a test takes no time, and too much to be there by chance.
const BITS: u32 = 12;

async fn work_of(client: &Client, queue: &str) -> Value {
    client.call(Call::get(format!("/v1/queues/{queue}/proof"))).await.data()
}

/// Does the work as the document describes it, with a library of its own.
pub(crate) fn solved(work: &Value, person: &str, bits: u32) -> String {
    let challenge = work["challenge"].as_str().expect("a text");
    let seed = Sha256::digest(format!("onsale-proof-1\n{challenge}\n{person}"));
    let zeros = |nonce: u64| {
        let hash = Sha256::new().chain_update(seed).chain_update(nonce.to_be_bytes()).finalize();
        u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]).leading_zeros()
    };
    let nonce = (0..).find(|&nonce| zeros(nonce) >= bits).expect("there is one");
    format!("{challenge}.{nonce}")
}

async fn join(client: &Client, body: Value) -> Reply {
    client.call(Call::post("/v1/api/queue/token").json(&body)).await
}

async fn ask_for(shop: &Shop, queue: &str, bits: u32) -> Value {
    shop.admin.call(Call::patch(format!("/v1/admin/queues/{queue}")).json(&json!({"proofBits": bits}))).await.data()
}

#[tokio::test]
async fn nobody_joins_without_work_of_their_own_and_whoever_has_a_place_needs_none() {
    let mut shop = Shop::open(setup()).await;
    shop.admin.open_queue("vip").await.data();
    let early = shop.visitor(1).await;
    assert_eq!(work_of(&shop.client, "default").await["bits"], 0);
    assert_eq!(ask_for(&shop, "default", BITS).await["proofBits"], BITS);
    assert_eq!(ask_for(&shop, "vip", BITS).await["proofBits"], BITS);
    let sale = shop.client.call(Call::get("/v1/sale")).await.data();
    assert!(sale["queues"][0]["proofBits"].is_u64());

    let refused = Buyer::ask(&shop.client, 2).await.refused(403, "PROOF_REQUIRED");
    let work = refused["proof"].clone();
    assert_eq!(work["bits"], BITS);
    let proof = solved(&work, "2", BITS);
    // Another's, another queue's, less, and none at all.
    let others = [
        json!({"userId": 3, "proof": proof}),
        json!({"userId": 2, "queue": "vip", "proof": proof}),
        json!({"userId": 2, "proof": format!("{proof}0")}),
        json!({"userId": 2, "proof": "5.x.7"}),
        json!({"userId": 2, "proof": "x"}),
    ];
    for other in others {
        let refused = join(&shop.client, other.clone()).await.refused(403, "PROOF_REQUIRED");
        assert_eq!(refused["proof"]["bits"], BITS, "{other}");
    }
    let wrong = join(&shop.client, json!({"userId": 2, "proof": 7})).await.refused(400, "BAD_REQUEST");
    assert_eq!(wrong["field"], "proof");
    let issued = join(&shop.client, json!({"userId": 2, "proof": proof})).await;
    let second = Buyer::from_issue(&shop.client, 2, &issued);
    assert_eq!(second.status().await, "PROGRESS");

    // Whoever has the place has it again, without a proof, with one of before, and after a start.
    shop.admin.projected().await;
    for crashed in [false, true] {
        if crashed {
            shop.crash();
        }
        assert_eq!(Buyer::ask(&shop.client, 1).await.data()["queueToken"], early.token());
        for again in [json!({"userId": 2}), json!({"userId": 2, "proof": proof}), json!({"userId": 2, "proof": "x"})] {
            assert_eq!(join(&shop.client, again).await.data()["queueToken"], second.token());
        }
        Buyer::ask(&shop.client, 4).await.refused(403, "PROOF_REQUIRED");
    }
    let second = second.through(&shop.client);
    second.leave().await.data();
    join(&shop.client, json!({"userId": 2})).await.refused(403, "PROOF_REQUIRED");
    assert_eq!(ask_for(&shop, "default", 0).await["proofBits"], 0);
    Buyer::ask(&shop.client, 4).await.data();
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn the_desk_gives_a_place_and_it_is_on_record() {
    let shop = Shop::open(setup().set("queue.proof_bits", 20)).await;
    let give = Call::post("/v1/admin/queues/default/places");
    for (wrong, field) in [
        (json!({}), "userId"),
        (json!({"userId": 0}), "userId"),
        (json!({"userId": 1, "subject": "anna"}), "subject"),
        (json!({"subject": "anna"}), "subject"),
    ] {
        let refused = shop.admin.call(give.clone().json(&wrong)).await.refused(400, "BAD_REQUEST");
        assert_eq!(refused["field"], field, "{wrong}");
    }
    Buyer::ask(&shop.client, 7).await.refused(403, "PROOF_REQUIRED");
    let given = shop.admin.call(give.json(&json!({"userId": 7}))).await.data();
    assert_eq!(given, json!({"userId": 7, "queue": "default"}));
    let buyer = Buyer::from_issue(&shop.client, 7, &Buyer::ask(&shop.client, 7).await);
    assert_eq!(buyer.status().await, "PROGRESS");
    let lever = shop.admin.call(Call::get("/v1/admin/levers")).await.data()[0].clone();
    assert_eq!((&lever["action"], &lever["target"]), (&json!("GIVE_PLACE"), &json!("user 7")));
    assert_eq!(lever["after"], "place in queue default");
    Buyer::ask(&shop.client, 8).await.refused(403, "PROOF_REQUIRED");
}

#[tokio::test]
async fn who_comes_with_an_entry_token_works_under_the_name_that_it_says() {
    let shop = Shop::open(by_secret().set("queue.proof_bits", BITS)).await;
    let work = work_of(&shop.client, "default").await;
    let token = |name: &str| Key::secret().sign(&claims(name));
    join(&shop.client, json!({"entryToken": token("anna")})).await.refused(403, "PROOF_REQUIRED");
    let proof = solved(&work, "anna", BITS);
    join(&shop.client, json!({"entryToken": token("bert"), "proof": proof})).await.refused(403, "PROOF_REQUIRED");
    let joined = join(&shop.client, json!({"entryToken": token("anna"), "proof": proof})).await.data();
    let again = join(&shop.client, json!({"entryToken": token("anna")})).await.data();
    assert_eq!(again["queueToken"], joined["queueToken"]);
    let give = Call::post("/v1/admin/queues/default/places").json(&json!({"subject": "bert"}));
    let user = shop.admin.call(give).await.data()["userId"].clone();
    assert!(user.is_u64());
    join(&shop.client, json!({"entryToken": token("bert")})).await.data();
    let lever = shop.admin.call(Call::get("/v1/admin/levers")).await.data()[0].clone();
    assert_eq!(lever["target"], format!("user {user}"));
    // A number that is the next newcomer's is nobody's yet, and no place waits for them.
    let next = user.as_u64().expect("a number") + 1;
    let give = |user: u64| Call::post("/v1/admin/queues/default/places").json(&json!({"userId": user}));
    shop.admin.call(give(next)).await.refused(404, "USER_NOT_FOUND");
    let start = Call::post(format!("/v1/admin/users/{next}/token")).json(&json!({}));
    shop.admin.call(start).await.refused(404, "USER_NOT_FOUND");
    shop.admin.call(give(next - 1)).await.data();
}
