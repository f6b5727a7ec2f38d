use crate::Document;

const SOUND: &str = "\
concert_id,title,queue,schedule_id,zone,starts_at,ends_at,seat_id,position,amount,section,row,number
1,\"Dawn, again\",fanclub,1,Asia/Seoul,2027-05-01T19:00:00,2027-05-01T21:30:00,5,2,150000,A,1,1
1,\"Dawn, again\",fanclub,1,Asia/Seoul,2027-05-01 19:00,2027-05-01 21:30,4,1,150000,A,1,2

2,Dusk,,2,,2027-05-02T19:00:00+09:00,2027-05-02T21:30:00+09:00,1,1,0,,,
";

#[test]
fn says_the_same_as_json() {
    let json = r#"{"concerts":[
        {"concertId":1,"title":"Dawn, again","queue":"fanclub","schedules":[
            {"scheduleId":1,"startsAt":"2027-05-01T19:00:00","endsAt":"2027-05-01T21:30:00","seats":[
                {"seatId":4,"position":1,"amount":150000,"section":"A","row":"1","number":"2"},
                {"seatId":5,"position":2,"amount":150000,"section":"A","row":"1","number":"1"}]}]},
        {"concertId":2,"title":"Dusk","schedules":[
            {"scheduleId":2,"startsAt":"2027-05-02T19:00:00","endsAt":"2027-05-02T21:30:00","seats":[
                {"seatId":1,"position":1,"amount":0}]}]}]}"#;
    let expected = Document::from_json(json.as_bytes()).expect("it is sound");
    for text in [SOUND.to_owned(), format!("\u{feff}{}", SOUND.replace('\n', "\r\n"))] {
        assert_eq!(Document::from_csv(text.as_bytes()), Ok(expected.clone()));
    }
}

#[test]
fn what_spreadsheets_make_of_it_is_read() {
    let expected = Document::from_csv(SOUND.as_bytes()).expect("it is sound");
    let retyped =
        |delimiter: &str| SOUND.replace("\"Dawn, again\"", "Dawn~ again").replace(',', delimiter).replace('~', ",");
    let quoted = |delimiter: &str| retyped(delimiter).replace("Dawn, again", "\"Dawn, again\"");
    let with_empty_columns = SOUND.replace('\n', ",,\n").replace("\n,,\n", "\n,,,,,,,,,,,,,,\n");
    let texts = [quoted(";"), retyped("\t"), with_empty_columns, SOUND.replace('\n', "\r")];
    for text in texts {
        assert_eq!(Document::from_csv(text.as_bytes()), Ok(expected.clone()), "{text}");
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(Document::from_csv(&utf16), Ok(expected.clone()), "{text}");
    }
}

#[test]
fn lines_that_end_with_a_carriage_return_alone_are_counted() {
    let text = SOUND.replace("2,Dusk", "2,").replace('\n', "\r");
    assert_eq!(Document::from_csv(text.as_bytes()).expect_err("no title").to_string(), "line 5, title: is missing");
}

#[test]
fn seats_are_numbered_where_the_columns_are_absent() {
    let text = "concert_id,title,schedule_id,starts_at,ends_at,amount\n\
        1,Dawn,1,2027-05-01T19:00,2027-05-01T21:00,5\n1,Dawn,1,2027-05-01T19:00,2027-05-01T21:00,6\n";
    let part = Document::from_csv(text.as_bytes()).expect("it is sound").parts().remove(0);
    let seats: Vec<_> = part.seats.iter().map(|seat| (seat.seat.0, seat.position, seat.amount)).collect();
    assert_eq!(seats, [(1, 1, 5), (2, 2, 6)]);
}

