use crate::Document;

/// A sound document in which `from` was replaced by `to`.
fn altered(from: &str, to: &str) -> String {
    let sound = r#"{"concerts":[{"concertId":1,"title":"Dawn","schedules":[
        {"scheduleId":1,"startsAt":"2027-05-01T19:00:00","endsAt":"2027-05-01T21:30:00",
         "sections":[{"section":"A","amount":150000,"rows":[{"row":"1","seats":2},{"row":"2","seats":1,"firstNumber":7}]}]},
        {"scheduleId":2,"zone":"Europe/Berlin","startsAt":"2027-05-02T19:00","endsAt":"2027-05-02T21:30:00+02:00",
         "seats":[{"seatId":8,"position":2,"amount":0},{"seatId":9,"position":1,"amount":5,"section":"B","row":"1","number":"1"}]}]}]}"#;
    assert!(sound.contains(from), "{from} should be in the document");
    sound.replacen(from, to, 1)
}

#[test]
fn reads_sections_and_seats() {
    let document = Document::from_json(altered("", "").as_bytes()).expect("it is sound");
    let again = serde_json::to_value(&document).expect("it serializes");
    let expected = serde_json::json!({"concerts": [{"concertId": 1, "title": "Dawn", "queue": "default", "schedules": [
        {"scheduleId": 1, "zone": "Asia/Seoul",
         "startsAt": "2027-05-01T19:00:00+09:00", "endsAt": "2027-05-01T21:30:00+09:00", "seats": [
            {"seatId": 1, "position": 1, "amount": 150_000, "section": "A", "row": "1", "number": "1"},
            {"seatId": 2, "position": 2, "amount": 150_000, "section": "A", "row": "1", "number": "2"},
            {"seatId": 3, "position": 3, "amount": 150_000, "section": "A", "row": "2", "number": "7"}]},
        {"scheduleId": 2, "zone": "Europe/Berlin",
         "startsAt": "2027-05-02T19:00:00+02:00", "endsAt": "2027-05-02T21:30:00+02:00", "seats": [
            {"seatId": 9, "position": 1, "amount": 5, "section": "B", "row": "1", "number": "1"},
            {"seatId": 8, "position": 2, "amount": 0}]}]}]});
    assert_eq!(again, expected);
    assert_eq!(serde_json::from_value::<Document>(again).expect("what it writes it reads"), document);
}

