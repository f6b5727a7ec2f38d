//! Errors become HTTP here, and nowhere else (RFC 9457, with the API's envelope).

mod code;
mod en;
mod ko;
mod page;
mod refusal;
mod render;
mod text;
mod work;

use std::borrow::Cow;
use std::num::NonZeroU64;
use std::time::{SystemTime, UNIX_EPOCH};

use onsale_domain::ids::SeatId;
use onsale_domain::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

pub use code::Code;
pub use page::{index, page};
pub(crate) use refusal::{no_room_for_keys, setting_range};
pub(crate) use render::{Document, document};
pub use text::Text;
pub use work::Work;

use crate::rate::{By, TooEarly};
use crate::token;

/// How long a client that was turned away should wait, where nobody knows better: from the first to the last of these.
/// Thousands who were turned away together are not to come back together.
const RETRY_AFTER_S: (u32, u32) = (1, 3);

/// A store is raised minutes after the last node of an older version has gone, or when somebody has it raised.
const RAISED_AFTER_S: u32 = 300;

/// Of what a client has sent so much comes back at most, and so much is written to a log: in the name of a field, and in what is said
/// of it.
const FIELD_BYTES_MAX: usize = 128;
const DETAIL_BYTES_MAX: usize = 1_024;

/// The text, without its middle where it is longer than so many bytes: what we say of a client's words stands before and behind them.
fn bounded(text: Cow<'static, str>, bytes_max: usize) -> Cow<'static, str> {
    const LEFT_OUT: &str = "…";
    if text.len() <= bytes_max {
        return text;
    }
    let half = (bytes_max - LEFT_OUT.len()) / 2;
    let is_boundary = |place: &usize| text.is_char_boundary(*place);
    let before = (0..=half).rev().find(is_boundary).unwrap_or(0);
    let behind = (text.len() - half..=text.len()).find(is_boundary).unwrap_or(text.len());
    format!("{}{LEFT_OUT}{}", &text[..before], &text[behind..]).into()
}

/// A refusal on its way to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    code: Code,
    detail: Option<Cow<'static, str>>,
    field: Option<Cow<'static, str>>,
    allow: Option<&'static str>,
    retry_after_s: Option<u32>,
    list: List,
    /// In milliseconds since 1970. A refusal is handed on by everybody, so it is kept small.
    opens_at_ms: Option<NonZeroU64>,
}

/// What a refusal lists. A refusal is handed on a lot, and has at most one list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum List {
    #[default]
    Nothing,
    Problems(Box<[Invalid]>),
    Seats(Box<[SeatId]>),
    Areas(Box<[AreaLeft]>),
    Work(Box<Work>),
}

/// An area of which the places that were wished for cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AreaLeft {
    #[schema(example = "Floor")]
    pub area_id: String,
    /// How many are free.
    #[schema(example = 1)]
    pub left: u32,
}

/// One of several things that are wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Invalid {
    /// The place.
    #[schema(example = "concerts[0].title")]
    pub at: String,
    /// What is wrong there.
    #[schema(example = "is missing")]
    pub problem: String,
}

