//! Every code on the wire, and what the engine refuses.

use std::collections::HashSet;

use http::header::{ALLOW, CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, VARY, WWW_AUTHENTICATE};
use http_body_util::BodyExt as _;
use onsale_domain::ids::{ScheduleId, SeatId};
use onsale_domain::reply::{CatalogRefusal, Refusal};
use onsale_http::negotiate::Language;
use onsale_http::problem::{self, Code, Problem};
use onsale_http::server::{Body, ReadError};
use onsale_http::token;
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn text(body: Body) -> String {
    String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[test]
fn the_envelope_of_every_code_in_every_language() {
    for &code in Code::ALL {
        for language in Language::ALL {
            let (head, body) = Problem::new(code).response(language).into_parts();
            let words = code.text(language);
            assert_eq!(head.status, code.status());
            assert_eq!(head.headers[CONTENT_TYPE], "application/problem+json");
            assert_eq!(head.headers[CONTENT_LANGUAGE], language.tag());
            assert_eq!(head.headers[VARY], "accept-language");
            assert_eq!(head.headers.contains_key(WWW_AUTHENTICATE), head.status.as_u16() == 401);
            assert_eq!(head.headers.contains_key(RETRY_AFTER), matches!(head.status.as_u16(), 429 | 503));
            let body: serde_json::Value = serde_json::from_str(&text(body)).unwrap();
            let expected = json!({
                "resultType": "FAIL", "data": {}, "message": words.message, "type": code.address(),
                "title": words.title, "status": code.status().as_u16(), "detail": words.page, "code": code.as_str(),
            });
            assert_eq!(body, expected);
        }
    }
}

#[test]
fn those_who_are_turned_away_together_are_not_to_come_back_together() {
    let mut told = std::collections::BTreeSet::new();
    while told.len() < 3 {
        let head = Problem::new(Code::Unavailable).response(Language::En).into_parts().0;
        told.insert(head.headers[RETRY_AFTER].to_str().unwrap().parse::<u32>().unwrap());
    }
    assert_eq!(Vec::from_iter(told), [1, 2, 3]);
}

#[test]
fn the_bytes_of_one() {
    let body = text(Problem::new(Code::SeatNotAvailable).response(Language::En).into_body());
    let start = r#"{"resultType":"FAIL","data":{},"message":"Somebody else has this seat. Please choose another one.","type":"/problems/seat-not-available","title":"Seat taken","status":409,"detail":""#;
    assert!(body.starts_with(start), "{body}");
    assert!(body.ends_with(r#"","code":"SEAT_NOT_AVAILABLE"}"#), "{body}");
}

#[test]
fn of_several_seats_those_are_named_that_could_not_be_had() {
    let refusal = Refusal::SeatNotAvailable([SeatId(7), SeatId(9)].into());
    let body = text(Problem::from(refusal).response(Language::En).into_body());
    assert!(body.ends_with(r#"","code":"SEAT_NOT_AVAILABLE","seatIds":[7,9]}"#), "{body}");
}

#[test]
fn details_are_escaped_and_fields_named() {
    let hostile = "a \"quoted\" \\ line\nand <b>é</b>\u{0}";
    let body = text(Problem::field("seatId", hostile).response(Language::En).into_body());
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["detail"], hostile);
    assert_eq!(body["field"], "seatId");
    assert_eq!(body["code"], "BAD_REQUEST");
    assert_eq!(body["message"], Code::BadRequest.text(Language::En).message);
}

#[test]
fn a_detail_begins_in_the_reader_s_language() {
    for &code in Code::ALL {
        let body = text(Problem::new(code).with_detail("seatId is missing.").response(Language::Ko).into_body());
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        let first = body["detail"].as_str().and_then(|detail| detail.strip_suffix(". (seatId is missing.)"));
        let first = first.unwrap_or_else(|| panic!("{body}"));
        let is_korean = first.chars().any(|c| ('가'..='힣').contains(&c));
        assert!(code.text(Language::Ko).page.starts_with(first) && is_korean, "{body}");
    }
}

#[test]
fn headers_that_carry_a_value() {
    let response = Problem::method_not_allowed("GET, HEAD").response(Language::En);
    assert_eq!(response.headers()[ALLOW], "GET, HEAD");
    let response = Problem::new(Code::Overloaded).with_retry_after_s(7).response(Language::En);
    assert_eq!(response.headers()[RETRY_AFTER], "7");
    let response = Problem::from(Refusal::TooManyKeys).response(Language::En);
    assert_eq!(response.headers()[RETRY_AFTER], "3600");
    let response = Problem::new(Code::TokenMissing).response(Language::En);
    assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer");
}

#[test]
fn names_are_unique_and_pages_exist() {
    let mut seen = HashSet::new();
    let index = problem::index();
    for &code in Code::ALL {
        assert!(seen.insert(code.as_str()) && seen.insert(code.address()), "{code:?}");
        let name = code.address().strip_prefix("/problems/").unwrap();
        assert_eq!(name, code.as_str().to_lowercase().replace('_', "-"));
        assert_eq!(Code::by_page(name), Some(code));
        assert!(index.contains(&format!(r#"href="{}""#, code.address())));
        let page = problem::page(code);
        assert!(page.contains(code.as_str()));
        for language in Language::ALL {
            assert!(page.contains(&format!(r#"<section lang="{}"><h2>{}"#, language.tag(), code.text(language).title)));
        }
        for forbidden in ["<script", "<style", "style=", "onclick"] {
            assert!(!page.contains(forbidden) && !index.contains(forbidden));
        }
    }
    assert_eq!(Code::by_page("no-such-code"), None);
}

#[test]
fn where_refusals_go() {
    let (schedule, seat) = (ScheduleId(1), SeatId(2));
    for (refusal, code) in [
        (Refusal::SeatNotAvailable([].into()), Code::SeatNotAvailable),
        (Refusal::SectionNotFound, Code::BadRequest),
        (Refusal::CategoryNotFound, Code::BadRequest),
        (Refusal::PriceTypeNotOffered([].into()), Code::PriceTypeNotOffered),
        (Refusal::WheelchairPlace([seat].into()), Code::WheelchairPlace),
        (Refusal::NotWheelchairPlace([seat].into()), Code::NotWheelchairPlace),
        (Refusal::CompanionSeat([seat].into()), Code::CompanionSeat),
        (Refusal::SeatNotFound([seat].into()), Code::SeatNotFound),
        (Refusal::SeatsTooFew, Code::SeatsTooFew),
        (Refusal::SeatsNotTogether, Code::SeatsNotTogether),
        (Refusal::AreaNotFound(1), Code::BadRequest),
        (Refusal::AreaTooFew([("Floor".into(), 1)].into()), Code::AreaTooFew),
        (Refusal::SeatLeftAlone([seat].into()), Code::SeatLeftAlone),
        (Refusal::HoldExpired, Code::HoldExpired),
        (Refusal::TooManyKeys, Code::TooManyRequests),
        (Refusal::SeatsInvalid, Code::BadRequest),
        (Refusal::SettingInvalid("hold.ttl"), Code::BadRequest),
        (Refusal::Full("tickets"), Code::Overloaded),
        (Refusal::Catalog(CatalogRefusal::SeatInUse { schedule, seat }), Code::CatalogInUse),
        (Refusal::Catalog(CatalogRefusal::SeatRenamed { schedule, seat }), Code::CatalogInUse),
        (Refusal::Catalog(CatalogRefusal::NothingStaged), Code::BadRequest),
        (Refusal::Catalog(CatalogRefusal::CompanionAlone { schedule, seat }), Code::BadRequest),
        (Refusal::Catalog(CatalogRefusal::BelowLevel { schedule }), Code::LevelTooLow),
    ] {
        assert_eq!(Problem::from(refusal.clone()).code(), code, "{refusal:?}");
    }
    assert_eq!(Problem::from(token::Error::Missing).code(), Code::TokenMissing);
    assert_eq!(Problem::from(token::Error::Invalid).code(), Code::TokenInvalid);
    assert_eq!(Problem::from(ReadError::TooLarge).code(), Code::PayloadTooLarge);
    assert_eq!(Problem::from(ReadError::Incomplete).code(), Code::BadRequest);
}
