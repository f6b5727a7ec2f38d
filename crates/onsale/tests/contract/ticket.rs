//! The ticket to the concert: who gets one, and what a gate is told.

use onsale_testkit::{Call, Client, Shop};
use serde_json::{Value, json};

use crate::setup;

async fn tickets(shop: &Shop, token: &str) -> Vec<Value> {
    let reply = shop.client.call(Call::get("/v1/api/user/tickets").token(token)).await;
    reply.data().as_array().expect("a list").clone()
}

async fn verify(client: &Client, ticket: &str) -> Value {
    client.call(Call::post("/v1/tickets/verify").json(&json!({ "ticket": ticket }))).await.data()
}

#[tokio::test]
async fn who_paid_has_a_ticket_that_is_valid_and_a_changed_one_is_forged() {
    let mut shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 100_000).await;
    let held = buyer.hold(1, 1).await;
    assert_eq!(tickets(&shop, buyer.token()).await, Vec::<Value>::new(), "held is not paid");
    let payment = buyer.pay(held).await.data()["paymentId"].clone();
    let list = tickets(&shop, buyer.token()).await;
    assert_eq!(list.len(), 1, "{list:?}");
    let ticket = &list[0];
    assert_eq!(
        (&ticket["reservationId"], &ticket["paymentId"], &ticket["seatId"]),
        (&json!(held), &payment, &json!(1))
    );

    let text = ticket["ticket"].as_str().expect("a text").to_owned();
    let verified = verify(&shop.client, &text).await;
    assert_eq!((&verified["verdict"], &verified["seatId"]), (&json!("VALID"), &json!(1)), "{verified}");
    for name in ["concertTitle", "section", "row", "number", "scheduleId", "paymentId"] {
        assert_eq!(verified[name], ticket[name], "{name}");
    }
    // What scanners make of a QR code.
    for around in
        ["{}\r\n", "  {}\n", "\u{feff}{}", "Bearer {}", "https://tickets.example/verify#{}", "https://x/verify#{}\r\n"]
    {
        assert_eq!(verify(&shop.client, &around.replace("{}", &text)).await["verdict"], "VALID", "{around}");
    }
    let (signed, signature) = text.rsplit_once('.').expect("three parts");
    let forged = format!("{signed}.{}", signature.chars().rev().collect::<String>());
    let verified = verify(&shop.client, &forged).await;
    assert_eq!((&verified["verdict"], &verified["seatId"]), (&json!("FORGED"), &Value::Null), "{verified}");

    shop.crash();
    assert_eq!(tickets(&shop, buyer.token()).await, list, "the same bytes after a crash");
    assert_eq!(verify(&shop.client, &text).await["verdict"], "VALID");
}

#[tokio::test]
async fn tickets_survive_a_new_key_and_the_gate_is_given_both() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 200_000).await;
    let first = buyer.hold(1, 1).await;
    buyer.pay(first).await.data();
    let old = tickets(&shop, buyer.token()).await[0]["ticket"].as_str().expect("a text").to_owned();
    let keys = || shop.client.call(Call::get("/v1/tickets/keys"));
    let before = keys().await.json();
    shop.admin.rotate_keys().await.data();
    let after = keys().await.json();
    let of = |set: &Value| set["keys"].as_array().expect("keys").clone();
    assert_eq!((of(&before).len(), of(&after).len()), (1, 2));
    assert_eq!(of(&before)[0], of(&after)[1], "the newest first");
    assert_eq!(verify(&shop.client, &old).await["verdict"], "VALID");
    let new = tickets(&shop, buyer.token()).await[0]["ticket"].as_str().expect("a text").to_owned();
    assert_ne!(new, old);
    assert_eq!(verify(&shop.client, &new).await["verdict"], "VALID");
}

