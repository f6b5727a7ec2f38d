//! A catalog, checked.

use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use onsale_domain::time::Time;

use crate::json::Node;
use crate::moment;
use crate::problem::Problems;

/// Concerts with their schedules and seats, as one file gives them. Serializes to the JSON form, each seat by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Document {
    pub(crate) concerts: Vec<Concert>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Concert {
    pub(crate) concert_id: u64,
    pub(crate) title: String,
    pub(crate) queue: String,
    pub(crate) schedules: Vec<Schedule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    pub(crate) schedule_id: u64,
    /// An IANA name.
    pub(crate) zone: String,
    pub(crate) starts_at: Time,
    pub(crate) ends_at: Time,
    /// None where the file says nothing of seats: an existing schedule keeps those it has.
    pub(crate) seats: Vec<Seat>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Seat {
    pub(crate) seat_id: u64,
    pub(crate) position: u32,
    pub(crate) amount: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) section: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) row: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) number: Option<String>,
}

/// How much a document holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub concerts: usize,
    pub schedules: usize,
    pub seats: usize,
}

impl Document {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// Everything that is wrong with it, by JSON path.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Problems> {
        crate::json::read(&crate::text::decode(bytes)?)
    }

    /// Reads the CSV form: a header line, then a line for each seat.
    ///
    /// # Errors
    /// Everything that is wrong with it, by line and column.
    pub fn from_csv(bytes: &[u8]) -> Result<Self, Problems> {
        crate::csv::read(&crate::text::decode(bytes)?)
    }

    /// The highest price of a seat; 0 where there are no seats.
    #[must_use]
    pub fn dearest(&self) -> u64 {
        let schedules = self.concerts.iter().flat_map(|concert| &concert.schedules);
        schedules.flat_map(|schedule| &schedule.seats).map(|seat| seat.amount).max().unwrap_or(0)
    }

    /// How much is in it.
    #[must_use]
    pub fn count(&self) -> Count {
        let schedules = || self.concerts.iter().flat_map(|concert| &concert.schedules);
        Count {
            concerts: self.concerts.len(),
            schedules: schedules().count(),
            seats: schedules().map(|schedule| schedule.seats.len()).sum(),
        }
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = Node::deserialize(deserializer)?;
        crate::json::check(&node).map_err(serde::de::Error::custom)
    }
}

impl Serialize for Schedule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let with_seats = !self.seats.is_empty();
        let mut fields = serializer.serialize_struct("Schedule", 4 + usize::from(with_seats))?;
        fields.serialize_field("scheduleId", &self.schedule_id)?;
        fields.serialize_field("zone", &self.zone)?;
        fields.serialize_field("startsAt", &moment::local_text(self.starts_at, &self.zone))?;
        fields.serialize_field("endsAt", &moment::local_text(self.ends_at, &self.zone))?;
        if with_seats {
            fields.serialize_field("seats", &self.seats)?;
        }
        fields.end()
    }
}
