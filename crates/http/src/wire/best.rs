//! Seats that are wished for without being named.

use onsale_domain::concert::{PRICE_TYPES_MAX, PriceCount, Together, Wish};
use serde::de::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::fields::{Number, Text};
use super::wish::{Listed, counted, object, price_type, refused};
use crate::problem::Problem;

/// How many seats somebody wishes to have, and where. A field that it has not is refused.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BestSeats<'a> {
    #[serde(default)]
    #[schema(required, value_type = u32, minimum = 1, maximum = 16, example = 2)]
    count: Number,
    /// The section; any where it is left out.
    #[serde(borrow, default)]
    #[schema(value_type = Option<String>, nullable = false, example = "A")]
    section: Text<'a>,
    /// `required` where it is left out: nobody gets seats apart who has not said that they may be.
    #[serde(borrow, default)]
    #[schema(value_type = Option<SideBySide>, nullable = false)]
    together: Text<'a>,
    /// The category; any where it is left out.
    #[serde(borrow, default)]
    #[schema(value_type = Option<String>, nullable = false, example = "P1")]
    category: Text<'a>,
    /// How many at which price, adding up to `count`: the seats get them in this order. All at the date's first where it is left
    /// out.
    #[serde(borrow, default, rename = "priceTypes")]
    #[schema(value_type = Option<Vec<SeatsAtPrice<'a>>>, nullable = false, min_items = 1, max_items = 16)]
    price_types: Listed<'a>,
    /// How many of the seats are to be wheelchair places; the others are beside them, companions' seats first. Only for seats side
    /// by side.
    #[serde(default)]
    #[schema(value_type = Option<u32>, nullable = false, minimum = 1, maximum = 16, example = 1)]
    accessible: Number,
}

/// So many seats at a price type. A field that it has not is refused.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeatsAtPrice<'a> {
    #[serde(borrow, default, rename = "priceType")]
    #[schema(required, value_type = String, pattern = "^[a-z0-9_-]{1,32}$", example = "child")]
    price_type: Text<'a>,
    #[serde(default)]
    #[schema(required, value_type = u32, minimum = 1, maximum = 16, example = 1)]
    count: Number,
}

/// Whether the seats must be side by side.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum SideBySide {
    /// Side by side, or none.
    Required,
    /// Side by side where that can be had, otherwise in as few groups as can be found.
    Preferred,
}

/// What stands where the wish should.
#[derive(Default)]
pub(crate) enum Asked<'a> {
    #[default]
    Missing,
    Given(&'a RawValue),
}

impl<'de: 'a, 'a> Deserialize<'de> for Asked<'a> {
    /// By its text: what is wrong with it is said field by field.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(Self::Given)
    }
}

impl Asked<'_> {
    /// The wish, if there is one.
    pub(super) fn wish(&self, field: &'static str) -> Result<Option<Wish>, Problem> {
        let Self::Given(text) = self else { return Ok(None) };
        object::<BestSeats<'_>>(text, field, "a count")?.wish().map(Some)
    }
}