#[tokio::test]
async fn one_that_was_issued_anew_opens_the_gate_and_the_one_before_has_its_own_word() {
    let mut shop = Shop::open(setup().set("hold.limit_per_user", 4)).await;
    let buyer = shop.insider_with(1, 150_000).await;
    let paid = buyer.hold_all(1, &[1, 2]).await;
    let held = buyer.hold(1, 3).await;
    buyer.pay(paid).await.data();
    let texts = async |shop: &Shop| -> Vec<String> {
        let list = tickets(shop, buyer.token()).await;
        list.iter().map(|ticket| ticket["ticket"].as_str().expect("a text").to_owned()).collect()
    };
    let reissue =
        |reservation: u64, body: &Value| Call::post(format!("/v1/admin/reservations/{reservation}/reissue")).json(body);
    let verdicts = async |shop: &Shop, texts: &[String]| -> Vec<Value> {
        let mut verdicts = Vec::new();
        for text in texts {
            verdicts.push(verify(&shop.client, text).await["verdict"].clone());
        }
        verdicts
    };
    let first = texts(&shop).await;
    let made = shop.admin.call(reissue(paid, &json!({"seatId": 2, "reason": "Lost phone"}))).await.data();
    let second = texts(&shop).await;
    assert_eq!((made.as_array().map(Vec::len), &made[0]["ticket"]), (Some(1), &json!(second[1])));
    assert_eq!((&first[0], first[1] == second[1]), (&second[0], false), "the other seat's is as it was");
    assert_eq!(verdicts(&shop, &first).await, ["VALID", "REPLACED"]);
    assert_eq!(verdicts(&shop, &second).await, ["VALID", "VALID"]);
    let replaced = verify(&shop.client, &first[1]).await;
    assert_eq!(replaced["seatId"], 2, "the steward sees whose it was: {replaced}");
    // Both, through a crash.
    shop.admin.call(reissue(paid, &json!({"reason": "Sent to the wrong address"}))).await.data();
    shop.crash();
    let third = texts(&shop).await;
    assert_eq!(verdicts(&shop, &second).await, ["REPLACED", "REPLACED"]);
    assert_eq!(verdicts(&shop, &third).await, ["VALID", "VALID"]);
    let record = shop.admin.call(Call::get("/v1/admin/levers")).await.data();
    let told = ["action", "target", "after"].map(|name| record[0][name].clone());
    let target = format!("reservation {paid} (user 1, schedule 1, seat 1 2)");
    let after = "tickets replaced, reason: Sent to the wrong address";
    assert_eq!(told, ["REISSUE_TICKETS", &target, after].map(|text| json!(text)));
    for (reservation, body, status, code) in [
        (held, json!({"reason": "x"}), 409, "NOT_PAID"),
        (999, json!({"reason": "x"}), 404, "RESERVATION_NOT_FOUND"),
        (paid, json!({"reason": "x", "seatId": 3}), 404, "SEAT_NOT_FOUND"),
        (paid, json!({"reason": "x", "seatId": 0}), 400, "BAD_REQUEST"),
        (paid, json!({"reason": " "}), 400, "BAD_REQUEST"),
        (paid, json!({}), 400, "BAD_REQUEST"),
    ] {
        shop.admin.call(reissue(reservation, &body)).await.refused(status, code);
    }
    assert_eq!(texts(&shop).await, third, "what is refused changes nothing");
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn below_level_8_a_ticket_is_the_only_one() {
    let shop = Shop::open(setup().set("store.level_max", 7)).await;
    let reissue = Call::post("/v1/admin/reservations/1/reissue").json(&json!({"reason": "Lost phone"}));
    shop.admin.call(reissue).await.refused(409, "LEVEL_TOO_LOW");
}

#[tokio::test]
async fn what_is_no_ticket_is_said_to_be_none() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    for nothing in ["", "x", "a.b.c", "https://tickets.example/verify", "\r\n"] {
        assert_eq!(verify(&shop.client, nothing).await["verdict"], "UNREADABLE", "{nothing}");
    }
    assert_eq!(verify(&shop.client, buyer.token()).await["verdict"], "FORGED", "signed, and by no key of tickets");
    for body in ["", "{}", "[]", r#"{"ticket":7}"#] {
        let reply = shop.client.call(Call::post("/v1/tickets/verify").body(body)).await;
        assert_eq!(reply.refused(400, "BAD_REQUEST")["field"], "ticket", "{body}");
    }
    let long = Call::post("/v1/tickets/verify").json(&json!({ "ticket": "x".repeat(5_000) }));
    shop.client.call(long).await.refused(413, "PAYLOAD_TOO_LARGE");
    shop.client.call(Call::get("/v1/api/user/tickets")).await.refused(401, "TOKEN_MISSING");
}

