//! Concerts, their schedules and seats.

mod best;
mod catalog;
mod publish;
mod reply;
mod row;
mod sale_times;
mod seats;
mod terms;
mod withheld;

use minicbor::{Decode, Encode};

use crate::ids::{ConcertId, ScheduleId, SeatId};
use crate::time::Time;

pub(crate) use best::Within;
pub use best::{PriceCount, Together, Wish};
pub(crate) use catalog::{Catalog, Sale};
pub(crate) use publish::queue_name_is_valid;
pub use reply::Published;
pub use row::ScheduleRow;
pub use sale_times::{SalePhase, SaleTimes};
pub use seats::{Layout, SeatCounts};
pub use terms::{
    Attributes, KnownTerms, Line, PRICE_TYPES_MAX, Price, PriceType, PriceTypeId, SharedTerms, Terms, share_terms,
};
pub use withheld::{REASON_CHARS_MAX, WITHHELD_AT_ONCE_MAX, WithheldRow, is_reason};

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Concert {
    #[n(0)]
    pub id: ConcertId,
    #[n(1)]
    pub title: String,
    /// The name of the queue whose tickets open this concert.
    #[n(2)]
    pub queue: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Schedule {
    #[n(0)]
    pub id: ScheduleId,
    #[n(1)]
    pub concert: ConcertId,
    /// An IANA time zone, such as `Asia/Seoul`. The edge checks it; the engine only keeps it.
    #[n(2)]
    pub zone: String,
    #[n(3)]
    pub starts_at: Time,
    #[n(4)]
    pub ends_at: Time,
    /// For whom there are prices, the first being that of each seat's amount. From
    /// [`level::OFFERS`](crate::level::OFFERS) on, as what follows.
    #[n(5)]
    pub price_types: Option<Vec<PriceType>>,
    /// Until when wheelchair places, and their companions' seats, are sold only as such; `None` for as long as anything is.
    #[n(6)]
    pub accessible_until: Option<Time>,
    /// From when on its seats are sold. In a catalog, `None` leaves it as it was set. From level 5 on.
    #[n(20)]
    pub on_sale_at: Option<Time>,
    /// Until when. From level 5 on.
    #[n(21)]
    pub off_sale_at: Option<Time>,
    /// What becomes of a hold that would leave a single seat; `None`: as in a catalog of before there was a choice. Of what a
    /// catalog says, it means that the date keeps what it has. From level 5 on.
    #[n(10)]
    pub orphans: Option<Orphans>,
}

impl Schedule {
    /// Whether wheelchair places are sold only as such.
    #[must_use]
    pub fn keeps_accessible(&self, now: Time) -> bool {
        self.accessible_until.is_none_or(|until| now < until)
    }

    /// For whom there are prices; none where there is one price for all.
    #[must_use]
    pub fn price_types(&self) -> &[PriceType] {
        self.price_types.as_deref().unwrap_or_default()
    }

    /// The place in the list of the first area that is wished for a second time at the same price type, whether or not its name is
    /// said.
    #[must_use]
    pub fn area_twice(&self, areas: &[AreaWish]) -> Option<usize> {
        let at = |wish: &AreaWish| wish.price_type.clone().or_else(|| self.price_type(None).cloned());
        let is_alike = |one: &AreaWish, other: &AreaWish| one.area == other.area && at(one) == at(other);
        areas.iter().enumerate().position(|(i, wish)| areas[..i].iter().any(|other| is_alike(other, wish)))
    }

    /// The price type of that name, or the first where none is named.
    pub(crate) fn price_type(&self, id: Option<&PriceTypeId>) -> Option<&PriceTypeId> {
        let mut all = self.price_types().iter().map(|one| &one.id);
        all.find(|one| id.is_none_or(|id| *one == id))
    }
}

/// Whether holds may leave single seats, which hardly anybody buys. `docs/best-available.md` says what that is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Orphans {
    /// Nobody minds.
    #[n(0)]
    Allow,
    /// Whoever leaves it to us which seats they get leaves none, where that can be helped.
    #[default]
    #[n(1)]
    Prefer,
    /// Whoever names seats must not leave one either, where that can be helped.
    #[n(2)]
    Refuse,
}

/// A seat as the catalog describes it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SeatSpec {
    #[n(0)]
    pub schedule: ScheduleId,
    #[n(1)]
    pub seat: SeatId,
    /// The seat's place in the list, from 1; seats are listed in this order.
    #[n(2)]
    pub position: u32,
    /// The price, in the minor unit of the currency.
    #[n(3)]
    pub amount: u64,
    #[n(4)]
    pub section: Option<String>,
    #[n(5)]
    pub row: Option<String>,
    #[n(6)]
    pub number: Option<String>,
    /// From [`level::OFFERS`](crate::level::OFFERS) on.
    #[n(7)]
    pub terms: Option<SharedTerms>,
    /// A place to stand: those of a section are alike, and stand beside nobody. From level 5 on.
    #[cbor(n(12), skip_if = "core::ops::Not::not")]
    pub standing: bool,
    /// How good it is, less being better; `None` where the catalog does not say. From [`level::RANKS`](crate::level::RANKS) on.
    #[n(13)]
    pub rank: Option<u32>,
}

/// Places to stand that somebody wishes to have: any of an area.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct AreaWish {
    /// The name of the section whose places they are.
    #[n(0)]
    pub area: String,
    #[n(1)]
    pub quantity: u32,
    /// At which price; `None` for the date's first.
    #[n(2)]
    pub price_type: Option<PriceTypeId>,
}

impl SeatSpec {
    /// Whether somebody who was told of the other finds this one: what it is called by is called the same here.
    #[must_use]
    pub(crate) fn is_called_as(&self, other: &Self) -> bool {
        let same = |own: &Option<String>, others: &Option<String>| others.is_none() || own == others;
        same(&self.section, &other.section) && same(&self.row, &other.row) && same(&self.number, &other.number)
    }

    /// What it costs at a price type of its schedule; `None` where it has no such price.
    #[must_use]
    pub fn amount_at(&self, schedule: &Schedule, price_type: &PriceTypeId) -> Option<u64> {
        if schedule.price_type(None) == Some(price_type) {
            return Some(self.amount);
        }
        let mut prices = self.terms.as_ref()?.prices.iter();
        prices.find(|price| price.price_type == *price_type).map(|price| price.amount)
    }

    #[must_use]
    pub fn attributes(&self) -> Attributes {
        self.terms.as_ref().map_or(Attributes::default(), |terms| terms.attributes)
    }

    /// Whether both stand side by side in one row.
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        self.position.abs_diff(other.position) == 1 && self.section == other.section && self.row == other.row
    }
}
