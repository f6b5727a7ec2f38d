//! Seats that are wished for without being named.

use onsale_domain::concert::{Together, Wish};
use onsale_domain::settings::SEATS_PER_RESERVATION_MAX;
use serde::de::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::fields::{Number, Text, data_error};
use super::wish::{given, refused};
use crate::problem::Problem;

/// How many seats somebody wishes to have, and where.
#[derive(serde::Deserialize, ToSchema)]
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
    /// No date has these to choose by: whoever names one must not get seats that are not so, so nothing may stand here.
    #[serde(default, rename = "category", deserialize_with = "given")]
    #[schema(ignore)]
    has_category: bool,
    #[serde(default, rename = "priceTypes", deserialize_with = "given")]
    #[schema(ignore)]
    has_price_types: bool,
    #[serde(default, rename = "accessible", deserialize_with = "given")]
    #[schema(ignore)]
    has_accessible: bool,
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
        // A list would be taken for the fields in their order.
        if !text.get().starts_with('{') {
            return Err(refused(field, "must be an object with a count"));
        }
        let unread = |error| refused(field, &format!("cannot be read: {}", data_error(&error)));
        serde_json::from_str::<BestSeats<'_>>(text.get()).map_err(unread)?.wish().map(Some)
    }
}

impl BestSeats<'_> {
    fn wish(&self) -> Result<Wish, Problem> {
        for (is_given, field) in [
            (self.has_category, "best.category"),
            (self.has_price_types, "best.priceTypes"),
            (self.has_accessible, "best.accessible"),
        ] {
            if is_given {
                return Err(refused(field, "must be left out: this date has none to choose by"));
            }
        }
        let together = match self.together.optional("best.together")? {
            None | Some("required") => Together::Required,
            Some("preferred") => Together::Preferred,
            Some(_) => return Err(refused("best.together", "must be required or preferred")),
        };
        let section = self.section.optional("best.section")?.map(str::to_owned);
        Ok(Wish { count: self.count()?, section, together })
    }

    fn count(&self) -> Result<u32, Problem> {
        match self.count {
            Number::Whole(count) if (1..=SEATS_PER_RESERVATION_MAX as u64).contains(&count) => Ok(count as u32),
            Number::Missing => Err(refused("best.count", "is missing")),
            Number::WrongType => Err(refused("best.count", "must be a number")),
            Number::Whole(_) | Number::Negative | Number::Other => {
                Err(refused("best.count", &format!("must be a whole number from 1 to {SEATS_PER_RESERVATION_MAX}")))
            }
        }
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
            Ok(wish::Wish::Best(Wish { count, section: section.map(str::to_owned), together }))
        };
        assert_eq!(wish(r#""best":{"count":2}"#), best(2, None, Together::Required));
        assert_eq!(wish(r#""best": {"count":1.6e1,"extra":1}"#), best(16, None, Together::Required));
        let all = r#""best":{"count":3,"section":"A\u0042","together":"preferred"}"#;
        assert_eq!(wish(all), best(3, Some("AB"), Together::Preferred));
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
            (r#""best":{"count":2,"category":"A"}"#, "best.category"),
            (r#""best":{"count":2,"priceTypes":null}"#, "best.priceTypes"),
            (r#""best":{"count":2,"accessible":true}"#, "best.accessible"),
        ] {
            let problem = wish(members).expect_err(members);
            assert_eq!(problem.field_name(), Some(field), "{members}");
            assert!(problem.detail().is_some_and(|detail| detail.starts_with(field)), "{problem:?}");
        }
    }
}