#[tokio::test]
async fn sections_count_what_is_left_and_only_insiders_see_it() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let sections = || shop.client.call(Call::get("/v1/api/concerts/section?scheduleId=1").token(buyer.token()));
    let before = sections().await;
    let total = |list: &Value, name: &str| -> u64 {
        list.as_array().expect("a list").iter().map(|section| section[name].as_u64().expect("a number")).sum()
    };
    assert_eq!(total(&before.data(), "totalSeats"), total(&before.data(), "availableSeats"));
    buyer.hold(1, 1).await;
    let after = sections().await;
    assert_eq!(total(&after.data(), "availableSeats"), total(&before.data(), "availableSeats") - 1);
    let tag = after.header("etag").expect("a tag").to_owned();
    let call = Call::get("/v1/api/concerts/section?scheduleId=1").token(buyer.token()).header("If-None-Match", &tag);
    assert_eq!(shop.client.call(call).await.status, 304);
    let missing = Call::get("/v1/api/concerts/section?scheduleId=999").token(buyer.token());
    shop.client.call(missing).await.refused(404, "SCHEDULE_NOT_FOUND");
    let unnamed = Call::get("/v1/api/concerts/section").token(buyer.token());
    assert_eq!(shop.client.call(unnamed).await.refused(400, "BAD_REQUEST")["field"], "scheduleId");
}

#[tokio::test]
async fn the_shop_has_its_users_tickets_also_when_the_queue_is_closed() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 100_000).await;
    let held = buyer.hold(1, 1).await;
    buyer.pay(held).await.data();
    shop.admin.call(Call::patch("/v1/admin/queues/default").json(&json!({"mode": "CLOSED"}))).await.data();
    for list in ["tickets", "reservations"] {
        let own = shop.client.call(Call::get(format!("/v1/api/user/{list}")).token(buyer.token())).await.data();
        assert_eq!(own.as_array().map(Vec::len), Some(1));
        assert_eq!(shop.admin.call(Call::get(format!("/v1/admin/users/1/{list}"))).await.data(), own);
        let nobody = shop.admin.call(Call::get(format!("/v1/admin/users/2/{list}"))).await.data();
        assert_eq!(nobody, json!([]));
        let unknown = shop.client.call(Call::get(format!("/v1/admin/users/1/{list}")).token(buyer.token())).await;
        assert_eq!(unknown.status, 401, "only for the shop");
    }
}

#[tokio::test]
async fn who_has_not_joined_is_told_how_the_sale_stands() {
    let shop = Shop::open(setup()).await;
    let sale = || async { shop.client.call(Call::get("/v1/sale")).await.data() };
    let queue = |sale: &Value| sale["queues"].as_array().expect("queues")[0].clone();
    let open = json!({
        "queue": "default", "mode": "OPEN", "phase": "OPEN", "prequeueAt": null, "opensAt": null, "closesAt": null,
        "order": "fifo", "codes": "NONE", "proofBits": 0,
    });
    assert_eq!(queue(&sale().await), open);
    shop.admin.call(Call::patch("/v1/admin/queues/default").json(&json!({"mode": "PAUSED"}))).await.data();
    onsale_testkit::eventually("the pause is told", async || queue(&sale().await)["mode"] == "PAUSED").await;
    let catalog = shop.client.call(Call::get("/v1/catalog")).await.data();
    assert_eq!((&catalog["currencyDigits"], &catalog["demo"]), (&json!(0), &json!(false)));
}
