//! Why the engine refuses a catalog that can be read, in words.

use std::fmt;

use onsale_domain::reply::CatalogRefusal;

/// What is wrong, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The field that is wrong, where it is one.
    pub field: Option<&'static str>,
    /// What is wrong, as a clause: it begins small, and ends without a full stop.
    pub what: String,
}

impl Refused {
    #[must_use]
    pub fn of(refusal: &CatalogRefusal) -> Self {
        let (field, what) = match refusal {
            CatalogRefusal::NothingStaged => (None, "nothing is staged to publish".to_owned()),
            CatalogRefusal::IdOutOfRange { what, id } => (Some(*what), format!("the id {id} is out of range")),
            CatalogRefusal::UnknownConcert { schedule } => {
                (Some("concertId"), format!("schedule {schedule} names a concert that does not exist"))
            }
            CatalogRefusal::UnknownSchedule { schedule } => {
                (Some("scheduleId"), format!("schedule {schedule} does not exist"))
            }
            CatalogRefusal::EndsBeforeStart { schedule } => {
                (Some("endsAt"), format!("schedule {schedule} ends before it starts"))
            }
            CatalogRefusal::SaleEndsBeforeStart { schedule } => {
                (Some("offSaleAt"), format!("the sale of schedule {schedule} ends before it begins"))
            }
            CatalogRefusal::DuplicateSeat { schedule, seat } => {
                (Some("seatId"), format!("schedule {schedule} has seat {seat} twice"))
            }
            CatalogRefusal::DuplicatePosition { schedule, position } => {
                (Some("position"), format!("schedule {schedule} has position {position} twice"))
            }
            CatalogRefusal::AmountOutOfRange { schedule, seat } => {
                (Some("amount"), format!("the price of seat {seat} of schedule {schedule} is out of range"))
            }
            CatalogRefusal::SeatInUse { schedule, seat } => {
                (None, format!("seat {seat} of schedule {schedule} is held or sold"))
            }
            CatalogRefusal::SeatRenamed { schedule, seat } => {
                let what = format!(
                    "seat {seat} of schedule {schedule} is held or sold, and would have another section, row or number. Seats \
                     without ids are numbered in order: give them ids, or put new ones last"
                );
                (None, what)
            }
            CatalogRefusal::ScheduleInUse { schedule } => {
                (None, format!("schedule {schedule} has seats that are held or sold"))
            }
            CatalogRefusal::PriceTypesInvalid { schedule } => (
                Some("priceTypes"),
                format!("schedule {schedule} has price types that are none, or too many, or not told apart"),
            ),
            CatalogRefusal::PriceTypeUnknown { schedule, seat } => {
                let what = format!(
                    "seat {seat} of schedule {schedule} has a price at a price type that the schedule has not beside the first"
                );
                (Some("prices"), what)
            }
            CatalogRefusal::AttributesInvalid { schedule, seat } => (
                Some("attributes"),
                format!("seat {seat} of schedule {schedule} has attributes that do not go together"),
            ),
            CatalogRefusal::CompanionAlone { schedule, seat } => {
                let what = format!(
                    "seat {seat} of schedule {schedule} is for a companion, and has no wheelchair place beside it in its row"
                );
                (Some("attributes"), what)
            }
            CatalogRefusal::KindsTooMany { schedule } => {
                let what =
                    format!("schedule {schedule} has seats of too many kinds, by category, prices and attributes");
                (Some("prices"), what)
            }
            CatalogRefusal::BelowLevel { schedule } => {
                let what = format!(
                    "schedule {schedule} has what the store is too old for: price types, categories and attributes are taken from its level 5 on, \
                     ranks from level 8 on"
                );
                (None, what)
            }
            CatalogRefusal::QueueName { name } => {
                let what =
                    format!("the queue name {name:?} is not made of 1 to 64 of the characters a-z, 0-9, - and _");
                (Some("queue"), what)
            }
        };
        Self { field, what }
    }

    /// What is wrong, as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut rest = self.what.chars();
        let first = rest.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(rest).chain(['.']).collect()
    }
}

/// The field and the clause.
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = self.field {
            write!(f, "{field}: ")?;
        }
        f.write_str(&self.what)
    }
}

#[cfg(test)]
mod tests {
    use onsale_domain::ids::{ScheduleId, SeatId};

    use super::*;

    #[test]
    fn a_refusal_is_a_sentence_and_a_clause() {
        let check = |refusal: CatalogRefusal, sentence: &str, clause: &str| {
            let refused = Refused::of(&refusal);
            assert_eq!((refused.sentence().as_str(), refused.to_string().as_str()), (sentence, clause));
        };
        let (schedule, seat) = (ScheduleId(3), SeatId(7));
        check(
            CatalogRefusal::IdOutOfRange { what: "seatId", id: 0 },
            "The id 0 is out of range.",
            "seatId: the id 0 is out of range",
        );
        check(
            CatalogRefusal::SeatInUse { schedule, seat },
            "Seat 7 of schedule 3 is held or sold.",
            "seat 7 of schedule 3 is held or sold",
        );
        check(
            CatalogRefusal::QueueName { name: "A b".to_owned() },
            "The queue name \"A b\" is not made of 1 to 64 of the characters a-z, 0-9, - and _.",
            "queue: the queue name \"A b\" is not made of 1 to 64 of the characters a-z, 0-9, - and _",
        );
    }
}
