//! What a single value must be, whichever file it comes from. An error is the end of a sentence whose subject is
//! the value's place.

use std::collections::HashMap;

use onsale_domain::concert::{Attributes, Orphans, PriceTypeId};
use onsale_domain::ids::INTEGER_MAX;

use crate::document::Seat;
use crate::look::{shows_nothing, turns_text};

/// The most characters of a title.
const TITLE_CHARS_MAX: usize = 200;
/// The most characters of a section, a row or a seat's number.
const LABEL_CHARS_MAX: usize = 64;
/// The greatest rank of a seat.
const RANK_MAX: u64 = 1_000_000;
/// The most characters of a queue's name.
const QUEUE_CHARS_MAX: usize = 64;

/// The queue of a concert that names none.
pub(crate) const QUEUE_DEFAULT: &str = "default";
/// The zone of a schedule that names none.
pub(crate) const ZONE_DEFAULT: &str = "Asia/Seoul";

pub(crate) fn id(value: u64) -> Result<u64, String> {
    within(value, 1, INTEGER_MAX)
}

pub(crate) fn amount(value: u64) -> Result<u64, String> {
    within(value, 0, INTEGER_MAX)
}

/// What is wrong with a cell that is no whole number.
pub(crate) fn no_whole_number(cell: &str) -> String {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let groups: Vec<_> = cell.split([',', '.', '\'', '’', ' ', '\u{a0}', '\u{202f}']).collect();
    let grouped =
        groups.len() > 1 && groups.iter().all(|group| digits(group)) && groups[1..].iter().all(|g| g.len() == 3);
    if grouped {
        // Not read: 1.500 is one and a half to some, and fifteen hundred to others.
        format!("must be a whole number without separators, such as {}, but is {cell:?}", groups.concat())
    } else {
        format!("must be a whole number, not negative, but is {cell:?}")
    }
}

pub(crate) fn position(value: u64) -> Result<u32, String> {
    within(value, 1, u64::from(u32::MAX)).map(|position| position as u32)
}

/// How good a seat is.
pub(crate) fn rank(value: u64) -> Result<u32, String> {
    within(value, 1, RANK_MAX).map(|rank| rank as u32)
}

pub(crate) fn within(value: u64, min: u64, max: u64) -> Result<u64, String> {
    if (min..=max).contains(&value) {
        Ok(value)
    } else {
        Err(format!("must be between {min} and {max}, but is {value}"))
    }
}

pub(crate) fn title(value: &str) -> Result<String, String> {
    plain(value, TITLE_CHARS_MAX)
}

/// A section, a row or a seat's number.
pub(crate) fn label(value: &str) -> Result<String, String> {
    plain(value, LABEL_CHARS_MAX)
}

pub(crate) fn price_type(value: &str) -> Result<PriceTypeId, String> {
    let id = PriceTypeId::from(value);
    if id.is_valid() { Ok(id) } else { Err(format!("must be 1 to 32 of a-z, 0-9, '-' and '_', but is {value:?}")) }
}

/// One of what may be particular about a seat.
pub(crate) fn attribute(value: &str) -> Result<Attributes, String> {
    Attributes::named(value).ok_or_else(|| unknown("attribute", value, &Attributes::ALL.map(|(_, name)| name)))
}

/// All of it.
pub(crate) fn attributes(all: Attributes) -> Result<Attributes, String> {
    if all.is_valid() { Ok(all) } else { Err("must not have both wheelchair and companion".into()) }
}

pub(crate) fn queue(value: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if (1..=QUEUE_CHARS_MAX).contains(&value.len()) && value.chars().all(allowed) {
        Ok(value.to_owned())
    } else {
        Err(format!("must be 1 to {QUEUE_CHARS_MAX} of a-z, 0-9, '-' and '_', but is {value:?}"))
    }
}

/// What becomes of holds that leave single seats, by its name.
const ORPHANS: [(&str, Orphans); 3] =
    [("allow", Orphans::Allow), ("prefer", Orphans::Prefer), ("refuse", Orphans::Refuse)];

pub(crate) fn orphans(value: &str) -> Result<Orphans, String> {
    let found = ORPHANS.iter().find(|(name, _)| *name == value).map(|&(_, orphans)| orphans);
    found.ok_or_else(|| format!("must be allow, prefer or refuse, but is {value:?}"))
}

pub(crate) fn orphans_name(orphans: Orphans) -> &'static str {
    ORPHANS.iter().find(|(_, other)| *other == orphans).map_or("", |(name, _)| name)
}

/// A section that has seats as well as places to stand: an area is one or the other.
pub(crate) fn mixed_section(seats: &[Seat]) -> Option<&str> {
    let mut standing: HashMap<Option<&str>, bool> = HashMap::new();
    for seat in seats {
        if *standing.entry(seat.section.as_deref()).or_insert(seat.standing) != seat.standing {
            return seat.section.as_deref();
        }
    }
    None
}

fn plain(value: &str, chars_max: usize) -> Result<String, String> {
    let chars = value.chars().count();
    if value.trim().is_empty() {
        Err("must not be empty".into())
    } else if shows_nothing(value) {
        Err("must not be empty: nothing in it can be seen".into())
    } else if chars > chars_max {
        Err(format!("must be at most {chars_max} characters long, but is {chars}"))
    } else if value.chars().any(char::is_control) {
        Err("must not have control characters".into())
    } else if let Some(turning) = value.chars().find(|&c| turns_text(c)) {
        Err(format!("must not have U+{:04X}, which turns the text beside it round", u32::from(turning)))
    } else {
        Ok(value.to_owned())
    }
}

/// `unknown …`, with the nearest of the known names where one is near.
pub(crate) fn unknown(kind: &str, name: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        .map(|candidate| {
            (strsim::normalized_damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase()), candidate)
        })
        .filter(|&(likeness, _)| likeness > 0.5)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match near {
        Some((_, candidate)) => format!("unknown {kind} {name:?}; did you mean {candidate:?}?"),
        None => format!("unknown {kind} {name:?}; known are {}", known.join(", ")),
    }
}
