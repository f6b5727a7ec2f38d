//! Whether a profile says all that a run needs.

use crate::promises::WITH_A_TOKEN;

use super::form::is_header_name;
use super::{Act, Blank, Call, Form, Item, Profile, VERSION};

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
    if let Some(name) = profile.promises.token_required.unknown() {
        let known: Vec<&str> = WITH_A_TOKEN.into_iter().map(Act::name).collect();
        return Err(format!("promises.token_required: `{name}` is none of {}", known.join(", ")));
    }
    profile.watch.as_ref().map_or(Ok(()), super::Watch::check)?;
    for date in &profile.stage.dates {
        if date.seats == 0 {
            return Err(format!("stage.dates: `{}` has no seats", date.id));
        }
    }
    for act in Act::ALL {
        if let Some(call) = profile.call.get(act) {
            of_call(act, call).map_err(|why| format!("call.{act}.{why}"))?;
            of_group(act, call, profile).map_err(|why| format!("call.{act}.{why}"))?;
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
        || profile.call.schedule.item.price.is_some()
        || profile.call.reserve.out.price.is_some()
        || profile.stage.price.is_some()
        || (!profile.stage.dates.is_empty() && profile.stage.dates.iter().all(|date| date.price.is_some()));
    if !tells_price {
        return Err(
            "stage.price: is needed where none of call.seat.item.price, call.schedule.item.price and call.reserve.out.price is \
             there".to_owned()
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
        if !is_header_name(name) {
            return Err(format!("headers: `{name}` is no name of a header"));
        }
    }
    let Item { schedule, available, seat, price, status } = &call.item;
    let within = [&call.list, schedule, available, seat, price, status];
    if let Some(pointer) = within.into_iter().flatten().find(|pointer| pointer.header().is_some()) {
        return Err(format!("list, item: `{pointer}` is in no list"));
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

/// How several seats are asked for.
fn of_group(act: Act, call: &Call, profile: &Profile) -> Result<(), String> {
    let own = [Some(&call.path), call.body.as_ref()];
    let has_seats = |forms: &[Option<&Form>]| forms.iter().flatten().any(|form| form.has(Blank::Seats));
    if profile.call.reserve.group.is_none() && has_seats(&own) {
        return Err("path: ${seats} is written as call.reserve.group says, and there is none".to_owned());
    }
    let Some(group) = &call.group else { return Ok(()) };
    if act != Act::Reserve {
        return Err("group: is known of call.reserve alone".to_owned());
    }
    let others = [group.path.as_ref(), group.body.as_ref()];
    if group.path.as_ref().is_some_and(|path| !path.begins_with('/')) {
        return Err("group.path: must begin with `/`".to_owned());
    }
    let known = |blank: &Blank| !is_known(act, *blank);
    if let Some(blank) = others.into_iter().flatten().flat_map(Form::blanks).find(known) {
        return Err(format!("group: {blank} is not known when this call is made"));
    }
    if let Some(blank) = group.each.blanks().find(|blank| !matches!(blank, Blank::Seat | Blank::Schedule)) {
        return Err(format!("group.each: {blank} is not known there; it is one seat, ${{seat}} of ${{schedule}}"));
    }
    if !group.each.has(Blank::Seat) {
        return Err("group.each: must have ${seat}, or all seats are one".to_owned());
    }
    let asked = [others[0].or(own[0]), others[1].or(own[1])];
    if !has_seats(&asked) {
        return Err("group: nothing asks for several: ${seats} is in no path and no body of it".to_owned());
    }
    if !(2..=16).contains(&group.most) {
        return Err("group.most: must be from 2 to 16".to_owned());
    }
    Ok(())
}

/// What is known when a call is made.
pub(super) fn is_known(act: Act, blank: Blank) -> bool {
    match blank {
        Blank::User => true,
        Blank::Token => !matches!(act, Act::Token | Act::Register),
        Blank::Schedule | Blank::Seat | Blank::Seats => {
            matches!(act, Act::Reserve | Act::Payment | Act::Cancel) || (act == Act::Seat && blank == Blank::Schedule)
        }
        Blank::Reservation => matches!(act, Act::Payment | Act::Cancel),
        Blank::Amount => matches!(act, Act::Charge | Act::Reserve | Act::Payment),
        Blank::Key => matches!(act, Act::Charge | Act::Reserve | Act::Payment),
        Blank::Entry => act == Act::Token,
        Blank::N => false,
    }
}
