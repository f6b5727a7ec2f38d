//! Campaigns of codes: what they open, their codes, and how much of them is used.

use std::sync::Arc;

use axum::extract::{Path, State};
use onsale_domain::ask::Ask;
use onsale_domain::codes::{CODES_AT_ONCE_MAX, CODES_MAX, Campaign, CampaignRules, USES_MAX};
use onsale_domain::command::Command;
use onsale_domain::ids::{KeyId, QueueId};
use onsale_domain::level;
use onsale_domain::queue::Tier;
use onsale_domain::reply::{CodesAdded, Refusal};
use onsale_domain::time::Time;
use onsale_node::{Error, Views};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Json, LargeJson, given};
use super::change::{alone, from_level};
use super::operator::By;
use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::times::{self, TimeText};
use crate::token::{KeyRing, PlainCode};

/// What to change of a campaign. What is left out stays as it is.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CampaignChange {
    /// The queue that its codes open; at first the default queue. One that has codes keeps its own.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, pattern = "^[a-z0-9_-]{1,64}$", example = "default")]
    queue: Option<String>,
    /// From when on people join with them, with an offset or a zone; `null` for from the beginning.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "2027-05-01T09:00:00+09:00")]
    from: Option<Option<String>>,
    /// From when on nobody does; `null` for never.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "2027-05-01T10:00:00+09:00")]
    until: Option<Option<String>>,
    /// Before whom those stand who join with one before the queue opens; `null` for nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u8>, minimum = 1, maximum = 9, example = 1)]
    tier: Option<Option<u8>>,
    /// The most seats of a date that whoever came in with one may have, where other limits are not lower; `null` for no such limit.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 4_294_967_295_i64, example = 2)]
    seats: Option<Option<u32>>,
    /// How often each is good; at first once.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 1, maximum = 10_000_000, example = 1)]
    uses: Option<u32>,
    /// Whether nobody joins the queue without a code, until `until`, also before `from` and while it is stopped.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    required: Option<bool>,
    /// Whether nobody joins with its codes. Who has joined keeps the place.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    stopped: Option<bool>,
}

/// A campaign as it is now.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Campaign)]
pub(crate) struct CampaignState {
    #[schema(example = "fan-club")]
    campaign: String,
    /// What its codes open.
    #[schema(example = "default")]
    queue: String,
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2027-05-01T00:00:00.000Z")]
    from: Option<TimeText>,
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2027-05-01T01:00:00.000Z")]
    until: Option<TimeText>,
    #[schema(required, minimum = 1, maximum = 9, example = 1)]
    tier: Option<u8>,
    #[schema(required, minimum = 1, example = 2)]
    seats: Option<u32>,
    /// How often each code is good.
    #[schema(example = 1)]
    uses: u32,
    required: bool,
    stopped: bool,
    /// How many codes it has.
    #[schema(example = 5_000)]
    codes: u32,
    /// Uses of people who have a place or a hold, and have bought nothing yet. They come back when both are over.
    #[schema(example = 120)]
    held: u64,
    /// Uses of people who have bought something.
    #[schema(example = 31)]
    spent: u64,
    /// Whether its codes can be checked: not, where the token key is gone that they were hashed with.
    #[schema(example = true)]
    key_known: bool,
}

/// Codes to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCodes {
    /// The number of the first, from 1. What was added before under the same number is passed over, so a call whose answer was lost is
    /// sent again as it was.
    #[schema(minimum = 1, maximum = 4_194_304, example = 1)]
    first: u32,
    /// Each 4 to 64 letters and digits; case, spaces, dashes and dots count for nothing.
    #[schema(min_items = 1, max_items = 16_384, example = json!(["K7QX-2M9D-RT4W"]))]
    codes: Vec<String>,
}

/// Codes that were added.
#[derive(Serialize, ToSchema)]
pub(crate) struct Added {
    #[schema(example = "fan-club")]
    campaign: String,
    /// How many it has: the next is one more.
    #[schema(example = 5_000)]
    codes: u32,
    /// How many of those that were sent it had not before.
    #[schema(example = 1)]
    added: u32,
}

impl CampaignState {
    pub(crate) fn of(views: &Views, ring: &KeyRing, campaign: &Campaign) -> Self {
        let CampaignRules { from, until, tier, seats, uses, required, stopped } = campaign.rules;
        Self {
            campaign: campaign.name.clone(),
            queue: views.queue(campaign.queue).map(|queue| queue.name.clone()).unwrap_or_default(),
            from: from.map(times::utc),
            until: until.map(times::utc),
            tier,
            seats,
            uses,
            required,
            stopped,
            codes: campaign.codes,
            held: campaign.held,
            spent: campaign.spent,
            key_known: ring.knows(campaign.key),
        }
    }
}

/// All campaigns, as they are now.
fn campaign_states(app: &App) -> Vec<CampaignState> {
    let (views, ring) = (app.shared.node.views(), app.shared.tokens.load());
    views.campaigns.all().iter().map(|campaign| CampaignState::of(views, &ring, campaign)).collect()
}

pub(super) async fn list(State(app): State<App>) -> Done {
    success(campaign_states(&app))
}

