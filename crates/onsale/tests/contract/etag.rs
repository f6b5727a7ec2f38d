//! Bodies that carry an ETag, answer 304, and come compressed to who asks for it.

use std::io::Read;

use flate2::read::GzDecoder;
use onsale_testkit::{Buyer, Call, Catalog, Reply, Shop};

use crate::setup;

const LISTS: [&str; 3] =
    ["/v1/api/concerts/schedule", "/v1/api/concerts/seat?scheduleId=1", "/v1/api/concerts/seat?scheduleId=1&section=A"];

async fn get(buyer: &Buyer, path: &str, headers: &[(&str, &str)]) -> Reply {
    buyer.call(headers.iter().fold(Call::get(path), |call, (name, value)| call.header(name, value))).await
}

fn tag(reply: &Reply) -> String {
    let tag = reply.header("etag").unwrap_or_else(|| panic!("no ETag: {reply}")).to_owned();
    let opaque = tag.strip_prefix("W/").unwrap_or(&tag);
    assert!(opaque.len() > 2 && opaque.starts_with('"') && opaque.ends_with('"'), "{tag} is no ETag");
    tag
}

fn gunzip(body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(body).read_to_end(&mut plain).expect("a whole gzip stream");
    plain
}

fn varies_by_encoding(reply: &Reply) -> bool {
    let values = reply.headers.get_all("vary").iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|name| name.trim().eq_ignore_ascii_case("accept-encoding"))
}

#[tokio::test]
async fn an_unchanged_list_is_not_sent_again() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    for path in LISTS {
        let first = get(&buyer, path, &[]).await;
        let known = tag(&first);
        let other = "\"something-else\"";
        for condition in [
            known.clone(),
            format!("{other}, {known}"),
            "*".to_owned(),
            format!("W/{}", known.trim_start_matches("W/")),
        ] {
            let reply = get(&buyer, path, &[("if-none-match", &condition)]).await;
            assert_eq!(reply.status, 304, "{condition}: {reply}");
            assert!(reply.body.is_empty(), "{reply}");
            assert_eq!(tag(&reply), known);
        }
        for condition in [other, "W/\"\"", "nonsense", ""] {
            let reply = get(&buyer, path, &[("if-none-match", condition)]).await;
            assert_eq!(reply.body, first.body, "{condition}");
            assert_eq!(reply.status, 200);
        }
    }
}

#[tokio::test]
async fn a_change_makes_a_new_tag() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    for (seat, path) in (1..).zip(LISTS) {
        let before = tag(&get(&buyer, path, &[]).await);
        buyer.hold(1, seat).await;
        let reply = get(&buyer, path, &[("if-none-match", &before)]).await;
        assert_eq!(reply.status, 200, "own writes are seen in the next read: {reply}");
        assert_ne!(tag(&reply), before);
    }
    // Another date's seats have not changed.
    let other = "/v1/api/concerts/seat?scheduleId=2";
    let before = tag(&get(&buyer, other, &[]).await);
    buyer.hold(1, 10).await;
    assert_eq!(get(&buyer, other, &[("if-none-match", &before)]).await.status, 304);
}

#[tokio::test]
async fn who_accepts_gzip_gets_the_same_bytes_compressed() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    buyer.hold(1, 3).await;
    for path in LISTS {
        let plain = get(&buyer, path, &[]).await;
        assert_eq!(plain.header("content-encoding"), None);
        assert!(varies_by_encoding(&plain), "{plain}");
        for accepted in ["gzip", "gzip, deflate, br, zstd", "deflate;q=0.1, gzip;q=0.9", "GZIP"] {
            let reply = get(&buyer, path, &[("accept-encoding", accepted)]).await;
            assert_eq!((reply.status, reply.header("content-encoding")), (200, Some("gzip")), "{accepted}");
            assert!(varies_by_encoding(&reply));
            assert_eq!(gunzip(&reply.body), plain.body, "{accepted}");
            reply.assert_media_type("application/json");
        }
        for refused in ["identity", "gzip;q=0", "br", "deflate", "", "gzip;q=0.000, *;q=1"] {
            let reply = get(&buyer, path, &[("accept-encoding", refused)]).await;
            assert_eq!((reply.status, reply.header("content-encoding")), (200, None), "{refused}");
            assert_eq!(reply.body, plain.body, "{refused}");
        }
    }
}

