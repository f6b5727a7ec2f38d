//! Queues: what they are, and the operator's levers.

use axum::extract::{Path, State};
use onsale_domain::command::Command;
use onsale_domain::level;
use onsale_domain::queue;
use onsale_domain::reply::Reply;
use onsale_domain::settings::QueueSettings;
use onsale_node::{QueueView, Rules, Views};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Json, given};
use super::change::{alone, done, from_level};
use super::duration::Milliseconds;
use super::operator::By;
use super::settings::out_of_range;
use crate::pages::{App, Done, success};
use crate::problem::{Code, Problem, unexpected};

/// Whether a queue takes people in, and lets them through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = QueueMode)]
pub(crate) enum Mode {
    /// People may join and are admitted.
    Open,
    /// People may join; nobody is admitted.
    Paused,
    /// Nobody may join; those who wait are admitted.
    Draining,
    /// Nobody may join, nobody is admitted.
    Closed,
}

/// A queue as it is now.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueState {
    #[schema(example = "default")]
    queue: String,
    #[schema(inline)]
    mode: Mode,
    /// The most users that are PROGRESS at any instant.
    #[schema(minimum = 1, example = 1_000)]
    active_limit: u32,
    /// The most users admitted in any one second; `null` for no limit.
    #[schema(required, minimum = 1)]
    admit_per_second: Option<u32>,
    session_ttl: Milliseconds,
    waiting_ttl: Milliseconds,
    waiting_grace: Milliseconds,
    /// How many wait.
    #[schema(example = 0)]
    waiting: u32,
    /// How many are PROGRESS.
    #[schema(example = 0)]
    active: u32,
    /// How many of them have not been heard from for twice `waitingTtl`: their slots are taken and not used.
    #[schema(example = 0)]
    silent: u32,
    /// Tickets that were ever issued in this queue.
    #[schema(example = 0)]
    issued: u64,
    /// Tickets that this server has seen admitted since it started.
    #[schema(example = 0)]
    admitted: u64,
    /// How long somebody who joined now would wait, in seconds; `null` while nobody is admitted.
    #[schema(required)]
    estimated_wait_seconds: Option<u64>,
}

/// A queue to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewQueue {
    #[schema(pattern = "^[a-z0-9_-]{1,64}$", example = "vip")]
    queue: String,
}

/// What to change of a queue. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct QueueChange {
    #[serde(default, deserialize_with = "given")]
    #[schema(inline, nullable = false)]
    mode: Option<Mode>,
    /// The most users that are PROGRESS at any instant. Lowering it evicts nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 1, maximum = 4_294_967_295_i64, example = 2_000)]
    active_limit: Option<u32>,
    /// The most users admitted in any one second; `null` for no limit.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 4_294_967_295_i64, example = 100)]
    admit_per_second: Option<Option<u32>>,
    /// How long PROGRESS lasts; 100ms to 8784h.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    session_ttl: Option<Milliseconds>,
    /// A ticket last seen longer ago than this is passed over when its turn comes; 100ms to 8784h.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    waiting_ttl: Option<Milliseconds>,
    /// How long a ticket that was passed over may still return; up to 8784h.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    waiting_grace: Option<Milliseconds>,
}

/// Whom to let go. Without a word of how long they must have been silent, whoever counts in `silent`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct LetGo {
    /// For how long they have not been heard from: `waitingTtl` at least; twice that where it is left out.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    silent_for: Option<Milliseconds>,
}

/// Who was let go.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Gone {
    #[schema(example = "default")]
    queue: String,
    /// How many sessions were ended: at most 10,000 at once.
    #[schema(example = 6)]
    let_go: u32,
    /// How many of these users hold a seat. It is theirs until it lapses, and can be paid.
    #[schema(example = 1)]
    holding: u32,
}

pub(super) async fn list(State(app): State<App>) -> Done {
    success(now(app.shared.node.views()))
}

/// All queues, as they are now.
pub(crate) fn now(views: &Views) -> Vec<QueueState> {
    views.queues().iter().map(|queue| state_of(queue)).collect()
}

pub(super) async fn open(State(app): State<App>, by: By, Json(new): Json<NewQueue>) -> Done {
    let Reply::QueueOpened(id) = app.lane.submit(by.gives(Command::OpenQueue { name: new.queue })).await? else {
        return Err(unexpected());
    };
    let queue = app.shared.node.views().queue(id).ok_or(unexpected())?;
    success(state_of(&queue))
}

