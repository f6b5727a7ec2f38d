//! Who is at the levers, and the record of what they did.

use axum::extract::{FromRequestParts, State};
use http::HeaderName;
use http::request::Parts;
use jiff::tz::TimeZone;
use onsale_catalog::{shows_nothing, turns_text};
use onsale_domain::ask::Ask;
use onsale_domain::command::Command;
use onsale_domain::operator::{Action, LeverRow, NAME_CHARS_MAX, NEWS_BYTES_MAX, Operator, Text};
use onsale_node::{in_zone, rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::access::Caller;
use super::body::{Json, given};
use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::{Code, Problem};

/// What an operator who comes with the first key says their name is: that key opens the door to anybody who has it.
const OPERATOR: HeaderName = HeaderName::from_static("onsale-operator");

/// The operator of a request.
#[derive(Clone)]
pub(super) struct By(Operator);

impl By {
    /// Who it is.
    pub(super) fn operator(self) -> Operator {
        self.0
    }

    /// What is asked for, as this operator's.
    pub(super) fn asks<A>(self, ask: Ask<A>) -> Ask<A> {
        ask.by(self.0)
    }
}

impl FromRequestParts<App> for By {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let said = parts.headers.get(OPERATOR).map(|value| name(value.as_bytes())).transpose()?;
        // Who has a key of their own cannot say that they are somebody else.
        Ok(Self(match parts.extensions.get::<Caller>() {
            Some(Caller { key, name: Some(name), .. }) => Operator { key: *key, name: Some(name.clone()) },
            Some(Caller { key, name: None, .. }) => Operator { key: *key, name: said },
            None => return Err(Problem::new(Code::AdminUnauthorized)),
        }))
    }
}

/// UTF-8 as it is, or as browsers can send it, whose headers take no more than Latin-1: `UTF-8''` and percent escapes
/// (RFC 8187).
fn name(value: &[u8]) -> Result<String, Problem> {
    let name = match value.split_at_checked(EXTENDED.len()) {
        Some((mark, escaped)) if mark.eq_ignore_ascii_case(EXTENDED) => unescaped(escaped),
        _ => Some(value.to_vec()),
    };
    let name = name.and_then(|name| String::from_utf8(name).ok());
    let name = name.as_deref().map(str::trim);
    name.filter(|name| is_name(name)).map(str::to_owned).ok_or_else(|| {
        Problem::field(
            "Onsale-Operator",
            format!(
                "Onsale-Operator must be a name of 1 to {NAME_CHARS_MAX} characters that can be seen, none of which turns the text beside it round."
            ),
        )
    })
}

/// Whether it can be read, and is all that it seems.
pub(super) fn is_name(name: &str) -> bool {
    let is_plain = !name.chars().any(|c| c.is_control() || turns_text(c));
    name.chars().count() <= NAME_CHARS_MAX && is_plain && !shows_nothing(name) && name.trim() == name
}

/// What precedes a name in percent escapes.
const EXTENDED: &[u8] = b"UTF-8''";

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// The bytes that percent escapes stand for; `None` where one is broken.
fn unescaped(value: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut sent = value.iter();
    while let Some(&byte) = sent.next() {
        bytes.push(if byte == b'%' { hex(*sent.next()?)? * 16 + hex(*sent.next()?)? } else { byte });
    }
    Some(bytes)
}

/// Which lever was moved.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum LeverAction {
    PublishCatalog,
    DiscardUpload,
    OpenQueue,
    ChangeQueue,
    ChangeSettings,
    ChangeSale,
    ReleaseHold,
    RemoveSchedule,
    SendMessage,
    LetSilentGo,
    RevokeTokens,
    EndSession,
    AddOperator,
    RemoveOperator,
    WithholdSeats,
    GiveSeatsBack,
    ReissueTickets,
    ChangeCampaign,
    AddCodes,
    ChangeWebhook,
    RestoreStore,
    GivePlace,
    ErasePerson,
}

/// A lever that was moved.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Lever {
    /// Grows from one to the next: the journal entry's number times 65536, and the command's place in it.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 786_433)]
    id: u64,
    #[schema(format = DateTime, example = "2027-05-01T10:10:00.000+00:00")]
    at: String,
    /// Whose key it was; with the first key what `Onsale-Operator` said, and `null` where it was not sent.
    #[schema(required, example = "Kim")]
    operator: Option<String>,
    /// The key: the first four bytes of its SHA-256.
    #[schema(pattern = "^[0-9a-f]{8}$", example = "8a3f90c1")]
    key_id: String,
    action: LeverAction,
    /// What it was moved on.
    #[schema(example = "queue default")]
    target: String,
    /// What differed, as it was.
    #[schema(example = "mode OPEN")]
    before: String,
    /// The same, as it is.
    #[schema(example = "mode PAUSED")]
    after: String,
}

/// Something to tell those who wait.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMessage {
    /// Whom: a queue's name; everybody where it is left out.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, pattern = "^[a-z0-9_-]{1,64}$", example = "default")]
    queue: Option<String>,
    text: MessageText,
}