#[test]
fn every_problem_is_named_by_its_path() {
    let check = |from: &str, to: &str, expected: &str| {
        let problems = Document::from_json(altered(from, to).as_bytes()).expect_err(to);
        assert_eq!(problems.to_string(), expected);
    };
    check(
        r#""concertId":1"#,
        r#""concertId":0"#,
        "concerts[0].concertId: must be between 1 and 9007199254740991, but is 0",
    );
    check(
        r#""concertId":1"#,
        r#""concertId":9007199254740992"#,
        "concerts[0].concertId: must be between 1 and 9007199254740991, but is 9007199254740992",
    );
    check(r#""concertId":1"#, r#""concertId":"1""#, "concerts[0].concertId: must be a whole number, but is a string");
    check(
        r#""concertId":1"#,
        r#""concertId":1.5"#,
        "concerts[0].concertId: must be a whole number, not negative, but is 1.5",
    );
    check(r#""concertId":1,"#, "", "concerts[0].concertId: is missing");
    check(r#""title":"Dawn""#, r#""title":" ""#, "concerts[0].title: must not be empty");
    check(r#""title":"Dawn""#, r#""title":"a\nb""#, "concerts[0].title: must not have control characters");
    check(
        r#""title":"Dawn""#,
        r#""title":"a\u202Eb""#,
        "concerts[0].title: must not have U+202E, which turns the text beside it round",
    );
    check(
        r#""title""#,
        r#""tittle""#,
        "concerts[0]: unknown field \"tittle\"; did you mean \"title\"?\nconcerts[0].title: is missing",
    );
    check(r#""title":"#, r#""title":"a","title":"#, "concerts[0].title: is given twice");
    check(
        r#""title":"#,
        r#""queue":"Fan Club","title":"#,
        "concerts[0].queue: must be 1 to 64 of a-z, 0-9, '-' and '_', but is \"Fan Club\"",
    );
    check(
        "Europe/Berlin",
        "Berlin",
        "concerts[0].schedules[1].zone: must be an IANA time zone such as Asia/Seoul, but is \"Berlin\"",
    );
    check(
        "2027-05-02T19:00",
        "2027-03-28T02:30",
        "concerts[0].schedules[1].startsAt: 2027-03-28T02:30 does not exist in Europe/Berlin: the clocks are put forward over it",
    );
    check("2027-05-01T21:30:00", "2027-05-01T19:00:00", "concerts[0].schedules[0].endsAt: must be later than startsAt");
    check(
        r#""scheduleId":2"#,
        r#""scheduleId":1"#,
        "concerts[0].schedules[1].scheduleId: 1 is already used by concerts[0].schedules[0]",
    );
    check(
        r#""seats":2"#,
        r#""seats":0"#,
        "concerts[0].schedules[0].sections[0].rows[0].seats: must be between 1 and 200000, but is 0",
    );
    check(
        r#""seats":2"#,
        r#""seats":200000"#,
        "concerts[0].schedules[0].sections: a schedule has at most 200000 seats, but this has 200001",
    );
    check(
        r#""row":"2""#,
        r#""row":"1""#,
        "concerts[0].schedules[0].sections[0].rows[1].row: \"1\" is already used by rows[0]",
    );
    check(r#""seatId":9"#, r#""seatId":8"#, "concerts[0].schedules[1].seats[1].seatId: 8 is already used by seats[0]");
    check(
        r#""position":1"#,
        r#""position":2"#,
        "concerts[0].schedules[1].seats[1].position: 2 is already used by seats[0]",
    );
    check(
        r#""amount":5"#,
        r#""amount":-5"#,
        "concerts[0].schedules[1].seats[1].amount: must be a whole number, not negative, but is -5",
    );
    check(r#""amount":5,"#, "", "concerts[0].schedules[1].seats[1].amount: is missing");
    check(
        r#""zone":"Europe/Berlin""#,
        r#""zone":"Europe/Berlin","sections":[]"#,
        "concerts[0].schedules[1]: has both sections and seats; give one of them",
    );
    check(
        r#"{"seatId":8,"position":2,"amount":0}"#,
        "8",
        "concerts[0].schedules[1].seats[0]: must be an object, but is 8",
    );
}

#[test]
fn all_problems_of_a_file_are_named_at_once() {
    let text =
        altered(r#""title":"Dawn""#, r#""title":"""#).replace("150000", "-1").replace(r#""seatId":9"#, r#""seatId":0"#);
    let problems = Document::from_json(text.as_bytes()).expect_err("three fields are wrong");
    let places: Vec<_> = problems.listed().iter().map(|problem| problem.at.as_str()).collect();
    assert_eq!(
        places,
        [
            "concerts[0].title",
            "concerts[0].schedules[0].sections[0].amount",
            "concerts[0].schedules[1].seats[1].seatId"
        ]
    );
}

#[test]
fn what_is_no_json_is_named_by_its_line() {
    let check = |text: &str, expected: &str| {
        assert_eq!(Document::from_json(text.as_bytes()).expect_err(text).to_string(), expected);
    };
    check("{\n  \"concerts\": [,]\n}", "line 2, column 16: is not JSON: expected value");
    check("{\"concerts\": [", "line 1, column 14: is not JSON: EOF while parsing a list");
    check("[]", "must be an object, but is a list");
    check("{}", "concerts: is missing");
    check("{\"concerts\":{}}", "concerts: must be a list, but is an object");
}

#[test]
fn a_small_file_does_not_make_millions_of_seats() {
    let dates = |count: u64| {
        let date = |id| {
            format!(
                r#"{{"scheduleId":{id},"startsAt":"2027-05-01T19:00:00","endsAt":"2027-05-01T21:30:00","sections":[{{"section":"A","amount":1,"rows":[{{"row":"1","seats":200000}}]}}]}}"#
            )
        };
        let dates: Vec<String> = (1..=count).map(date).collect();
        let text = format!(r#"{{"concerts":[{{"concertId":1,"title":"T","schedules":[{}]}}]}}"#, dates.join(","));
        crate::Document::from_json(text.as_bytes()).map(|document| document.count().seats)
    };
    assert_eq!(dates(1).expect("it is sound"), 200_000);
    let problems = dates(20).expect_err("it is too much").to_string();
    assert!(problems.contains("schedules[10].sections: a catalog has at most 2000000 seats in rows"), "{problems}");
}

/// The example that the guide shows.
const PRICES: &str = include_str!("../../../../examples/catalog/prices.json");

#[test]
fn prices_come_from_categories_rows_and_seats() {
    let document = Document::from_json(PRICES.as_bytes()).expect("the example is sound");
    assert!(document.has_offers());
    assert!(!Document::from_json(altered("", "").as_bytes()).expect("it is sound").has_offers());
    let again = serde_json::to_value(&document).expect("it serializes");
    let date = &again["concerts"][0]["schedules"][0];
    assert_eq!(date["accessibleUntil"], "2027-04-30T12:00:00+09:00");
    assert_eq!(date["priceTypes"][2], serde_json::json!({"priceType": "senior", "title": "From 65"}));
    let seat = |at: usize| date["seats"][at].clone();
    let expected = serde_json::json!({"seatId": 11, "position": 11, "amount": 150_000, "section": "A", "row": "2",
        "number": "1", "category": "P1", "prices": {"child": 75_000}, "attributes": ["restrictedView"]});
    assert_eq!(seat(10), expected);
    let expected =
        serde_json::json!({"seatId": 29, "position": 29, "amount": 80_000, "section": "B", "row": "2", "number": "1"});
    assert_eq!(seat(28), expected, "a row's own price is all that it has");
    assert_eq!(serde_json::from_value::<Document>(again).expect("what it writes it reads"), document);
    assert_eq!(Document::from_parts(document.clone().parts()), document);
}

#[test]
fn prices_that_do_not_fit_are_named_by_their_path() {
    let check = |from: &str, to: &str, at: &str, what: &str| {
        assert!(PRICES.contains(from), "{from} should be in the document");
        let problems = Document::from_json(PRICES.replacen(from, to, 1).as_bytes()).expect_err(to);
        let first = &problems.listed()[0];
        assert_eq!(first.at, format!("concerts[0].schedules[0].{at}"), "{problems}");
        assert!(first.what.contains(what), "{problems}");
    };
    let child = r#"{"priceType": "child", "title": "Child, to 12"}"#;
    check(child, r#"{"priceType": "Child"}"#, "priceTypes[1].priceType", "must be 1 to 32 of a-z");
    check(child, r#"{"priceType": "adult"}"#, "priceTypes[1].priceType", "already used by priceTypes[0]");
    check(child, "7", "priceTypes[1]", "must be an object");
    let p1 = r#"{"category": "P1", "amount": 150000, "prices": {"child": 75000}}"#;
    check(
        p1,
        r#"{"category": "P1", "amount": 1, "prices": {"childs": 1}}"#,
        "categories[0].prices",
        "did you mean \"child\"?",
    );
    check(
        p1,
        r#"{"category": "P1", "amount": 1, "prices": {"child": -1}}"#,
        "categories[0].prices.child",
        "whole number",
    );
    check(p1, r#"{"category": "P2", "amount": 1}"#, "categories[1].category", "already used by categories[0]");
    let section = r#""category": "P1",
              "rows""#;
    check(section, r#""category": "P7", "rows""#, "sections[0].category", "none of this date's categories");
    check(section, r#""rows""#, "sections[0].amount", "is missing");
    check(section, r#""prices": {"child": 1}, "rows""#, "sections[0].prices", "needs an amount beside it");
    let row = r#"{"wheelchair": [1, 3], "companion": [2, 4]}"#;
    check(row, r#"{"wheelchair": [9]}"#, "sections[1].rows[0].attributes.wheelchair[0]", "must be between 1 and 8");
    check(
        row,
        r#"{"wheelchair": [1], "companion": [1]}"#,
        "sections[1].rows[0].attributes",
        "both wheelchair and companion",
    );
    check(row, r#"{"wheelchairs": [1]}"#, "sections[1].rows[0].attributes", "did you mean \"wheelchair\"?");
}

#[test]
fn areas_are_places_behind_the_seats() {
    let areas = r#""areas":[{"area":"Floor","capacity":3,"amount":90000},{"area":"Pit","capacity":2,"amount":0,"firstSeatId":100}],"#;
    let json = altered(r#""sections":"#, &format!("{areas}\"sections\":"));
    let document = Document::from_json(json.as_bytes()).expect("it is sound");
    let part = document.clone().parts().remove(0);
    let places: Vec<_> = part.seats.iter().filter(|seat| seat.standing).collect();
    let told = |seat: &&&onsale_domain::concert::SeatSpec| {
        (seat.seat.0, seat.position, seat.amount, seat.section.clone(), seat.row.clone(), seat.number.clone())
    };
    let place = |id, position, amount, area: &str, number: &str| {
        (id, position, amount, Some(area.to_owned()), None, Some(number.to_owned()))
    };
    assert_eq!(
        places.iter().map(|seat| told(&seat)).collect::<Vec<_>>(),
        [
            place(4, 4, 90_000, "Floor", "1"),
            place(5, 5, 90_000, "Floor", "2"),
            place(6, 6, 90_000, "Floor", "3"),
            place(100, 7, 0, "Pit", "1"),
            place(101, 8, 0, "Pit", "2"),
        ]
    );
    let again = serde_json::to_value(&document).expect("it serializes");
    assert_eq!(again["concerts"][0]["schedules"][0]["seats"][3]["standing"], true);
    assert_eq!(serde_json::from_value::<Document>(again).expect("what it writes it reads"), document);
    assert!(document.has_offers());
}

#[test]
fn an_area_alone_is_a_date_s_seats() {
    let json = altered(
        r#""sections":[{"section":"A","amount":150000,"rows":[{"row":"1","seats":2},{"row":"2","seats":1,"firstNumber":7}]}]"#,
        r#""areas":[{"area":"Floor","capacity":2000,"amount":1}]"#,
    );
    let document = Document::from_json(json.as_bytes()).expect("it is sound");
    assert_eq!(document.count().seats, 2_002);
}

#[test]
fn what_is_wrong_with_an_area_is_named() {
    let check = |areas: &str, expected: &str| {
        let json = altered(r#""sections":"#, &format!("\"areas\":{areas},\"sections\":"));
        let problems = Document::from_json(json.as_bytes()).expect_err(areas);
        assert_eq!(problems.to_string(), format!("concerts[0].schedules[0].{expected}"));
    };
    check("[]", "areas: must not be empty");
    check("{}", "areas: must be a list, but is an object");
    check(
        r#"[{"area":"A","capacity":1,"amount":1}]"#,
        r#"areas[0].area: "A" is already the name of a section or an area"#,
    );
    check(r#"[{"area":"F","amount":1}]"#, "areas[0].capacity: is missing");
    check(r#"[{"area":"F","capacity":0,"amount":1}]"#, "areas[0].capacity: must be between 1 and 200000, but is 0");
    check(
        r#"[{"area":"F","capacity":200000,"amount":1}]"#,
        "areas[0].capacity: a schedule has at most 200000 seats, and has 200003 up to here",
    );
    check(
        r#"[{"area":"F","capacity":2,"amount":1,"firstSeatId":2}]"#,
        "areas[0].firstSeatId: 2 is already used by another seat",
    );
    check(
        r#"[{"area":"F","capacity":2,"amount":1,"firstSeatId":9007199254740991}]"#,
        "areas[0].firstSeatId: the last place's id must be between 1 and 9007199254740991, but is 9007199254740992",
    );
    check(
        r#"[{"area":"F","capacity":2,"amount":1,"row":"1"}]"#,
        r#"areas[0]: unknown field "row"; known are area, capacity, amount, firstSeatId, category, prices"#,
    );
}

#[test]
fn a_seat_by_itself_may_be_a_place_to_stand() {
    let seat = r#"{"seatId":8,"position":2,"amount":0}"#;
    let check = |place: &str, expected: &str| {
        let problems = Document::from_json(altered(seat, place).as_bytes()).expect_err(place);
        assert_eq!(problems.to_string(), format!("concerts[0].schedules[1].{expected}"));
    };
    let sound = r#"{"seatId":8,"position":2,"amount":0,"section":"Floor","standing":true}"#;
    assert!(Document::from_json(altered(seat, sound).as_bytes()).is_ok());
    check(
        r#"{"seatId":8,"position":2,"amount":0,"standing":true}"#,
        "seats[0].standing: is for places of a section without rows",
    );
    check(
        r#"{"seatId":8,"position":2,"amount":0,"section":"B","standing":true}"#,
        r#"seats: section "B" has both seats and places to stand"#,
    );
    check(
        r#"{"seatId":8,"position":2,"amount":0,"section":"F","standing":1}"#,
        "seats[0].standing: must be true or false, but is 1",
    );
}

#[test]
fn a_date_says_what_becomes_of_single_seats() {
    let said =
        |orphans: &str| Document::from_json(altered(r#""sections":"#, &format!("{orphans}\"sections\":")).as_bytes());
    let document = said(r#""orphans":"refuse","#).expect("it is sound");
    assert!(document.has_offers());
    let again = serde_json::to_value(&document).expect("it serializes");
    assert_eq!(again["concerts"][0]["schedules"][0]["orphans"], "refuse");
    assert_eq!(serde_json::from_value::<Document>(again).expect("what it writes it reads"), document);
    assert_eq!(
        said(r#""orphans":"never","#).expect_err("it is none").to_string(),
        r#"concerts[0].schedules[0].orphans: must be allow, prefer or refuse, but is "never""#
    );
}

#[test]
fn a_row_and_a_seat_have_ranks() {
    let row = r#"{"row":"1","seats":2,"rank":7}"#;
    let document = |date: &str| {
        Document::from_json(
            format!(
                r#"{{"concerts":[{{"concertId":1,"title":"T","schedules":[{{"scheduleId":1,"startsAt":"2027-05-01T19:00","endsAt":"2027-05-01T21:00",{date}}}]}}]}}"#
            )
            .as_bytes(),
        )
    };
    let by_row =
        document(&format!(r#""sections":[{{"section":"A","amount":1,"rows":[{row},{{"row":"2","seats":1}}]}}]"#));
    let by_row = by_row.expect("it is sound");
    assert!(by_row.has_ranks() && !by_row.has_offers());
    let ranks: Vec<_> = by_row.clone().parts().remove(0).seats.iter().map(|seat| seat.rank).collect();
    assert_eq!(ranks, [Some(7), Some(7), None]);
    let again = serde_json::to_value(&by_row).expect("it serializes");
    assert_eq!(serde_json::from_value::<Document>(again).expect("what it writes it reads"), by_row);
    assert_eq!(Document::from_parts(by_row.clone().parts()), by_row);
    let seat =
        |more: &str| document(&format!(r#""seats":[{{"seatId":1,"position":1,"amount":1,"section":"F",{more}}}]"#));
    assert!(seat(r#""rank":1000000"#).expect("it is sound").has_ranks());
    for (more, what) in [
        (r#""rank":0"#, "rank: must be between 1 and 1000000, but is 0"),
        (r#""rank":1000001"#, "rank: must be between 1 and 1000000"),
        (r#""rank":"1""#, "rank: "),
        (r#""standing":true,"rank":1"#, "rank: is for seats, and this is a place to stand"),
    ] {
        let problems = seat(more).expect_err(more).to_string();
        assert!(problems.contains(&format!("concerts[0].schedules[0].seats[0].{what}")), "{problems}");
    }
}