#[test]
fn every_problem_is_named_by_line_and_column() {
    let check = |from: &str, to: &str, expected: &str| {
        assert!(SOUND.contains(from), "{from} should be in the file");
        let text = SOUND.replacen(from, to, 1);
        assert_eq!(Document::from_csv(text.as_bytes()).expect_err(to).to_string(), expected);
    };
    check("1,\"Dawn", "x,\"Dawn", "line 2, concert_id: must be a whole number, not negative, but is \"x\"");
    check("2,Dusk", "2,", "line 5, title: is missing");
    check(
        "1,\"Dawn, again\",fanclub,1,Asia/Seoul,2027-05-01 19",
        "1,Dawn,fanclub,1,Asia/Seoul,2027-05-01 19",
        "line 3, title: of concert 1 differs from line 2",
    );
    check("2027-05-01 19:00", "2027-05-01 19:30", "line 3, starts_at: of schedule 1 differs from line 2");
    check(",4,1,150000", ",5,1,150000", "line 3, seat_id: 5 is already used on line 2");
    check(",4,1,150000", ",4,2,150000", "line 3, position: 2 is already used on line 2");
    check("A,1,2", "A,1,1", "line 3, number: the same section, row and number is already used on line 2");
    check("A,1,2", "A,1,１\u{200B}", "line 3, number: the same section, row and number is already used on line 2");
    check("A,1,2", "A,\u{200B},2", "line 3, row: must not be empty: nothing in it can be seen");
    check(",4,1,150000", ",,1,150000", "line 3, seat_id: is missing");
    check(",4,1,150000", ",4,0,150000", "line 3, position: must be between 1 and 4294967295, but is 0");
    check(",4,1,150000", ",4,1,1.5", "line 3, amount: must be a whole number, not negative, but is \"1.5\"");
    let grouped = "line 3, amount: must be a whole number without separators, such as 150000, but is ";
    check(",4,1,150000", ",4,1,\"150,000\"", &format!("{grouped}\"150,000\""));
    check(",4,1,150000", ",4,1,150 000", &format!("{grouped}\"150 000\""));
    check("A,1,2\n", "A,1,2,9\n", "line 3: has 14 columns, but the header has 13");
    check("2027-05-02T21:30:00+09:00", "2027-05-02T19:00:00+09:00", "line 5, ends_at: must be later than starts_at");
    check("seat_id", "seatid", "line 1: unknown column \"seatid\"; did you mean \"seat_id\"?");
    check("section", "amount", "line 1: column \"amount\" is given twice");
    check("queue,", "zone,", "line 1: column \"zone\" is given twice");
    check("title", "queue", "line 1: column \"queue\" is given twice\nline 1: column \"title\" is missing");
}

#[test]
fn a_file_without_seats_is_refused() {
    let header = SOUND.lines().next().expect("a header");
    let problems = Document::from_csv(header.as_bytes()).expect_err("there is nothing in it");
    assert_eq!(problems.to_string(), "the file has no seats, only a header");
    let problems = Document::from_csv(b"concert_id,title\n1,\xFF\n").expect_err("it is not text");
    assert!(problems.to_string().starts_with("line 2: is not UTF-8; save the file as UTF-8"), "{problems}");
}

/// The example that the guide shows.
const PRICES: &str = include_str!("../../../../examples/catalog/prices.csv");

#[test]
fn columns_of_price_types_take_the_place_of_the_amount() {
    let json = r#"{"concerts":[{"concertId":1,"title":"Songs of First Snow","schedules":[
        {"scheduleId":1,"startsAt":"2027-05-01T19:00:00","endsAt":"2027-05-01T21:30:00",
         "priceTypes":[{"priceType":"adult"},{"priceType":"child"},{"priceType":"senior"}],
         "categories":[{"category":"P2","amount":99000,"prices":{"senior":70000,"child":50000}}],
         "accessibleUntil":"2027-04-30T12:00:00","seats":[
            {"seatId":1,"position":1,"section":"A","row":"1","number":"1","category":"P1","amount":150000,"prices":{"child":75000}},
            {"seatId":2,"position":2,"section":"A","row":"1","number":"2","category":"P1","amount":150000,"prices":{"child":75000},
             "attributes":["restrictedView"]},
            {"seatId":3,"position":3,"section":"B","row":"1","number":"1","category":"P2","attributes":["wheelchair"]},
            {"seatId":4,"position":4,"section":"B","row":"1","number":"2","category":"P2","attributes":["companion"]}]}]}]}"#;
    let expected = Document::from_json(json.as_bytes()).expect("it is sound");
    assert_eq!(Document::from_csv(PRICES.as_bytes()), Ok(expected));
    let check = |from: &str, to: &str, expected: &str| {
        let problems = Document::from_csv(PRICES.replacen(from, to, 1).as_bytes()).expect_err(to);
        assert!(problems.to_string().starts_with(expected), "{problems}");
    };
    check("price:child", "price:adult", "line 1: column \"price:adult\" is given twice");
    check("price:child", "price:Child", "line 1: column \"price:Child\": the price type must be 1 to 32");
    check("category", "amount", "line 1: has the column \"amount\" beside prices for several");
    check(",150000,75000", ",,75000", "line 2, price:adult: is missing");
    check(",75000", ",x", "line 2, price:child: must be a whole number");
    check("restrictedView", "view", "line 3, attributes: unknown attribute \"view\"");
    check(
        "2027-04-30T12:00:00,B",
        "2027-04-29T12:00:00,B",
        "line 4, accessible_until: of schedule 1 differs from line 2",
    );
}

