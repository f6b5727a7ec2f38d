//! What a seat is beside its place: its category, what it costs for whom, and what is particular about it.

use std::collections::HashSet;
use std::sync::Arc;

use minicbor::decode::{Decoder, Error as DecodeError};
use minicbor::encode::{Encoder, Error as EncodeError, Write};
use minicbor::{Decode, Encode};

use crate::fingerprint::Hash;
use crate::ids::SeatId;

use super::SeatSpec;

/// The most price types of a schedule.
pub const PRICE_TYPES_MAX: usize = 16;

/// What a price type is called by programs, such as `child`: 1 to 32 of `a-z`, `0-9`, `-` and `_`. Reservations by the
/// hundred thousand share its text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PriceTypeId(Arc<str>);

impl PriceTypeId {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn is_valid(&self) -> bool {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
        (1..=32).contains(&self.0.len()) && self.0.bytes().all(allowed)
    }
}

impl core::fmt::Display for PriceTypeId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for PriceTypeId {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl<C> Encode<C> for PriceTypeId {
    fn encode<W: Write>(&self, encoder: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        encoder.str(&self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for PriceTypeId {
    fn decode(decoder: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        decoder.str().map(Self::from)
    }
}

/// For whom a price is: one of those that a schedule has to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PriceType {
    #[n(0)]
    pub id: PriceTypeId,
    /// What people call it.
    #[n(1)]
    pub title: Option<String>,
}

/// What a seat costs at a price type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub struct Price {
    #[n(0)]
    pub price_type: PriceTypeId,
    /// In the minor unit of the currency.
    #[n(1)]
    pub amount: u64,
}

/// What is particular about a seat, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Attributes(#[n(0)] pub u8);

impl Attributes {
    /// A place for a wheelchair.
    pub const WHEELCHAIR: Self = Self(1);
    /// For somebody who comes with whoever has the wheelchair place beside it.
    pub const COMPANION: Self = Self(2);
    pub const RESTRICTED_VIEW: Self = Self(4);
    /// All that there are, as catalogs and clients spell them.
    pub const ALL: [(Self, &str); 3] =
        [(Self::WHEELCHAIR, "wheelchair"), (Self::COMPANION, "companion"), (Self::RESTRICTED_VIEW, "restrictedView")];

    #[must_use]
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether they are sold only to those who come with a wheelchair, as long as anything is.
    #[must_use]
    pub fn is_accessible(self) -> bool {
        self.has(Self::WHEELCHAIR) || self.has(Self::COMPANION)
    }

    /// Whether these are known, and can be of one seat.
    #[must_use]
    pub fn is_valid(self) -> bool {
        let all = Self::ALL.into_iter().fold(Self::default(), |all, (one, _)| all.with(one));
        self.0 & !all.0 == 0 && !(self.has(Self::WHEELCHAIR) && self.has(Self::COMPANION))
    }

    /// As catalogs and clients spell them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::ALL.into_iter().filter(move |(one, _)| self.has(*one)).map(|(_, name)| name)
    }

    /// The attribute that is spelled so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, other)| *other == name).map(|(one, _)| one)
    }
}

/// What a seat has beside its place and its price. A seat that has nothing of it has no terms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Encode, Decode)]
pub struct Terms {
    #[n(0)]
    pub category: Option<String>,
    /// What it costs at other price types than the schedule's first, which is what the seat's own amount is for.
    #[n(1)]
    pub prices: Vec<Price>,
    #[n(2)]
    pub attributes: Attributes,
}

impl Terms {
    /// Nothing where there is nothing to say.
    #[must_use]
    pub fn shared(self) -> Option<SharedTerms> {
        (self != Self::default()).then(|| SharedTerms(Arc::new(self)))
    }

    pub(super) fn hash(&self, hash: Hash) -> Hash {
        let hash = hash.text(self.category.as_deref()).words([self.prices.len() as u64, u64::from(self.attributes.0)]);
        self.prices.iter().fold(hash, |hash, price| hash.bytes(price.price_type.as_str().as_bytes()).word(price.amount))
    }
}

/// Terms that all seats share which have the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SharedTerms(Arc<Terms>);

impl SharedTerms {
    /// Whether both are one and the same in memory.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl core::ops::Deref for SharedTerms {
    type Target = Terms;

    fn deref(&self) -> &Terms {
        &self.0
    }
}

impl<C> Encode<C> for SharedTerms {
    fn encode<W: Write>(&self, encoder: &mut Encoder<W>, context: &mut C) -> Result<(), EncodeError<W::Error>> {
        self.0.encode(encoder, context)
    }
}

impl<'b, C> Decode<'b, C> for SharedTerms {
    fn decode(decoder: &mut Decoder<'b>, context: &mut C) -> Result<Self, DecodeError> {
        Terms::decode(decoder, context).map(|terms| Self(Arc::new(terms)))
    }
}

/// Terms that were met, for others that are the same.
#[derive(Debug, Default)]
pub struct KnownTerms(HashSet<SharedTerms>);

impl KnownTerms {
    /// Those that were met before, where they are the same.
    pub fn share(&mut self, terms: SharedTerms) -> SharedTerms {
        if let Some(same) = self.0.get(&terms) {
            return same.clone();
        }
        self.0.insert(terms.clone());
        terms
    }
}

/// Has seats that have the same terms share them: a hall has many seats and few kinds of them.
pub fn share_terms(seats: &mut [SeatSpec]) {
    let mut known = KnownTerms::default();
    for seat in seats {
        seat.terms = seat.terms.take().map(|terms| known.share(terms));
    }
}

/// A seat that somebody asks for by name, and how.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Line {
    #[n(0)]
    pub seat: SeatId,
    /// At which price; the schedule's first where none is named.
    #[n(1)]
    pub price_type: Option<PriceTypeId>,
    /// Whether it is meant as a wheelchair place.
    #[n(2)]
    pub accessible: bool,
}

impl From<SeatId> for Line {
    fn from(seat: SeatId) -> Self {
        Self { seat, price_type: None, accessible: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_of_one_kind_share_what_they_have_in_common() {
        let seat = |id: u64, category: &str| SeatSpec {
            schedule: crate::ids::ScheduleId(1),
            seat: SeatId(id),
            position: id as u32,
            amount: 1,
            section: None,
            row: None,
            number: None,
            standing: false,
            rank: None,
            terms: Terms { category: Some(category.to_owned()), ..Terms::default() }.shared(),
        };
        let mut seats = [seat(1, "A"), seat(2, "B"), seat(3, "A")];
        share_terms(&mut seats);
        let [a, b, c] = seats.map(|seat| seat.terms.expect("it has terms"));
        assert!(a.is_same(&c) && !a.is_same(&b));
        assert_eq!(Terms::default().shared(), None);
    }

    #[test]
    fn attributes_have_names_and_bounds() {
        for (one, name) in Attributes::ALL {
            assert_eq!((Attributes::named(name), one.names().collect::<Vec<_>>()), (Some(one), vec![name]));
            assert!(one.is_valid());
        }
        let both = Attributes::WHEELCHAIR.with(Attributes::COMPANION);
        assert!(!both.is_valid() && !Attributes(8).is_valid() && Attributes(5).is_valid());
    }
}