/// The message in the languages that buyers read, one of them at least. Where one is left out, the other is shown.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MessageText {
    /// Up to 1,000 bytes.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 1_000, example = "Ten more minutes.")]
    en: Option<String>,
    /// Up to 1,000 bytes.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 1_000, example = "10분만 더 기다려 주세요.")]
    ko: Option<String>,
}

/// A message that was sent.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sent {
    /// The queue that it went to; `null` for everybody.
    #[schema(required, example = "default")]
    queue: Option<String>,
    text: MessageText,
}

pub(super) async fn list(State(app): State<App>) -> Done {
    let levers = app.shared.node.views().record.levers();
    success(levers.iter().rev().map(|row| Lever::of(row)).collect::<Vec<_>>())
}

pub(super) async fn send(State(app): State<App>, by: By, Json(message): Json<NewMessage>) -> Done {
    let NewMessage { queue, text } = message;
    let id = match &queue {
        None => None,
        Some(name) => Some(app.shared.node.views().queue_named(name).ok_or(Problem::new(Code::QueueNotFound))?),
    };
    let words = Text { en: text.en.clone(), ko: text.ko.clone() };
    let given = || [&words.en, &words.ko].into_iter().flatten();
    let turning = given().flat_map(|text| text.chars()).find(|&c| turns_text(c));
    if let Some(turning) = turning {
        let code = u32::from(turning);
        return Err(Problem::field(
            "text",
            format!("text must not have U+{code:04X}, which turns the text beside it round."),
        ));
    }
    if !words.is_valid() || given().any(|text| shows_nothing(text)) {
        return Err(Problem::field(
            "text",
            format!(
                "text must have en or ko, each of 1 to {NEWS_BYTES_MAX} bytes, with something that can be seen, and without control characters but line ends."
            ),
        ));
    }
    app.lane.ask(by.asks(Ask::plain(Command::Announce { queue: id, text: words }))).await?;
    success(Sent { queue, text })
}

impl Lever {
    fn of(row: &LeverRow) -> Self {
        Self {
            id: row.id.0,
            at: rfc3339(&in_zone(row.at, &TimeZone::UTC)),
            operator: row.by.name.clone(),
            key_id: format!("{:08x}", row.by.key.0),
            action: action(row.action),
            target: row.target.clone(),
            before: row.before.clone(),
            after: row.after.clone(),
        }
    }
}

pub(super) fn action(action: Action) -> LeverAction {
    match action {
        Action::PublishCatalog => LeverAction::PublishCatalog,
        Action::DiscardUpload => LeverAction::DiscardUpload,
        Action::OpenQueue => LeverAction::OpenQueue,
        Action::ChangeQueue => LeverAction::ChangeQueue,
        Action::ChangeSettings => LeverAction::ChangeSettings,
        Action::ChangeSale => LeverAction::ChangeSale,
        Action::ReleaseHold => LeverAction::ReleaseHold,
        Action::RemoveSchedule => LeverAction::RemoveSchedule,
        Action::SendMessage => LeverAction::SendMessage,
        Action::LetSilentGo => LeverAction::LetSilentGo,
        Action::RevokeTokens => LeverAction::RevokeTokens,
        Action::EndSession => LeverAction::EndSession,
        Action::AddOperator => LeverAction::AddOperator,
        Action::RemoveOperator => LeverAction::RemoveOperator,
        Action::WithholdSeats => LeverAction::WithholdSeats,
        Action::GiveSeatsBack => LeverAction::GiveSeatsBack,
        Action::ReissueTickets => LeverAction::ReissueTickets,
        Action::ChangeCampaign => LeverAction::ChangeCampaign,
        Action::AddCodes => LeverAction::AddCodes,
        Action::ChangeWebhook => LeverAction::ChangeWebhook,
        Action::RestoreStore => LeverAction::RestoreStore,
        Action::GivePlace => LeverAction::GivePlace,
        Action::ErasePerson => LeverAction::ErasePerson,
    }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_name_is_of_any_script() {
        let check = |sent: &str, expected: Option<&str>| {
            assert_eq!(name(sent.as_bytes()).ok().as_deref(), expected, "{sent}");
        };
        check("Kim", Some("Kim"));
        check("김철수", Some("김철수"));
        check("UTF-8''%EA%B9%80%EC%B2%A0%EC%88%98", Some("김철수"));
        check("utf-8''%ea%b9%80 Kim", Some("김 Kim"));
        check("100%25", Some("100%25"));
        check(&format!("UTF-8''{}", "%F0%9F%8E%AB".repeat(64)), Some("🎫".repeat(64).as_str()));
        check(&format!("UTF-8''{}", "%F0%9F%8E%AB".repeat(65)), None);
        for broken in ["UTF-8''", "UTF-8''%EA%B9", "UTF-8''%E", "UTF-8''%zz", "UTF-8''a%0Ab", " "] {
            check(broken, None);
        }
    }
}
