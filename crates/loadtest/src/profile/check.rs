//! Whether a profile says all that a run needs.

use super::{Act, Blank, Call, Profile, VERSION};

/// The first thing that is missing or cannot be, with its field.
pub(super) fn check(profile: &Profile) -> Result<(), String> {
    if profile.profile != VERSION {
        return Err(format!("profile: this program reads form {VERSION}, and the file is of form {}", profile.profile));
    }
    if profile.wire.success.is_empty() {
        return Err("wire.success: must name at least one status".to_owned());
    }
    users(profile)?;
    entry(profile)?;
    profile.watch.as_ref().map_or(Ok(()), super::Watch::check)?;
    for date in &profile.stage.dates {
        if date.seats == 0 {
            return Err(format!("stage.dates: `{}` has no seats", date.id));
        }
    }
    for act in Act::ALL {
        if let Some(call) = profile.call.get(act) {
            of_call(act, call).map_err(|why| format!("call.{act}.{why}"))?;
        }
    }
    if profile.words.status.is_empty() {
        return Err("words.status: must say what the words of call.check.out.status mean".to_owned());
    }
    let shows_status = profile.call.seat.item.status.is_some();
    if shows_status && profile.words.seat.is_empty() {
        return Err("words.seat: must say what the words of call.seat.item.status mean".to_owned());
    }
    let tells_price = profile.call.seat.item.price.is_some()
        || profile.call.reserve.out.price.is_some()
        || profile.stage.price.is_some()
        || (!profile.stage.dates.is_empty() && profile.stage.dates.iter().all(|date| date.price.is_some()));
    if !tells_price {
        return Err(
            "stage.price: is needed where neither call.seat.item.price nor call.reserve.out.price is there".to_owned()
        );
    }
    Ok(())
}

fn users(profile: &Profile) -> Result<(), String> {
    const MAX: u64 = 1 << 53;
    let users = &profile.users;
    if let Some(blank) = users.form.blanks().find(|&blank| blank != Blank::N) {
        return Err(format!("users.form: {blank} is not known there; a user is written from ${{n}}"));
    }
    if !users.form.has(Blank::N) {
        return Err("users.form: must have ${n}, or all users are one".to_owned());
    }
    if users.count == 0 || users.first.saturating_add(users.count) > MAX {
        return Err(format!("users.count: must be from 1 on, and the last number below {MAX}"));
    }
    let (registers, hooks) = (profile.has(Act::Register), &profile.hooks);
    match users.prepare {
        None if registers || hooks.users.is_some() => {
            let by = if registers { "call.register" } else { "hooks.users" };
            return Err(format!("users.prepare: is needed where there is {by}: how many are to be made?"));
        }
        Some(_) if !registers && hooks.users.is_none() => {
            return Err("users.prepare: nothing makes them: neither call.register nor hooks.users is there".to_owned());
        }
        Some(count) if count == 0 || count > users.count => {
            return Err(format!("users.prepare: must be from 1 to users.count, which is {}", users.count));
        }
        Some(_) | None => {}
    }
    if let Some(field) = hooks.empty() {
        return Err(format!("{field}: is empty"));
    }
    Ok(())
}

fn entry(profile: &Profile) -> Result<(), String> {
    let token = &profile.call.token;
    let forms = std::iter::once(&token.path).chain(token.headers.values()).chain(&token.body);
    let is_used = forms.into_iter().any(|form| form.has(Blank::Entry));
    match &profile.entry {
        None if is_used => Err("call.token: ${entry} is signed as [entry] says, and there is none".to_owned()),
        Some(_) if !is_used => Err("entry: nothing uses it: ${entry} belongs into call.token".to_owned()),
        Some(entry) => entry.check(),
        None => Ok(()),
    }
}

fn of_call(act: Act, call: &Call) -> Result<(), String> {
    if !call.path.begins_with('/') {
        return Err("path: must begin with `/`".to_owned());
    }
    let headers = call.headers.iter();
    let forms = [("path".to_owned(), &call.path)]
        .into_iter()
        .chain(headers.map(|(name, form)| (format!("headers.{name}"), form)))
        .chain(call.body.as_ref().map(|form| ("body".to_owned(), form)));
    for (field, form) in forms {
        if let Some(blank) = form.blanks().find(|&blank| !is_known(act, blank)) {
            return Err(format!("{field}: {blank} is not known when this call is made"));
        }
    }
    for name in call.headers.keys() {
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_name {
            return Err(format!("headers: `{name}` is no name of a header"));
        }
    }
    let missing = |is_there: bool, field: &str| {
        if is_there { Ok(()) } else { Err(format!("{field}: is missing: where does the answer keep it?")) }
    };
    match act {
        Act::Token => missing(call.out.token.is_some(), "out.token"),
        Act::Check => missing(call.out.status.is_some(), "out.status"),
        Act::Balance => missing(call.out.amount.is_some(), "out.amount"),
        Act::Reserve => missing(call.out.reservation.is_some(), "out.reservation"),
        Act::Schedule => {
            missing(call.list.is_some(), "list")?;
            missing(call.item.schedule.is_some(), "item.schedule")
        }
        Act::Seat => {
            missing(call.list.is_some(), "list")?;
            missing(call.item.seat.is_some(), "item.seat")
        }
        Act::Charge | Act::Payment | Act::Leave | Act::Cancel | Act::Register => Ok(()),
    }
}

/// What is known when a call is made.
pub(super) fn is_known(act: Act, blank: Blank) -> bool {
    match blank {
        Blank::User => true,
        Blank::Token => !matches!(act, Act::Token | Act::Register),
        Blank::Schedule | Blank::Seat => {
            matches!(act, Act::Reserve | Act::Payment | Act::Cancel) || (act == Act::Seat && blank == Blank::Schedule)
        }
        Blank::Reservation => matches!(act, Act::Payment | Act::Cancel),
        Blank::Amount => matches!(act, Act::Charge | Act::Reserve | Act::Payment),
        Blank::Key => matches!(act, Act::Charge | Act::Reserve | Act::Payment),
        Blank::Entry => act == Act::Token,
        Blank::N => false,
    }
}