pub(super) async fn change(
    State(app): State<App>,
    Path(name): Path<String>,
    by: By,
    Json(change): Json<QueueChange>,
) -> Done {
    let App { shared, lane } = app.clone();
    let changed = alone(&app.shared, async move {
        let queue = find(shared.node.views(), &name)?;
        let rules = Rules::clone(&queue.rules());
        let wanted = change.applied_to(&rules);
        wanted.settings.check().map_err(out_of_range)?;
        if wanted != rules {
            let Rules { mode, settings } = wanted;
            let command = Command::ConfigureQueue { queue: queue.id, settings: Some(settings), mode: Some(mode) };
            done(&lane, by.gives(command)).await?;
        }
        Ok(state_of(&queue))
    });
    success(changed.await?)
}

pub(super) async fn let_silent_go(
    State(app): State<App>,
    Path(name): Path<String>,
    by: By,
    Json(LetGo { silent_for }): Json<LetGo>,
) -> Done {
    let views = app.shared.node.views();
    let queue = find(views, &name)?;
    from_level(views, level::FAIRNESS, "Those who are silent inside are let go")?;
    let settings = queue.rules().settings.clone();
    let silent_ms = silent_for.map_or(settings.silence_ms(), |silent| silent.0);
    if silent_ms < settings.waiting_ttl_ms {
        let least = Milliseconds(settings.waiting_ttl_ms).text();
        return Err(Problem::field(
            "silentFor",
            format!("silentFor must be at least {least}, the queue's waitingTtl: who is there may speak as seldom."),
        ));
    }
    let command = by.gives(Command::LetSilentGo { queue: queue.id, silent_ms });
    let Reply::LetGo { sessions, holding } = app.lane.submit(command).await? else { return Err(unexpected()) };
    success(Gone { queue: name, let_go: sessions, holding })
}

fn find(views: &Views, name: &str) -> Result<std::sync::Arc<QueueView>, Problem> {
    let id = views.queue_named(name).ok_or(Problem::new(Code::QueueNotFound))?;
    views.queue(id).ok_or(Problem::new(Code::QueueNotFound))
}

impl QueueChange {
    fn applied_to(self, old: &Rules) -> Rules {
        let QueueSettings { active_limit, admit_per_second, session_ttl_ms, waiting_ttl_ms, waiting_grace_ms } =
            old.settings.clone();
        let ms = |change: Option<Milliseconds>, old| change.map_or(old, |change| change.0);
        Rules {
            mode: self.mode.map_or(old.mode, Mode::into_domain),
            settings: QueueSettings {
                active_limit: self.active_limit.unwrap_or(active_limit),
                admit_per_second: self.admit_per_second.unwrap_or(admit_per_second),
                session_ttl_ms: ms(self.session_ttl, session_ttl_ms),
                waiting_ttl_ms: ms(self.waiting_ttl, waiting_ttl_ms),
                waiting_grace_ms: ms(self.waiting_grace, waiting_grace_ms),
            },
        }
    }
}

fn state_of(queue: &QueueView) -> QueueState {
    let rules = queue.rules();
    let settings = &rules.settings;
    let (issued, admitted) = queue.totals();
    let waiting = queue.waiting();
    let estimate =
        rules.mode.admits().then(|| queue.estimate(waiting.saturating_add(1), &rules.settings).likely_seconds);
    QueueState {
        queue: queue.name.clone(),
        mode: Mode::of(rules.mode),
        active_limit: settings.active_limit,
        admit_per_second: settings.admit_per_second,
        session_ttl: Milliseconds(settings.session_ttl_ms),
        waiting_ttl: Milliseconds(settings.waiting_ttl_ms),
        waiting_grace: Milliseconds(settings.waiting_grace_ms),
        waiting,
        active: queue.active(),
        silent: queue.silent(),
        issued,
        admitted,
        estimated_wait_seconds: estimate,
    }
}

impl Mode {
    pub(crate) fn of(mode: queue::Mode) -> Self {
        match mode {
            queue::Mode::Open => Self::Open,
            queue::Mode::Paused => Self::Paused,
            queue::Mode::Draining => Self::Draining,
            queue::Mode::Closed => Self::Closed,
        }
    }

    fn into_domain(self) -> queue::Mode {
        match self {
            Self::Open => queue::Mode::Open,
            Self::Paused => queue::Mode::Paused,
            Self::Draining => queue::Mode::Draining,
            Self::Closed => queue::Mode::Closed,
        }
    }
}
