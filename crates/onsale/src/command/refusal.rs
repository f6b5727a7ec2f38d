//! Why the engine would not take a catalog, for people.

use onsale_domain::reply::{CatalogRefusal, Refusal};
use onsale_node::Error;

/// The error in words; only a catalog's refusals have words of their own here.
pub(super) fn describe(error: Error) -> anyhow::Error {
    match error {
        Error::Refused(Refusal::Catalog(refusal)) => anyhow::anyhow!("the catalog is refused: {}", catalog(&refusal)),
        Error::Refused(Refusal::Full(what)) => {
            anyhow::anyhow!("the catalog is refused: the store has no room for more {what}")
        }
        Error::Refused(_) | Error::Overloaded | Error::Unavailable | Error::OutcomeUnknown => error.into(),
    }
}

fn catalog(refusal: &CatalogRefusal) -> String {
    match refusal {
        CatalogRefusal::NothingStaged => "there is nothing in it".to_owned(),
        CatalogRefusal::IdOutOfRange { what, id } => format!("{what} {id} is out of range"),
        CatalogRefusal::UnknownConcert { schedule } => format!("schedule {schedule} is of a concert that there is not"),
        CatalogRefusal::UnknownSchedule { schedule } => {
            format!("it has seats of schedule {schedule}, which there is not")
        }
        CatalogRefusal::EndsBeforeStart { schedule } => format!("schedule {schedule} ends before it starts"),
        CatalogRefusal::DuplicateSeat { schedule, seat } => format!("schedule {schedule} has seat {seat} twice"),
        CatalogRefusal::DuplicatePosition { schedule, position } => {
            format!("schedule {schedule} has position {position} twice")
        }
        CatalogRefusal::AmountOutOfRange { schedule, seat } => {
            format!("the price of seat {seat} of schedule {schedule} is out of range")
        }
        CatalogRefusal::SeatInUse { schedule, seat } => {
            format!("seat {seat} of schedule {schedule} is held or sold, and must be among the schedule's new seats")
        }
        CatalogRefusal::SeatRenamed { schedule, seat } => format!(
            "seat {seat} of schedule {schedule} is held or sold, and would have another section, row or number; seats without \
             ids are numbered in order: give them ids, or put new ones last"
        ),
        CatalogRefusal::ScheduleInUse { schedule } => format!("seats of schedule {schedule} are held or sold"),
        CatalogRefusal::QueueName { name } => format!("{name:?} cannot be a queue's name"),
    }
}
