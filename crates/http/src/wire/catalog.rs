//! The form of a catalog document. `onsale-catalog` reads it and has the rules that a schema does
//! not tell: ids and positions are used once, a date ends after it starts.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{Id, Money};

/// Concerts with their dates and seats.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CatalogDocument {
    #[schema(min_items = 1)]
    pub concerts: Vec<DocumentConcert>,
}

/// A concert to make or replace.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DocumentConcert {
    #[schema(value_type = Id)]
    pub concert_id: u64,
    #[schema(min_length = 1, max_length = 200, example = "First Light")]
    pub title: String,
    /// The queue whose tokens open this concert; the default queue where it is left out. Made where it does not exist.
    #[schema(pattern = "^[a-z0-9_-]{1,64}$", example = "default")]
    pub queue: Option<String>,
    pub schedules: Option<Vec<DocumentSchedule>>,
}

/// A date to make or replace. It has `sections`, or `seats`, or neither: then a date that exists keeps its seats.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DocumentSchedule {
    #[schema(value_type = Id)]
    pub schedule_id: u64,
    /// An IANA time zone; Asia/Seoul where it is left out.
    #[schema(example = "Asia/Seoul")]
    pub zone: Option<String>,
    /// With an offset, or local to the zone.
    #[schema(example = "2027-05-01T19:00:00")]
    pub starts_at: String,
    /// Later than `startsAt`.
    #[schema(example = "2027-05-01T21:30:00")]
    pub ends_at: String,
    /// Seats in rows, numbered and placed in the order in which they are given.
    pub sections: Option<Vec<DocumentSection>>,
    /// Seats one by one.
    pub seats: Option<Vec<DocumentSeat>>,
}

/// Rows of seats at one price.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentSection {
    #[schema(min_length = 1, max_length = 64, example = "A")]
    pub section: String,
    #[schema(value_type = Money)]
    pub amount: u64,
    #[schema(min_items = 1)]
    pub rows: Vec<DocumentRow>,
}

/// A row of seats.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DocumentRow {
    #[schema(min_length = 1, max_length = 64, example = "1")]
    pub row: String,
    #[schema(minimum = 1, maximum = 200_000, example = 50)]
    pub seats: u32,
    /// The number of its first seat; 1 where it is left out.
    #[schema(maximum = 1_000_000, example = 1)]
    pub first_number: Option<u32>,
}

/// A seat by itself.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DocumentSeat {
    #[schema(value_type = Id)]
    pub seat_id: u64,
    #[schema(minimum = 1, example = 1)]
    pub position: u32,
    #[schema(value_type = Money)]
    pub amount: u64,
    #[schema(min_length = 1, max_length = 64, example = "A")]
    pub section: Option<String>,
    #[schema(min_length = 1, max_length = 64, example = "1")]
    pub row: Option<String>,
    #[schema(min_length = 1, max_length = 64, example = "1")]
    pub number: Option<String>,
}