impl BestSeats<'_> {
    fn wish(&self) -> Result<Wish, Problem> {
        let together = match self.together.optional("best.together")? {
            None | Some("required") => Together::Required,
            Some("preferred") => Together::Preferred,
            Some(_) => return Err(refused("best.together", "must be required or preferred")),
        };
        let section = self.section.optional("best.section")?.map(str::to_owned);
        let category = self.category.optional("best.category")?.map(str::to_owned);
        let count = counted(self.count, "best.count")?;
        let price_types = self.price_types(count)?;
        let accessible = match self.accessible {
            Number::Missing => None,
            number => Some(counted(number, "best.accessible")?),
        };
        if accessible.is_some_and(|places| places > count) {
            return Err(refused("best.accessible", "must not be more than best.count"));
        }
        if accessible.is_some() && together == Together::Preferred {
            return Err(refused("best.together", "must be required where best.accessible is given"));
        }
        Ok(Wish { count, section, together, category, price_types, accessible })
    }

    fn price_types(&self, count: u32) -> Result<Option<Vec<PriceCount>>, Problem> {
        const FIELD: &str = "best.priceTypes";
        let items = match &self.price_types {
            Listed::Missing => return Ok(None),
            Listed::Items(items) if (1..=PRICE_TYPES_MAX).contains(&items.len()) => items,
            Listed::Items(_) | Listed::WrongType => {
                return Err(refused(
                    FIELD,
                    &format!("must be a list of 1 to {PRICE_TYPES_MAX} price types with counts"),
                ));
            }
        };
        let mut counts: Vec<PriceCount> = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let place = format!("{FIELD}[{at}]");
            let one: SeatsAtPrice<'_> = object(item, &place, "a priceType and a count")?;
            let field = format!("{place}.priceType");
            let price_type = price_type(&one.price_type, &field)?.ok_or_else(|| refused(&field, "is missing"))?;
            if counts.iter().any(|other| other.price_type == price_type) {
                return Err(refused(&field, &format!("names {price_type} a second time")));
            }
            counts.push(PriceCount { price_type, count: counted(one.count, &format!("{place}.count"))? });
        }
        let sum: u32 = counts.iter().map(|one| one.count).sum();
        if sum != count {
            return Err(refused(FIELD, &format!("must add up to best.count, which is {count}, and not to {sum}")));
        }
        Ok(Some(counts))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Reserve;
    use super::super::fields::parse;
    use super::super::wish;
    use super::*;

    fn wish(members: &str) -> Result<wish::Wish, Problem> {
        parse::<Reserve<'_>>(format!(r#"{{"scheduleId":1,{members}}}"#).as_bytes())?.wish()
    }

    #[test]
    fn a_wish_says_how_many_and_where() {
        let best = |count, section: Option<&str>, together| {
            Ok(wish::Wish::Best(Wish { section: section.map(str::to_owned), ..Wish::of(count, together) }))
        };
        assert_eq!(wish(r#""best":{"count":2}"#), best(2, None, Together::Required));
        assert_eq!(wish(r#""best": {"count":1.6e1},"extra":1"#), best(16, None, Together::Required));
        let all = r#""best":{"count":3,"section":"A\u0042","together":"preferred"}"#;
        assert_eq!(wish(all), best(3, Some("AB"), Together::Preferred));
        let of = r#""best":{"count":3,"category":"P1","priceTypes":[{"priceType":"adult","count":2},{"priceType":"child","count":1}],"accessible":1}"#;
        let at = |name: &str, count| PriceCount { price_type: name.into(), count };
        let price_types = Some(vec![at("adult", 2), at("child", 1)]);
        let expected = Wish {
            category: Some("P1".to_owned()),
            price_types,
            accessible: Some(1),
            ..Wish::of(3, Together::Required)
        };
        assert_eq!(wish(of), Ok(wish::Wish::Best(expected)));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (members, field) in [
            (r#""best":null"#, "best"),
            (r#""best":2"#, "best"),
            (r#""best":[2]"#, "best"),
            (r#""best":{"count":2,"count":3}"#, "best"),
            (r#""best":{"count":2},"seatId":1"#, "best"),
            (r#""best":{"count":2},"seats":[{"seatId":1}]"#, "best"),
            (r#""best":{}"#, "best.count"),
            (r#""best":{"count":0}"#, "best.count"),
            (r#""best":{"count":17}"#, "best.count"),
            (r#""best":{"count":1.5}"#, "best.count"),
            (r#""best":{"count":-1}"#, "best.count"),
            (r#""best":{"count":"2"}"#, "best.count"),
            (r#""best":{"count":4294967298}"#, "best.count"),
            (r#""best":{"count":2,"section":1}"#, "best.section"),
            (r#""best":{"count":2,"section":null}"#, "best.section"),
            (r#""best":{"count":2,"together":true}"#, "best.together"),
            (r#""best":{"count":2,"together":"REQUIRED"}"#, "best.together"),
            (r#""best":{"count":2,"category":1}"#, "best.category"),
            (r#""best":{"count":2,"priceTypes":null}"#, "best.priceTypes"),
            (r#""best":{"count":2,"priceTypes":[]}"#, "best.priceTypes"),
            (r#""best":{"count":2,"priceTypes":["child"]}"#, "best.priceTypes[0]"),
            (r#""best":{"count":2,"priceTypes":[{"count":2}]}"#, "best.priceTypes[0].priceType"),
            (r#""best":{"count":2,"priceTypes":[{"priceType":"A","count":2}]}"#, "best.priceTypes[0].priceType"),
            (r#""best":{"count":2,"priceTypes":[{"priceType":"a"}]}"#, "best.priceTypes[0].count"),
            (
                r#""best":{"count":2,"priceTypes":[{"priceType":"a","count":1},{"priceType":"a","count":1}]}"#,
                "best.priceTypes[1].priceType",
            ),
            (r#""best":{"count":2,"priceTypes":[{"priceType":"a","count":1}]}"#, "best.priceTypes"),
            (r#""best":{"count":2,"catagory":"P1"}"#, "best.catagory"),
            (r#""best":{"count":1,"priceTypes":[{"priceType":"a","count":1,"price":1}]}"#, "best.priceTypes[0].price"),
            (r#""best":{"count":2,"accessible":true}"#, "best.accessible"),
            (r#""best":{"count":2,"accessible":0}"#, "best.accessible"),
            (r#""best":{"count":2,"accessible":3}"#, "best.accessible"),
            (r#""best":{"count":2,"accessible":1,"together":"preferred"}"#, "best.together"),
        ] {
            let problem = wish(members).expect_err(members);
            assert_eq!(problem.field_name(), Some(field), "{members}");
            assert!(problem.detail().is_some_and(|detail| detail.starts_with(field)), "{problem:?}");
        }
    }
}