pub(super) async fn change(
    State(app): State<App>,
    Path(name): Path<String>,
    by: By,
    Json(change): Json<CampaignChange>,
) -> Done {
    from_level(app.shared.node.views(), level::CODES, "Codes are taken")?;
    let is_of_a_name = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    if !(1..=64).contains(&name.len()) || !name.bytes().all(is_of_a_name) {
        return Err(Problem::field("name", "name must be 1 to 64 of the characters a-z, 0-9, - and _."));
    }
    let App { shared, lane } = app.clone();
    let changed = alone(&app.shared, async move {
        let views = shared.node.views();
        let before = views.campaigns.named(&name);
        let (queue, rules) = change.applied_to(views, before.as_deref())?;
        let key = key_of(before.as_deref()).unwrap_or_else(|| shared.tokens.load().current());
        lane.ask(by.asks(Ask::plain(Command::SetCampaign { name: name.clone(), queue, key, rules }))).await?;
        let campaign = views.campaigns.named(&name).ok_or(Problem::new(Code::OutcomeUnknown))?;
        Ok(CampaignState::of(views, &shared.tokens.load(), &campaign))
    });
    success(changed.await?)
}

/// What the codes of one that has any are hashed with.
fn key_of(campaign: Option<&Campaign>) -> Option<KeyId> {
    campaign.filter(|campaign| campaign.codes > 0).map(|campaign| campaign.key)
}

impl CampaignChange {
    fn applied_to(self, views: &Views, before: Option<&Campaign>) -> Result<(QueueId, CampaignRules), Problem> {
        let Self { queue, from, until, tier, seats, uses, required, stopped } = self;
        let old = before.map(|campaign| campaign.rules).unwrap_or_default();
        let queue = match queue {
            Some(name) => views.queue_named(&name).ok_or(Problem::new(Code::QueueNotFound))?,
            None => before.map_or(QueueId(0), |campaign| campaign.queue),
        };
        let rules = CampaignRules {
            from: moment("from", from, old.from)?,
            until: moment("until", until, old.until)?,
            tier: tier.unwrap_or(old.tier),
            seats: seats.unwrap_or(old.seats),
            uses: uses.unwrap_or(old.uses),
            required: required.unwrap_or(old.required),
            stopped: stopped.unwrap_or(old.stopped),
        };
        rules.check().map_err(|name| Problem::field(name, range(name)))?;
        Ok((queue, rules))
    }
}

fn range(name: &str) -> String {
    match name {
        "until" => "until must be later than from.".to_owned(),
        "tier" => format!("tier must be 1 to {}, or null.", Tier::LAST),
        "seats" => "seats must be at least 1, or null.".to_owned(),
        _ => format!("uses must be 1 to {USES_MAX}."),
    }
}

fn moment(name: &'static str, said: Option<Option<String>>, old: Option<Time>) -> Result<Option<Time>, Problem> {
    let Some(said) = said else { return Ok(old) };
    let read =
        |text: String| onsale_catalog::absolute(&text).map_err(|what| Problem::field(name, format!("{name} {what}.")));
    said.map(read).transpose()
}

pub(super) async fn add(
    State(app): State<App>,
    Path(name): Path<String>,
    by: By,
    LargeJson(new): LargeJson<NewCodes>,
) -> Done {
    let views = app.shared.node.views();
    from_level(views, level::CODES, "Codes are taken")?;
    let NewCodes { first, codes } = new;
    if !(1..=CODES_MAX).contains(&(first as usize)) {
        return Err(Problem::field("first", format!("first must be a whole number from 1 to {CODES_MAX}.")));
    }
    if codes.is_empty() || codes.len() > CODES_AT_ONCE_MAX {
        return Err(Problem::field("codes", format!("codes must be 1 to {CODES_AT_ONCE_MAX} codes.")));
    }
    let campaign = views.campaigns.named(&name).ok_or(Problem::new(Code::CampaignNotFound))?;
    let queue = views.queue(campaign.queue).ok_or(Problem::new(Code::QueueNotFound))?.name.clone();
    let (ring, of) = (app.shared.tokens.load_full(), campaign.clone());
    // Sixteen thousand take milliseconds, which is long for a thread that serves.
    let hashed = tokio::task::spawn_blocking(move || digests(&ring, &of, &queue, &codes));
    let digests = hashed.await.map_err(|_| Problem::new(Code::Unavailable))??;
    let CodesAdded { codes, added } = app
        .lane
        .ask(by.asks(Ask::add_codes(campaign.id, first, digests)))
        .await
        .map_err(|error| in_words(error, first))?;
    success(Added { campaign: name, codes, added })
}

fn digests(ring: &KeyRing, campaign: &Arc<Campaign>, queue: &str, codes: &[String]) -> Result<Vec<u8>, Problem> {
    let mut digests = Vec::with_capacity(codes.len() * 16);
    for (place, code) in codes.iter().enumerate() {
        let wrong = || {
            let field = format!("codes[{place}]");
            Problem::field(
                field.clone(),
                format!("{field} must be 4 to 64 letters of A to Z and digits, beside spaces, dashes and dots."),
            )
        };
        let plain = PlainCode::of(code).ok_or_else(wrong)?;
        let digest = ring.code_digest(campaign.key, queue, &plain).ok_or_else(|| {
            Problem::new(Code::CampaignInUse)
                .with_detail("The token key that this campaign's codes are hashed with is gone: make another campaign.")
        })?;
        digests.extend(digest.0);
    }
    Ok(digests)
}

/// By the place in the list that was sent, too.
fn in_words(error: Error, first: u32) -> Problem {
    match error {
        Error::Refused(Refusal::CodeTwice { number }) => {
            let field = format!("codes[{}]", number.saturating_sub(first));
            let what = format!(
                "Number {number} is a code that is there under another number, or in another campaign of the queue, or the number has another code. None was added."
            );
            Problem::new(Code::CodeTwice).with_field(field).with_detail(what)
        }
        Error::Refused(Refusal::CodesMissing { next }) => Problem::new(Code::CodesMissing)
            .with_field("first")
            .with_detail(format!("Number {next} is due. None was added.")),
        error => error.into(),
    }
}