const WITH_AREAS: &str = "\
concert_id,title,schedule_id,starts_at,ends_at,orphans,amount,section,row,number,capacity
1,Dawn,1,2027-05-01T19:00,2027-05-01T21:30,refuse,5,A,1,1,
1,Dawn,1,2027-05-01T19:00,2027-05-01T21:30,refuse,9,Floor,,,3
1,Dawn,1,2027-05-01T19:00,2027-05-01T21:30,refuse,7,Pit,,,2
";

#[test]
fn a_line_with_a_capacity_is_an_area() {
    let json = r#"{"concerts":[{"concertId":1,"title":"Dawn","schedules":[
        {"scheduleId":1,"startsAt":"2027-05-01T19:00:00","endsAt":"2027-05-01T21:30:00","orphans":"refuse",
         "sections":[{"section":"A","amount":5,"rows":[{"row":"1","seats":1}]}],
         "areas":[{"area":"Floor","capacity":3,"amount":9},{"area":"Pit","capacity":2,"amount":7}]}]}]}"#;
    let expected = Document::from_json(json.as_bytes()).expect("it is sound");
    assert_eq!(Document::from_csv(WITH_AREAS.as_bytes()), Ok(expected));
}

#[test]
fn what_is_wrong_with_an_area_is_named_by_line_and_column() {
    let check = |from: &str, to: &str, expected: &str| {
        assert!(WITH_AREAS.contains(from), "{from} should be in the file");
        let problems = Document::from_csv(WITH_AREAS.replacen(from, to, 1).as_bytes()).expect_err(to);
        assert_eq!(problems.to_string(), expected);
    };
    check("Floor,,,3", "Floor,,,0", "line 3, capacity: must be between 1 and 200000, but is 0");
    let what = "is for an area, which has a section that names it, and neither row nor number";
    check("Floor,,,3", ",,,3", &format!("line 3, capacity: {what}"));
    check("Floor,,,3", "Floor,1,,3", &format!("line 3, capacity: {what}"));
    check("Floor,,,3", "A,,,3", r#"section "A" of schedule 1 has both seats and places to stand"#);
    check(
        "Floor,,,3",
        "Floor,,,200000",
        "line 3, capacity: a schedule has at most 200000 seats, and has 200001 up to here",
    );
    check("refuse,9", "allow,9", "line 3, orphans: of schedule 1 differs from line 2");
    check("refuse,9", "no,9", r#"line 3, orphans: must be allow, prefer or refuse, but is "no""#);
}

#[test]
fn a_line_may_have_a_rank() {
    let read = |cell: &str| {
        let text = format!(
            "concert_id,title,schedule_id,starts_at,ends_at,amount,section,capacity,rank\n\
             1,T,1,2027-05-01T19:00,2027-05-01T21:00,5,A,{cell}\n"
        );
        Document::from_csv(text.as_bytes())
    };
    let rank = |cell| read(cell).expect("it is sound").parts().remove(0).seats[0].rank;
    assert_eq!((rank(",3"), rank(",")), (Some(3), None));
    for (cell, what) in
        [(",0", "must be between 1 and 1000000"), (",x", "must be a whole number"), ("2,1", "is for seats")]
    {
        let problems = read(cell).expect_err(cell).to_string();
        assert!(problems.contains(&format!("line 2, rank: {what}")), "{problems}");
    }
}