impl Problem {
    /// A problem that its code describes well enough.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self {
            code,
            detail: None,
            field: None,
            allow: None,
            retry_after_s: None,
            list: List::Nothing,
            opens_at_ms: None,
        }
    }

    /// 400 for a field or parameter: which one, and what is wrong with it.
    #[must_use]
    pub fn field(field: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::BadRequest).with_field(field).with_detail(detail)
    }

    /// The store is below this level, from which on `what` counts: 409 for an operator, who can have it raised.
    #[must_use]
    pub fn below_level(level: u32, what: &str) -> Self {
        Self::new(Code::LevelTooLow)
            .with_detail(format!("{what} from the store's level {level} on: see docs/upgrade.md."))
    }

    /// There are as many as there can be, and no wait mends that.
    #[must_use]
    pub(crate) fn limit_reached(what: &str, most: usize) -> Self {
        Self::new(Code::LimitReached).with_detail(format!("There are {most} {what}, and no more can be."))
    }

    /// 503 for a buyer, to whom it is as if the service were not there yet.
    #[must_use]
    pub(crate) fn not_yet_at_level(level: u32, what: &str) -> Self {
        Self { code: Code::Unavailable, ..Self::below_level(level, what) }.with_retry_after_s(RAISED_AFTER_S)
    }

    /// What is asked for begins at a moment, so many milliseconds from now.
    pub(crate) fn not_yet(code: Code, at: Time, in_ms: u64) -> Self {
        let seconds = u32::try_from(in_ms.div_ceil(1_000).max(1)).unwrap_or(u32::MAX);
        Self { opens_at_ms: NonZeroU64::new(at.0), ..Self::new(code) }.with_retry_after_s(seconds)
    }

    /// The best seats are wished for in a section that the date has not.
    pub(crate) fn no_section() -> Self {
        Self::field("best.section", "best.section is none of this date's sections.")
    }

    /// The best seats are wished for in a category that the date has not.
    pub(crate) fn no_category() -> Self {
        Self::field("best.category", "best.category is none of this date's categories.")
    }

    /// 405, with the methods that the path takes, as in `GET, POST`.
    #[must_use]
    pub fn method_not_allowed(allow: &'static str) -> Self {
        Self { allow: Some(allow), ..Self::new(Code::MethodNotAllowed) }
    }

    /// Says what was wrong with this very request, in English, beside which stands what the code means in the reader's language. It is for the client: nothing internal belongs in it.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(bounded(detail.into(), DETAIL_BYTES_MAX));
        self
    }

    /// Adds a sentence to the detail.
    #[must_use]
    pub(crate) fn with_more_detail(self, sentence: &str) -> Self {
        let detail = match &self.detail {
            Some(detail) => format!("{detail} {sentence}"),
            None => sentence.to_owned(),
        };
        self.with_detail(detail)
    }

    /// Sets the `Retry-After` of a 429 or 503; without it, one to three seconds, as chance has it.
    #[must_use]
    pub fn with_retry_after_s(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    fn retry_after_s(&self) -> u32 {
        let (first, last) = RETRY_AFTER_S;
        self.retry_after_s.unwrap_or_else(|| {
            // Chance enough, and without a call to the system's source of it for each of thousands of refusals.
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            first + now.subsec_nanos() / 64 % (last - first + 1)
        })
    }

    /// Lists what is wrong, where that is more than one detail can say.
    #[must_use]
    pub fn with_problems(mut self, problems: Vec<Invalid>) -> Self {
        let bounded = |Invalid { at, problem }: Invalid| Invalid {
            at: bounded(at.into(), FIELD_BYTES_MAX).into_owned(),
            problem: bounded(problem.into(), DETAIL_BYTES_MAX).into_owned(),
        };
        self.list = List::Problems(problems.into_iter().map(bounded).collect());
        self
    }

    /// Names the seats that it is about.
    #[must_use]
    pub fn with_seats(mut self, seats: impl Into<Box<[SeatId]>>) -> Self {
        let seats = seats.into();
        self.list = if seats.is_empty() { List::Nothing } else { List::Seats(seats) };
        self
    }

    /// The seats that it is about.
    pub(crate) fn seats(&self) -> &[SeatId] {
        if let List::Seats(seats) = &self.list { seats } else { &[] }
    }

    /// Names the field or parameter that it is about.
    #[must_use]
    pub(crate) fn with_field(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.field = Some(bounded(field.into(), FIELD_BYTES_MAX));
        self
    }

    /// Names the areas that it is about, and how many places they have left.
    #[must_use]
    pub fn with_areas(mut self, areas: Vec<AreaLeft>) -> Self {
        self.list = List::Areas(areas.into());
        self
    }

    /// Says what is to be solved.
    #[must_use]
    pub(crate) fn with_work(mut self, work: Work) -> Self {
        self.list = List::Work(work.into());
        self
    }

    /// The same, where whoever is to do the work has to be told what they are called.
    #[must_use]
    pub(crate) fn asked_of(mut self, person: &str) -> Self {
        if let List::Work(work) = &mut self.list {
            work.person = Some(person.to_owned());
        }
        self
    }

    /// What is to be solved, where that is what is missing.
    pub(crate) fn work(&self) -> Option<&Work> {
        if let List::Work(work) = &self.list { Some(work) } else { None }
    }

    /// An area that is wished for in this place of the list is none of the date's.
    pub(crate) fn no_area(at: usize) -> Self {
        Self::field(format!("areas[{at}].areaId"), format!("areas[{at}].areaId is none of this date's areas."))
    }

    /// An area is wished for a second time at the same price type in this place of the list.
    pub(crate) fn area_twice(at: usize) -> Self {
        let field = format!("areas[{at}].areaId");
        let what = format!(
            "{field} names an area a second time at the same price type; without one it is at the date's first."
        );
        Self::new(Code::AreaTwice).with_field(field).with_detail(what)
    }

    /// The field or parameter that is wrong, where there is one.
    #[must_use]
    pub fn field_name(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// What went wrong.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The field or parameter that it is about.
    #[cfg(test)]
    pub(crate) fn named(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// What is wrong in this case, where more is known than the code says.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl From<TooEarly> for Problem {
    fn from(early: TooEarly) -> Self {
        let seconds = early.wait.as_secs() + u64::from(early.wait.subsec_nanos() > 0);
        let detail = match early.by {
            By::Client => "Too many requests have come from your address.",
            By::User => "Too many requests have come with your token.",
            By::Codes => "Too many codes that are none have been tried.",
            By::Guesses => {
                "Too many keys that are none have come from your address. One that is right is taken at any time."
            }
        };
        Self::new(Code::RateLimited).with_detail(detail).with_retry_after_s(u32::try_from(seconds).unwrap_or(u32::MAX))
    }
}

impl From<token::Error> for Problem {
    fn from(error: token::Error) -> Self {
        Self::new(match error {
            token::Error::Missing => Code::TokenMissing,
            token::Error::Invalid => Code::TokenInvalid,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_sent_comes_back_without_its_middle_where_it_is_long() {
        assert_eq!(bounded("short".into(), 8), "short");
        assert_eq!(bounded("0123456789".into(), 9), "012…789");
        assert_eq!(bounded("가나다라".into(), 11), "가…라", "never within a character");
        let name = "x".repeat(15_000);
        let problem = Problem::field(format!("seats[0].{name}"), format!("seats[0].{name} is no field here."));
        let (field, detail) = (problem.field_name().unwrap_or_default(), problem.detail().unwrap_or_default());
        assert!(field.len() <= FIELD_BYTES_MAX && field.starts_with("seats[0].x"), "{field}");
        assert!(detail.len() <= DETAIL_BYTES_MAX && detail.ends_with(" is no field here."), "{detail}");
        let one = Invalid { at: name.clone(), problem: name };
        let listed = Problem::new(Code::BadRequest).with_problems(vec![one]);
        assert!(String::from_utf8_lossy(&document(&listed, crate::negotiate::Language::En)).len() < 3_000);
    }
}