#[tokio::test]
async fn the_tag_of_a_compressed_list_is_good_for_a_304() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    for (seat, path) in (11..).zip(LISTS) {
        let zipped = get(&buyer, path, &[("accept-encoding", "gzip")]).await;
        let known = tag(&zipped);
        let reply = get(&buyer, path, &[("accept-encoding", "gzip"), ("if-none-match", &known)]).await;
        assert_eq!(reply.status, 304, "{reply}");
        assert!(varies_by_encoding(&reply), "{reply}");
        buyer.hold(1, seat).await;
        let changed = get(&buyer, path, &[("accept-encoding", "gzip"), ("if-none-match", &known)]).await;
        assert_eq!(changed.status, 200, "{changed}");
    }
}

/// Bodies that are the caller's own.
const OWN: [&str; 2] = ["/v1/api/user/amount", "/v1/api/user/reservations"];

#[tokio::test]
async fn what_is_one_s_own_is_not_sent_again_until_it_changes() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 100_000).await;
    let known = [tag(&get(&buyer, OWN[0], &[]).await), tag(&get(&buyer, OWN[1], &[]).await)];
    for (path, known) in OWN.into_iter().zip(&known) {
        let reply = get(&buyer, path, &[("if-none-match", known)]).await;
        assert_eq!((reply.status, reply.body.len()), (304, 0), "{reply}");
        assert_eq!(&tag(&reply), known);
        assert!(varies_by_encoding(&reply), "{reply}");
    }
    let reservation = buyer.hold(1, 1).await;
    buyer.pay(reservation).await.data();
    for (path, known) in OWN.into_iter().zip(&known) {
        let reply = get(&buyer, path, &[("if-none-match", known)]).await;
        assert_eq!(reply.status, 200, "own writes are seen in the next read: {reply}");
        assert_ne!(&tag(&reply), known);
    }
}

#[tokio::test]
async fn what_is_one_s_own_is_compressed_where_that_is_worth_it() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    for seat in 1..=4 {
        buyer.hold(1, seat).await;
    }
    let asked = [("accept-encoding", "gzip")];
    let (plain, packed) = (get(&buyer, OWN[1], &[]).await, get(&buyer, OWN[1], &asked).await);
    assert_eq!((plain.header("content-encoding"), packed.header("content-encoding")), (None, Some("gzip")));
    assert_eq!(gunzip(&packed.body), plain.body);
    assert_eq!(tag(&packed), tag(&plain));
    packed.assert_media_type("application/json");
    let amount = get(&buyer, OWN[0], &asked).await;
    assert_eq!(amount.header("content-encoding"), None, "a few bytes would only grow");
    assert_eq!(amount.data()["amount"], 0);
}

#[tokio::test]
async fn a_large_list_is_the_same_in_every_form_after_every_change() {
    let shop = Shop::open_with(setup(), &Catalog::hall(3_000, 10)).await;
    shop.admin.set_settings(serde_json::json!({"holdLimitPerUser": 100})).await;
    let buyer = shop.insider(1).await;
    let path = LISTS[1];
    for seat in [1, 3_000, 1_500, 64, 65, 2_047, 2_048, 2_049, 777] {
        buyer.hold(1, seat).await;
        let plain = get(&buyer, path, &[]).await;
        let zipped = get(&buyer, path, &[("accept-encoding", "gzip")]).await;
        assert_eq!(gunzip(&zipped.body), plain.body);
        assert!(zipped.body.len() < plain.body.len() / 4, "it is really compressed");
        let list = plain.data();
        let seats = list.as_array().unwrap();
        assert_eq!(seats.len(), 3_000);
        assert_eq!(seats[usize::try_from(seat).unwrap() - 1]["seatStatus"], "TEMP_RESERVED");
    }
    let held =
        buyer.seats(1).await.data().as_array().unwrap().iter().filter(|seat| seat["seatStatus"] != "AVAILABLE").count();
    assert_eq!(held, 9);
}
