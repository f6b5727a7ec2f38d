//! Webhooks, as operators make and change them. Each change is on record before it is made: nobody is sent anything of which no record
//! says who wanted it.

mod again;
mod change;
mod feed;
mod shown;

use std::sync::PoisonError;

use axum::extract::State;
use onsale_domain::ask::Ask;
use onsale_domain::command::Command;
use onsale_domain::level;
use onsale_node::events::Cursor;
use onsale_node::webhooks::{Changed, Stored, WEBHOOKS_MAX, Webhooks as Store};

use super::body::{Id, Json, MaybeJson};
use super::change::{alone, from_level};
use super::operator::By;
use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::shared::Shared;
use crate::token::SealedFor;
use crate::webhooks::{Definition, Is, Progress, Scheme, Secret, Signer, State as Sent, Why, check, now_ms, written};

use change::Known;

pub(crate) use again::SendAgain;
pub(super) use again::send as send_again;
pub(crate) use change::{NewWebhook, Rotation, WebhookChange};
pub use feed::send;
pub(crate) use shown::{Webhook, WebhookGone};

/// How long the key of before signs beside a new one, unless somebody says otherwise, in milliseconds: a day.
const KEY_STAYS_MS: u64 = 24 * 60 * 60 * 1_000;
/// And at most: a month.
const KEY_STAYS_MS_MAX: u64 = 31 * KEY_STAYS_MS;
/// The most keys that sign at a time: each makes each message longer.
const KEYS_MAX: usize = 3;
/// How often a change is made anew, where the sender has changed the state meanwhile.
const TRIES: usize = 3;

pub(super) async fn list(State(app): State<App>) -> Done {
    is_there(&app)?;
    let shared = app.shared.clone();
    let all = blocking(move || {
        let all = read(&shared)?;
        all.iter().map(|known| Webhook::of(&shared, known, 1)).collect::<Result<Vec<_>, Problem>>()
    });
    success(all.await?)
}

pub(super) async fn show(State(app): State<App>, Id(id): Id) -> Done {
    is_there(&app)?;
    let shared = app.shared.clone();
    success(blocking(move || Webhook::of(&shared, &find(&shared, id)?, usize::MAX)).await?)
}

pub(super) async fn add(State(app): State<App>, by: By, Json(new): Json<NewWebhook>) -> Done {
    is_there(&app)?;
    let (url, types, order, scheme, from) = new.into_parts();
    let private = app.shared.webhooks.settings.private;
    check(&url, private).map_err(|what| Problem::field("url", format!("url {what}.")))?;
    let types = types.map(|types| change::types(&types)).transpose()?;
    let (shared, lane) = (app.shared.clone(), app.lane.clone());
    let made = alone(&app.shared, async move {
        let (within, now_ms) = (shared.clone(), now_ms());
        let (id, definition, key) = blocking(move || {
            let progress = Progress { cursor: place(&within, from.as_deref())?, ..Progress::default() };
            let (secret, key) = make_key(&within, scheme, now_ms)?;
            let definition =
                Definition { url, types, order, scheme, secrets: vec![secret], made_at_ms: now_ms, again: Vec::new() };
            // It is sent nothing before it is on record.
            let state = Sent { is: Is::Paused, why: Some(Why::Operator), at_ms: now_ms };
            let texts = (written(&definition), written(&state), written(&progress));
            let added = stored(&within, |store| store.add(&texts.0, &texts.1, &texts.2))?;
            Ok((added.ok_or_else(too_many)?, definition, key))
        })
        .await?;
        let state = Sent { is: Is::On, why: None, at_ms: now_ms };
        let after = change::words(&definition, &state);
        lane.ask(by.asks(Ask::plain(note(id, String::new(), after)))).await?;
        let within = shared.clone();
        blocking(move || {
            let changed = Changed { definition: &written(&definition), state: &written(&state), progress: None };
            stored(&within, |store| store.change(id, 1, changed))?;
            within.webhooks.touch();
            Ok(Webhook::of(&within, &find(&within, id)?, usize::MAX)?.with_key(key))
        })
        .await
    });
    success(made.await?)
}

pub(super) async fn change(State(app): State<App>, Id(id): Id, by: By, Json(wanted): Json<WebhookChange>) -> Done {
    is_there(&app)?;
    let (shared, lane) = (app.shared.clone(), app.lane.clone());
    let changed = alone(&app.shared, async move {
        let (within, asked) = (shared.clone(), wanted.clone());
        let (first, moved) = blocking(move || {
            let known = find(&within, id)?;
            let moved = asked.from.as_deref().map(|from| place(&within, Some(from))).transpose()?;
            Ok((asked.of(&within, &known, now_ms())?, moved))
        })
        .await?;
        let (before, after) = first.words();
        let from = wanted.from.as_ref().map(|from| format!("from {from}"));
        let after: Vec<String> = [after].into_iter().filter(|after| !after.is_empty()).chain(from).collect();
        let after = after.join(", ");
        lane.ask(by.asks(Ask::plain(note(id, before, after)))).await?;
        blocking(move || {
            for _ in 0..TRIES {
                let known = find(&shared, id)?;
                let version = known.stored.version;
                let to = wanted.of(&shared, &known, now_ms())?;
                let (definition, state) = (written(&to.definition), written(&to.state));
                let again = known.progress.again;
                let progress = moved.map(|cursor| written(&Progress { cursor, again, ..Progress::default() }));
                let changed = Changed { definition: &definition, state: &state, progress: progress.as_deref() };
                if stored(&shared, |store| store.change(id, version, changed))? {
                    shared.webhooks.touch();
                    return Webhook::of(&shared, &find(&shared, id)?, usize::MAX);
                }
            }
            Err(Problem::new(Code::Unavailable).with_detail("It was changed by others meanwhile."))
        })
        .await
    });
    success(changed.await?)
}

