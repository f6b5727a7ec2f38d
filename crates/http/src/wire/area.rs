//! Places to stand that somebody wishes to hold: any of an area.

use onsale_domain::concert::AreaWish;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::fields::{Number, Text};
use super::wish::{Listed, check_length, counted, object, price_type, refused, refused_as};
use crate::problem::{Code, Problem};

/// How many places of an area somebody wishes to hold. A field that it has not is refused.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WishedArea<'a> {
    /// The area's name, as the catalog's sections have it.
    #[serde(borrow, default, rename = "areaId")]
    #[schema(required, value_type = String, example = "Floor")]
    area: Text<'a>,
    #[serde(default)]
    #[schema(required, value_type = u32, minimum = 1, maximum = 16, example = 2)]
    quantity: Number,
    /// For whom: one of the date's price types. The first where it is left out.
    #[serde(borrow, default, rename = "priceType")]
    #[schema(value_type = Option<String>, nullable = false, pattern = "^[a-z0-9_-]{1,32}$", example = "child")]
    price_type: Text<'a>,
}

/// The wishes of a list, if there is one.
pub(super) fn wishes(listed: &Listed<'_>, field: &str) -> Result<Option<Vec<AreaWish>>, Problem> {
    let items = match listed {
        Listed::Missing => return Ok(None),
        Listed::WrongType => return Err(refused(field, "must be a list of areas")),
        Listed::Items(items) => items,
    };
    check_length(items.len(), field, "areas")?;
    let mut wishes: Vec<AreaWish> = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let place = format!("{field}[{at}]");
        let wish = wish(item, &place)?;
        if wishes.iter().any(|other| other.area == wish.area && other.price_type == wish.price_type) {
            let what = "names an area a second time at the same price type";
            return Err(refused_as(Code::AreaTwice, &format!("{place}.areaId"), what));
        }
        wishes.push(wish);
    }
    Ok(Some(wishes))
}

fn wish(item: &RawValue, place: &str) -> Result<AreaWish, Problem> {
    let wished: WishedArea<'_> = object(item, place, "an areaId and a quantity")?;
    let price_type = price_type(&wished.price_type, &format!("{place}.priceType"))?;
    let field = format!("{place}.areaId");
    let area = match wished.area {
        Text::Given(area) => area.into_owned(),
        Text::Missing => return Err(refused(&field, "is missing")),
        Text::WrongType => return Err(refused(&field, "must be a string")),
    };
    Ok(AreaWish { area, quantity: counted(wished.quantity, &format!("{place}.quantity"))?, price_type })
}

#[cfg(test)]
mod tests {
    use onsale_domain::ids::SeatId;

    use super::super::Reserve;
    use super::super::fields::parse;
    use super::super::wish::Wish;
    use super::*;

    fn wish(members: &str) -> Result<Wish, Problem> {
        parse::<Reserve<'_>>(format!(r#"{{"scheduleId":1,{members}}}"#).as_bytes())?.wish()
    }

    #[test]
    fn areas_are_wished_for_alone_or_beside_seats() {
        let area = |area: &str, quantity| AreaWish { area: area.to_owned(), quantity, price_type: None };
        assert_eq!(
            wish(r#""areas":[{"areaId":"Floor","quantity":2}]"#),
            Ok(Wish::Areas { seats: vec![], areas: vec![area("Floor", 2)] })
        );
        let both =
            r#""seats":[{"seatId":7}],"areas":[{"quantity":1e1,"areaId":"F\u006coor"},{"areaId":"Pit","quantity":5}]"#;
        assert_eq!(
            wish(both),
            Ok(Wish::Areas { seats: vec![SeatId(7).into()], areas: vec![area("Floor", 10), area("Pit", 5)] })
        );
    }

    #[test]
    fn an_area_is_named_once_for_each_price_type() {
        let wish = wish(r#""areas":[{"areaId":"F","quantity":2},{"areaId":"F","quantity":1,"priceType":"child"}]"#);
        let area = |quantity, price_type: Option<&str>| AreaWish {
            area: "F".to_owned(),
            quantity,
            price_type: price_type.map(Into::into),
        };
        assert_eq!(wish, Ok(Wish::Areas { seats: vec![], areas: vec![area(2, None), area(1, Some("child"))] }));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (members, field) in [
            (r#""areas":null"#, "areas"),
            (r#""areas":{}"#, "areas"),
            (r#""areas":[]"#, "areas"),
            (r#""areas":["Floor"]"#, "areas[0]"),
            (r#""areas":[["Floor",1]]"#, "areas[0]"),
            (r#""areas":[{"quantity":1}]"#, "areas[0].areaId"),
            (r#""areas":[{"areaId":1,"quantity":1}]"#, "areas[0].areaId"),
            (r#""areas":[{"areaId":"F","quantity":1},{"areaId":"F","quantity":1}]"#, "areas[1].areaId"),
            (r#""areas":[{"areaId":"F"}]"#, "areas[0].quantity"),
            (r#""areas":[{"areaId":"F","quantity":0}]"#, "areas[0].quantity"),
            (r#""areas":[{"areaId":"F","quantity":17}]"#, "areas[0].quantity"),
            (r#""areas":[{"areaId":"F","quantity":1.5}]"#, "areas[0].quantity"),
            (r#""areas":[{"areaId":"F","quantity":"2"}]"#, "areas[0].quantity"),
            (r#""areas":[{"areaId":"F","quantity":9},{"areaId":"G","quantity":8}]"#, "areas"),
            (r#""seats":[{"seatId":1}],"areas":[{"areaId":"F","quantity":16}]"#, "areas"),
            (r#""seatId":1,"areas":[{"areaId":"F","quantity":1}]"#, "areas"),
            (r#""best":{"count":1},"areas":[{"areaId":"F","quantity":1}]"#, "areas"),
            (r#""areas":[{"areaId":"F","quantity":1,"priceType":"Child"}]"#, "areas[0].priceType"),
            (r#""areas":[{"areaId":"F","quantity":1,"count":2}]"#, "areas[0].count"),
        ] {
            let problem = wish(members).expect_err(members);
            assert_eq!(problem.field_name(), Some(field), "{members}");
            assert!(problem.detail().is_some_and(|detail| detail.starts_with(field)), "{problem:?}");
        }
    }
}
