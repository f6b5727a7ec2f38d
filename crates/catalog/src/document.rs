//! A catalog, checked.

use std::collections::BTreeMap;

use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use onsale_domain::concert::{Orphans, PriceType, SharedTerms};
use onsale_domain::time::Time;

use crate::json::Node;
use crate::moment;
use crate::problem::Problems;
use crate::rule;

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
    pub(crate) price_types: Vec<PriceType>,
    pub(crate) accessible_until: Option<Time>,
    /// None where the file says nothing of it: an existing schedule keeps what was set.
    pub(crate) on_sale_at: Option<Time>,
    pub(crate) off_sale_at: Option<Time>,
    /// `None` where the file says nothing of it: an existing schedule keeps what it has.
    pub(crate) orphans: Option<Orphans>,
    /// None where the file says nothing of seats: an existing schedule keeps those it has.
    pub(crate) seats: Vec<Seat>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seat {
    pub(crate) seat_id: u64,
    pub(crate) position: u32,
    pub(crate) amount: u64,
    pub(crate) section: Option<String>,
    pub(crate) row: Option<String>,
    pub(crate) number: Option<String>,
    pub(crate) terms: Option<SharedTerms>,
    /// A place to stand.
    pub(crate) standing: bool,
    /// How good it is, less being better.
    pub(crate) rank: Option<u32>,
}

impl Seat {
    /// One of an area's places, which are alike: known by the area's name, and a number for the ticket.
    pub(crate) fn of_area(
        area: &str,
        (amount, terms): (u64, Option<SharedTerms>),
        number: u64,
        (seat_id, position): (u64, u32),
    ) -> Self {
        let (section, number) = (Some(area.to_owned()), Some(number.to_string()));
        Self { seat_id, position, amount, section, row: None, number, terms, standing: true, rank: None }
    }
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

    /// Whether it has prices for different people, categories or attributes of seats, places to stand, or a rule for single seats,
    /// which a store takes from its level 5 on.
    #[must_use]
    pub fn has_offers(&self) -> bool {
        let mut schedules = self.concerts.iter().flat_map(|concert| &concert.schedules);
        schedules.any(|date| {
            !date.price_types.is_empty()
                || date.accessible_until.is_some()
                || date.orphans.is_some()
                || date.seats.iter().any(|seat| seat.terms.is_some() || seat.standing)
        })
    }

    /// Whether seats have ranks, which a store takes from its level 8 on.
    #[must_use]
    pub fn has_ranks(&self) -> bool {
        let mut schedules = self.concerts.iter().flat_map(|concert| &concert.schedules);
        schedules.any(|date| date.seats.iter().any(|seat| seat.rank.is_some()))
    }

    /// Whether any date's sale begins or ends by itself, which stores know of from level 5 on.
    #[must_use]
    pub fn has_sale_times(&self) -> bool {
        let schedules = self.concerts.iter().flat_map(|concert| &concert.schedules);
        schedules.into_iter().any(|schedule| schedule.on_sale_at.is_some() || schedule.off_sale_at.is_some())
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
        let (with_types, with_until) = (!self.price_types.is_empty(), self.accessible_until);
        let moments = [("onSaleAt", self.on_sale_at), ("offSaleAt", self.off_sale_at)];
        let moments = moments.into_iter().filter_map(|(name, at)| Some((name, at?)));
        let more = moments.clone().count()
            + usize::from(with_seats)
            + usize::from(with_types)
            + usize::from(with_until.is_some())
            + usize::from(self.orphans.is_some());
        let mut fields = serializer.serialize_struct("Schedule", 4 + more)?;
        fields.serialize_field("scheduleId", &self.schedule_id)?;
        fields.serialize_field("zone", &self.zone)?;
        fields.serialize_field("startsAt", &moment::local_text(self.starts_at, &self.zone))?;
        fields.serialize_field("endsAt", &moment::local_text(self.ends_at, &self.zone))?;
        if with_types {
            let types: Vec<_> = self.price_types.iter().map(TypeText::from).collect();
            fields.serialize_field("priceTypes", &types)?;
        }
        if let Some(until) = with_until {
            fields.serialize_field("accessibleUntil", &moment::local_text(until, &self.zone))?;
        }
        for (name, at) in moments {
            fields.serialize_field(name, &moment::local_text(at, &self.zone))?;
        }
        if let Some(orphans) = self.orphans {
            fields.serialize_field("orphans", rule::orphans_name(orphans))?;
        }
        if with_seats {
            fields.serialize_field("seats", &self.seats)?;
        }
        fields.end()
    }
}

/// A price type, as the file has it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TypeText<'a> {
    price_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
}

impl<'a> From<&'a PriceType> for TypeText<'a> {
    fn from(one: &'a PriceType) -> Self {
        Self { price_type: one.id.as_str(), title: one.title.as_deref() }
    }
}

impl Serialize for Seat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_map(None)?;
        fields.serialize_entry("seatId", &self.seat_id)?;
        fields.serialize_entry("position", &self.position)?;
        fields.serialize_entry("amount", &self.amount)?;
        for (name, label) in [("section", &self.section), ("row", &self.row), ("number", &self.number)] {
            if let Some(label) = label {
                fields.serialize_entry(name, label)?;
            }
        }
        if self.standing {
            fields.serialize_entry("standing", &true)?;
        }
        if let Some(rank) = self.rank {
            fields.serialize_entry("rank", &rank)?;
        }
        if let Some(terms) = &self.terms {
            if let Some(category) = &terms.category {
                fields.serialize_entry("category", category)?;
            }
            if !terms.prices.is_empty() {
                let prices: BTreeMap<_, _> =
                    terms.prices.iter().map(|price| (price.price_type.as_str(), price.amount)).collect();
                fields.serialize_entry("prices", &prices)?;
            }
            let attributes: Vec<_> = terms.attributes.names().collect();
            if !attributes.is_empty() {
                fields.serialize_entry("attributes", &attributes)?;
            }
        }
        fields.end()
    }
}
