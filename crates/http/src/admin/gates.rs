//! Links that let some people in past the line before a site.

use axum::extract::{Path, State};
use onsale_domain::ask::Ask;
use onsale_domain::command::Command;
use onsale_domain::ids::{INTEGER_MAX, UserId};
use onsale_domain::level;
use onsale_domain::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Json;
use super::change::from_level;
use super::operator::By;
use crate::answer::{Done, success};
use crate::app::App;
use crate::gate::{Link, USES_MAX};
use crate::problem::{Code, Problem};
use crate::query::number;
use crate::times::{self, TimeText};
use crate::wire::{self, Milliseconds};

/// The largest figure that a site may say.
const FIGURE_MAX: u32 = 1_000_000_000;
/// The longest that a link may be good: so long each of its uses is remembered.
const GOOD_FOR_MS: [u64; 2] = [1_000, 30 * 24 * 3_600 * 1_000];

/// A link to make.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewLink {
    /// How many people may come in by it.
    #[schema(minimum = 1, maximum = 1_000, example = 5)]
    uses: u32,
    /// For how long; 1s to 720h.
    #[schema(example = "24h")]
    good_for: Milliseconds,
}

/// A link that lets some people in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GateLink)]
pub(crate) struct Made {
    /// What it is withdrawn by.
    #[schema(value_type = wire::Id)]
    link_id: u64,
    /// For whoever is to come in: who has it can use it.
    #[schema(example = "https://queue.example/gate/shop/in?link=xyz")]
    url: String,
    #[schema(example = 5)]
    uses: u32,
    #[schema(value_type = String, format = DateTime, example = "2027-05-02T10:00:00.000Z")]
    good_until: TimeText,
}

/// A link that lets nobody in any more.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GateLinkWithdrawn)]
pub(crate) struct Withdrawn {
    #[schema(value_type = wire::Id)]
    link_id: u64,
}

/// How busy a site is.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = GateFigure)]
pub(crate) struct NewFigure {
    /// Whatever it goes by: busy workers, milliseconds, percent.
    #[schema(minimum = 0, maximum = 1_000_000_000, example = 64)]
    figure: u32,
}

/// How the gate before a site stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GateFigureSaid)]
pub(crate) struct FigureSaid {
    #[schema(minimum = 0, maximum = 1_000_000_000, example = 64)]
    figure: u32,
    /// Nobody passes without a pass.
    #[schema(example = false)]
    holds: bool,
}

/// It is said to the other nodes within a second or two, and kept nowhere.
pub(super) async fn say(State(app): State<App>, Path(name): Path<String>, Json(new): Json<NewFigure>) -> Done {
    let site = app.shared.gates.site(&name).ok_or(Problem::new(Code::NotFound))?;
    let NewFigure { figure } = new;
    if figure > FIGURE_MAX {
        return Err(Problem::field("figure", format!("figure must be a whole number from 0 to {FIGURE_MAX}.")));
    }
    let now = app.shared.say_of(site, figure).ok_or_else(|| {
        let what = format!("gate.sites.{name}.standby_figure_above is not configured: what a figure is held against.");
        Problem::field("figure", what)
    })?;
    success(FigureSaid { figure, holds: now.holds })
}

pub(super) async fn make(State(app): State<App>, Path(name): Path<String>, by: By, Json(new): Json<NewLink>) -> Done {
    let shared = &app.shared;
    let site = shared.gates.site(&name).ok_or(Problem::new(Code::NotFound))?;
    let guests = site.guests.as_deref().ok_or_else(|| {
        let what = format!("gate.sites.{name}.guests is not configured: the queue of those who come by a link.");
        Problem::field("guests", what)
    })?;
    shared.node.views().queue_named(guests).ok_or(Problem::new(Code::QueueNotFound))?;
    from_level(shared.node.views(), level::SELLING, "Links let in")?;
    let NewLink { uses, good_for } = new;
    if !(1..=USES_MAX).contains(&uses) {
        return Err(Problem::field("uses", format!("uses must be a whole number from 1 to {USES_MAX}.")));
    }
    if !(GOOD_FOR_MS[0]..=GOOD_FOR_MS[1]).contains(&good_for.0) {
        return Err(Problem::field("goodFor", "goodFor must be from 1s to 720h."));
    }
    let now_s = shared.now_s() as u64;
    let unavailable = |_| Problem::new(Code::Unavailable);
    let link = Link::new(site, uses, now_s, now_s + good_for.0 / 1_000).map_err(unavailable)?;
    let sealed = link.seal(&shared.tokens.load()).map_err(unavailable)?;
    let (link_id, operator) = (link.user().0, by.operator());
    tracing::info!(
        site = name,
        link_id,
        uses,
        until_s = link.until_s,
        operator = operator.name,
        key = operator.key.0,
        "a link that lets in was made"
    );
    let good_until = times::utc(Time(link.until_s * 1_000));
    success(Made { link_id, url: shared.gates.link(site, &sealed), uses, good_until })
}

/// Nobody comes in by it any more, on any node. Who has, stays: as anybody else's, their session is ended by their own number.
pub(super) async fn withdraw(State(app): State<App>, Path((name, id)): Path<(String, String)>, by: By) -> Done {
    let shared = &app.shared;
    let site = shared.gates.site(&name).ok_or(Problem::new(Code::NotFound))?;
    from_level(shared.node.views(), level::FAIRNESS, "Links can be withdrawn")?;
    let link_id = number("id", Some(&id), (1, INTEGER_MAX), 0)?;
    // One that an older version made does not say so itself, but where somebody has used it that is known.
    let is_used = || {
        let entrants = &shared.node.views().entrants;
        Link::of_number(site, link_id).each_use().any(|digest| entrants.is_used(&digest))
    };
    if !Link::is_number(site, link_id) && !is_used() {
        let what = "There is no link of this number. One that a version before this made and nobody has used is withdrawn by revoking the \
                    tokens of the user of its number.";
        return Err(Problem::new(Code::NotFound).with_detail(what));
    }
    app.lane.ask(by.asks(Ask::plain(Command::Revoke { user: UserId(link_id) }))).await?;
    success(Withdrawn { link_id })
}
