//! The form of a catalog document. `onsale-catalog` reads it and has the rules that a schema does
//! not tell: ids and positions are used once, a date ends after it starts.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;

use super::concert::SeatAttribute;
use super::{Id, Money, Orphans};

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

/// A date to make or replace. It has `sections`, or `seats`, and beside them `areas`, or none of them: then a date that exists keeps
/// its seats.
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
    /// For whom there are prices, the first being that of each `amount`; one price for all where it is left out.
    #[schema(min_items = 1, max_items = 16)]
    pub price_types: Option<Vec<DocumentPriceType>>,
    /// Prices by name, for sections, rows and seats to refer to.
    #[schema(min_items = 1)]
    pub categories: Option<Vec<DocumentCategory>>,
    /// Until when wheelchair places, and their companions' seats, are sold only as such; for as long as anything is where it
    /// is left out.
    #[schema(example = "2027-04-30T12:00:00")]
    pub accessible_until: Option<String>,
    /// From when on its seats are sold: with an offset, or local to the zone. Left out, it stays as it was set. From the store's level
    /// 5 on.
    #[schema(example = "2027-03-01T10:00:00")]
    pub on_sale_at: Option<String>,
    /// Until when; later than `onSaleAt`.
    #[schema(example = "2027-05-01T18:00:00")]
    pub off_sale_at: Option<String>,
    /// Whether holds may leave single seats; a date that exists keeps what it has where it is left out, and a new one prefers none.
    pub orphans: Option<Orphans>,
    /// Seats in rows, numbered and placed in the order in which they are given.
    pub sections: Option<Vec<DocumentSection>>,
    /// Seats one by one.
    pub seats: Option<Vec<DocumentSeat>>,
    /// Places to stand, behind the seats. From the store's level 5 on.
    pub areas: Option<Vec<DocumentArea>>,
}

/// An area where people stand: so many places that are alike.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DocumentArea {
    /// Its name, which no section has.
    #[schema(min_length = 1, max_length = 64, example = "Floor")]
    pub area: String,
    #[schema(minimum = 1, maximum = 200_000, example = 3_000)]
    pub capacity: u32,
    /// What a place costs; left out, its category's amount.
    #[schema(value_type = Option<Money>)]
    pub amount: Option<u64>,
    /// One of the date's `categories`, or any name beside an `amount`.
    #[schema(min_length = 1, max_length = 64, example = "P1")]
    pub category: Option<String>,
    /// Beside an `amount`: by price type, of those beside the first.
    #[schema(value_type = Option<BTreeMap<String, Money>>, example = json!({"child": 75_000}))]
    pub prices: Option<BTreeMap<String, u64>>,
    /// The id of its first place; the others follow. One more than the greatest before it, where it is left out.
    #[schema(value_type = Option<Id>)]
    pub first_seat_id: Option<u64>,
}

/// For whom a price is.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DocumentPriceType {
    #[schema(pattern = "^[a-z0-9_-]{1,32}$", example = "child")]
    pub price_type: String,
    /// What people call it.
    #[schema(min_length = 1, max_length = 200, example = "Child, to 12")]
    pub title: Option<String>,
}

/// What seats of a category cost.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentCategory {
    #[schema(min_length = 1, max_length = 64, example = "P1")]
    pub category: String,
    #[schema(value_type = Money)]
    pub amount: u64,
    /// By price type, of those beside the first.
    #[schema(value_type = Option<BTreeMap<String, Money>>, example = json!({"child": 75_000}))]
    pub prices: Option<BTreeMap<String, u64>>,
}

/// Rows of seats at one price.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentSection {
    #[schema(min_length = 1, max_length = 64, example = "A")]
    pub section: String,
    /// What each seat costs; left out where `category` says it, or each row does.
    #[schema(value_type = Option<Money>)]
    pub amount: Option<u64>,
    /// One of the date's `categories`, or any name beside an `amount`.
    #[schema(min_length = 1, max_length = 64, example = "P1")]
    pub category: Option<String>,
    /// Beside an `amount`: by price type, of those beside the first.
    #[schema(value_type = Option<BTreeMap<String, Money>>, example = json!({"child": 75_000}))]
    pub prices: Option<BTreeMap<String, u64>>,
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
    /// As in its section, whose it is where the row says nothing.
    #[schema(value_type = Option<Money>)]
    pub amount: Option<u64>,
    #[schema(min_length = 1, max_length = 64, example = "P1")]
    pub category: Option<String>,
    #[schema(value_type = Option<BTreeMap<String, Money>>, example = json!({"child": 75_000}))]
    pub prices: Option<BTreeMap<String, u64>>,
    /// For each attribute, the numbers of the seats that have it.
    pub attributes: Option<DocumentRowAttributes>,
    /// How good the row is, less being better. From the store's level 8 on.
    #[schema(minimum = 1, maximum = 1_000_000, example = 1)]
    pub rank: Option<u32>,
}

/// The numbers of a row's seats that have an attribute.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DocumentRowAttributes {
    /// Places for wheelchairs.
    #[schema(example = json!([1, 2]))]
    pub wheelchair: Option<Vec<u32>>,
    /// Each beside a wheelchair place.
    #[schema(example = json!([3]))]
    pub companion: Option<Vec<u32>>,
    #[schema(example = json!([10]))]
    pub restricted_view: Option<Vec<u32>>,
}

/// A seat by itself.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DocumentSeat {
    #[schema(value_type = Id)]
    pub seat_id: u64,
    #[schema(minimum = 1, example = 1)]
    pub position: u32,
    /// Left out where `category` says it.
    #[schema(value_type = Option<Money>)]
    pub amount: Option<u64>,
    #[schema(min_length = 1, max_length = 64, example = "A")]
    pub section: Option<String>,
    #[schema(min_length = 1, max_length = 64, example = "1")]
    pub row: Option<String>,
    #[schema(min_length = 1, max_length = 64, example = "1")]
    pub number: Option<String>,
    /// One of the date's `categories`, or any name beside an `amount`.
    #[schema(min_length = 1, max_length = 64, example = "P1")]
    pub category: Option<String>,
    /// Beside an `amount`: by price type, of those beside the first.
    #[schema(value_type = Option<BTreeMap<String, Money>>, example = json!({"child": 75_000}))]
    pub prices: Option<BTreeMap<String, u64>>,
    pub attributes: Option<Vec<SeatAttribute>>,
    /// A place to stand, of a section without rows. From the store's level 5 on.
    pub standing: Option<bool>,
    /// How good the seat is, less being better. From the store's level 8 on.
    #[schema(minimum = 1, maximum = 1_000_000, example = 1)]
    pub rank: Option<u32>,
}