pub(super) async fn rotate(
    State(app): State<App>,
    Id(id): Id,
    by: By,
    MaybeJson(Rotation { keep_for }): MaybeJson<Rotation>,
) -> Done {
    is_there(&app)?;
    let stays_ms = keep_for.map_or(KEY_STAYS_MS, |keep_for| keep_for.0);
    if stays_ms > KEY_STAYS_MS_MAX {
        return Err(Problem::field("keepFor", "keepFor must be at most 744h: the key of before is to end."));
    }
    let (shared, lane) = (app.shared.clone(), app.lane.clone());
    let rotated = alone(&app.shared, async move {
        let within = shared.clone();
        blocking(move || find(&within, id)).await?;
        let after = format!("new key, the one before for {} s more", stays_ms / 1_000);
        lane.ask(by.asks(Ask::plain(note(id, String::new(), after)))).await?;
        blocking(move || {
            for _ in 0..TRIES {
                let mut known = find(&shared, id)?;
                let (version, now_ms) = (known.stored.version, now_ms());
                let definition = &mut known.definition;
                let (secret, key) = make_key(&shared, definition.scheme, now_ms)?;
                let until_ms = now_ms + stays_ms;
                for before in &mut definition.secrets {
                    before.until_ms = Some(before.until_ms.map_or(until_ms, |known| known.min(until_ms)));
                }
                definition.secrets.retain(|before| before.until_ms.is_some_and(|until_ms| until_ms > now_ms));
                definition.secrets.insert(0, secret);
                definition.secrets.truncate(KEYS_MAX);
                let (definition, state) = (written(definition), written(&known.state));
                let changed = Changed { definition: &definition, state: &state, progress: None };
                if stored(&shared, |store| store.change(id, version, changed))? {
                    shared.webhooks.touch();
                    return Ok(Webhook::of(&shared, &find(&shared, id)?, usize::MAX)?.with_key(key));
                }
            }
            Err(Problem::new(Code::Unavailable).with_detail("It was changed by others meanwhile."))
        })
        .await
    });
    success(rotated.await?)
}

pub(super) async fn remove(State(app): State<App>, Id(id): Id, by: By) -> Done {
    is_there(&app)?;
    let (shared, lane) = (app.shared.clone(), app.lane.clone());
    let removed = alone(&app.shared, async move {
        let within = shared.clone();
        let known = blocking(move || find(&within, id)).await?;
        let before = change::words(&known.definition, &known.state);
        lane.ask(by.asks(Ask::plain(note(id, before, String::new())))).await?;
        blocking(move || {
            stored(&shared, |store| store.remove(id))?;
            shared.webhooks.touch();
            Ok(())
        })
        .await
    });
    removed.await?;
    success(WebhookGone::new(id))
}

fn is_there(app: &App) -> Result<(), Problem> {
    from_level(app.shared.node.views(), level::WEBHOOKS, "Webhooks are there")
}

/// The record of a change.
fn note(webhook: u64, before: String, after: String) -> Command {
    Command::NoteWebhook { webhook, before, after }
}

fn too_many() -> Problem {
    Problem::limit_reached("webhooks", WEBHOOKS_MAX)
}

/// A key, and what of it the receiver has to know.
fn make_key(shared: &Shared, scheme: Scheme, now_ms: u64) -> Result<(Secret, String), Problem> {
    let made = Signer::random().and_then(|bytes| {
        let sealed = shared.tokens.load().seal(SealedFor::Webhook, &bytes)?;
        Ok(Signer::of(scheme, &bytes).map(|signer| (sealed, signer.shown())))
    });
    let Ok(Some((sealed, shown))) = made else {
        tracing::error!("the system gives no random bytes");
        return Err(Problem::new(Code::Unavailable));
    };
    let public = (scheme == Scheme::Ed25519).then(|| shown.clone());
    Ok((Secret { sealed, public, made_at_ms: now_ms, until_ms: None }, shown))
}

/// The place that is named, where it is one; the newest where nobody names any.
fn place(shared: &Shared, from: Option<&str>) -> Result<Option<Cursor>, Problem> {
    let events = shared.node.events();
    let cursor = match from {
        Some("OLDEST") => return Ok(None),
        None | Some("NOW") => return events.newest().map_err(|error| unread(&error)),
        Some(from) => from
            .parse::<Cursor>()
            .map_err(|_| Problem::field("from", "from must be NOW, OLDEST, or the id of an event."))?,
    };
    super::events::check_place(shared, cursor)?;
    Ok(Some(cursor))
}

/// All webhooks.
fn read(shared: &Shared) -> Result<Vec<Known>, Problem> {
    stored(shared, Store::all)?.into_iter().map(Known::of).collect()
}

fn find(shared: &Shared, id: u64) -> Result<Known, Problem> {
    let all: Vec<Stored> = stored(shared, Store::all)?;
    let found = all.into_iter().find(|stored| stored.id == id).ok_or(Problem::new(Code::WebhookNotFound))?;
    Known::of(found)
}

/// Asks the store. Blocks.
fn stored<T>(
    shared: &Shared,
    ask: impl FnOnce(&mut Store) -> Result<T, onsale_node::events::Error>,
) -> Result<T, Problem> {
    let mut store = shared.webhooks.stored.lock().unwrap_or_else(PoisonError::into_inner);
    ask(&mut store).map_err(|error| unread(&error))
}

fn unread(error: &onsale_node::events::Error) -> Problem {
    tracing::warn!(%error, "the webhooks cannot be read or changed");
    Problem::new(Code::Unavailable).with_detail("The webhooks cannot be read or changed just now.")
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(Problem::new(Code::Unavailable)))
}
