//! The sites before which gates stand: `gate.sites.NAME.…`, as many as there are.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use onsale_http::gate::{Band, OfFigure, OnFailure, Rule, Rules, Settings, Site, Standby, Threshold};
use onsale_http::look::{Look, Words};
use onsale_http::shared::BuyersPage;

use super::layers::Layers;
use super::login::origin;
use super::page;
use super::reader::{Reader, duration, integer};

/// What stands before the names of sites.
const SITES: &str = "gate.sites.";
/// The keys of a site, and what they are where they are left out.
const KEYS: [(&str, &str); 18] = [
    ("origin", ""),
    ("queue", ""),
    ("guests", ""),
    ("enter", "/.onsale/enter"),
    ("fail", "closed"),
    ("only", ""),
    ("free", ""),
    ("title", ""),
    ("color", ""),
    ("logo", ""),
    ("welcome_en", ""),
    ("welcome_ko", ""),
    ("standby_above", ""),
    ("standby_below", ""),
    ("standby_calm", "30s"),
    ("standby_figure_above", ""),
    ("standby_figure_below", ""),
    ("standby_figure_good_for", "30s"),
];
/// The most sites.
const SITES_MAX: usize = 100;
const NAME_CHARS_MAX: usize = 64;
/// The most requests in a second that a standby counts to.
const RATE_MAX: u64 = 1_000_000;
/// The largest figure that a site says of itself.
const FIGURE_MAX: u64 = 1_000_000_000;
/// How long a gate on standby holds at least, and how long a figure counts.
const CALM: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3_600)];
/// How long a pass may be good without this service being asked.
const PASS_TTL: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(3_600)];

/// What a key of a site is where it is left out; `None` where it is no such key.
pub(super) fn default_of(key: &str) -> Option<&'static str> {
    let (name, key) = key.strip_prefix(SITES)?.split_once('.')?;
    let is_name = (1..=NAME_CHARS_MAX).contains(&name.len()) && name.bytes().all(is_of_name);
    KEYS.iter().find(|(known, _)| is_name && *known == key).map(|(_, default)| *default)
}

fn is_of_name(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-')
}

fn is_queue(name: &str) -> bool {
    name.len() <= NAME_CHARS_MAX && name.bytes().all(is_of_name)
}

fn not_a_queue(name: &str) -> String {
    format!("must be a queue's name, of a-z, 0-9, - and _, but is {name:?}")
}

/// The host of an origin, without its port.
fn host_of(origin: &str) -> Option<String> {
    origin.parse::<ureq::http::Uri>().ok()?.host().map(str::to_ascii_lowercase)
}

/// `None` where there are no sites. What a site does not say of itself is as on the buyer's page.
pub(super) fn read(reader: &mut Reader<'_>, layers: &Layers, page: &BuyersPage) -> Option<Settings> {
    let names: BTreeSet<_> = layers.names_below(SITES).collect();
    let ours = reader.read("gate.origin", None, origin);
    let pass_ttl = reader.duration("gate.pass_ttl", PASS_TTL[0]);
    if pass_ttl > PASS_TTL[1] {
        reader.refuse("gate.pass_ttl", "must be at most 1h: for so long a pass opens a site whose worker does not ask");
    }
    if names.is_empty() {
        return None;
    }
    if reader.text("gate.origin").is_empty() {
        reader.refuse("gate.origin", "must be given with gate.sites: where their visitors wait");
    }
    if names.len() > SITES_MAX {
        reader.refuse("gate.origin", "is given with more than 100 sites");
    }
    let mut sites: Vec<Site> = Vec::new();
    for name in names {
        let site = site(reader, layers, name, page);
        let host = host_of(&site.origin);
        // A cookie is its host's, whatever the port: each would take the other's pass for its own.
        if host.is_some() && sites.iter().any(|known| host_of(&known.origin) == host) {
            reader.refuse_at(
                &format!("{SITES}{name}.origin"),
                "is on the host of another site, whose cookies it would share",
            );
        }
        if !site.origin.is_empty() && ours.as_deref() == Some(&*site.origin) {
            reader.refuse_at(&format!("{SITES}{name}.origin"), "is gate.origin, where the visitors wait");
        }
        sites.push(site);
    }
    Some(Settings { origin: ours.unwrap_or_default(), pass_ttl, sites })
}

/// Reads the keys of a site.
struct Keys<'k, 'l> {
    reader: &'k mut Reader<'l>,
    layers: &'k Layers,
    site: &'k str,
}

impl Keys<'_, '_> {
    /// The default, where what is given is refused.
    fn read<T>(&mut self, key: &str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let key = format!("{SITES}{}.{key}", self.site);
        let text = self.layers.text_of(&key).or_else(|| default_of(&key)).unwrap_or_default();
        match parse(text) {
            Ok(value) => Some(value),
            Err(what) => {
                self.reader.refuse_at(&key, &what);
                None
            }
        }
    }
}

fn site(reader: &mut Reader<'_>, layers: &Layers, name: &str, page: &BuyersPage) -> Site {
    let mut keys = Keys { reader, layers, site: name };
    let origin = keys.read("origin", |text| match origin(text)? {
        Some(origin) => Ok(origin.to_ascii_lowercase()),
        None => Err("must be given: where browsers reach the site, such as https://shop.example".to_owned()),
    });
    let queue = keys.read("queue", |text| match text {
        "" => Ok(name.to_owned()),
        _ if is_queue(text) => Ok(text.to_owned()),
        _ => Err(not_a_queue(text)),
    });
    let guests = keys.read("guests", |text| match text {
        "" => Ok(None),
        _ if !is_queue(text) => Err(not_a_queue(text)),
        _ if Some(text) == queue.as_deref() => Err("must be another queue than that of all visitors".to_owned()),
        _ => Ok(Some(text.to_owned())),
    });
    let enter = keys.read("enter", |text| {
        // One that proxies and browsers leave as it is: they resolve `..`, and may take `//` for `/`.
        let is_path = text.len() > 1
            && text.starts_with('/')
            && !text.contains("//")
            && text.split('/').all(|part| part != "." && part != "..")
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._~-".contains(&byte));
        if is_path {
            Ok(text.to_owned())
        } else {
            Err(format!("must be a path of the site such as /.onsale/enter, but is {text:?}"))
        }
    });
    let fail = keys.read("fail", |text| match text {
        "open" => Ok(OnFailure::Open),
        "closed" => Ok(OnFailure::Closed),
        _ => Err(format!("must be open or closed, but is {text:?}")),
    });
    let only = keys.read("only", Rule::list).unwrap_or_default();
    let free = keys.read("free", Rule::list).unwrap_or_default();
    Site {
        name: name.to_owned(),
        origin: origin.unwrap_or_default(),
        queue: queue.unwrap_or_default(),
        guests: guests.flatten(),
        enter: enter.unwrap_or_default(),
        on_failure: fail.unwrap_or(OnFailure::Closed),
        rules: Rules { only, free },
        look: look(&mut keys, page),
        standby: standby(&mut keys, fail).map(|threshold| Arc::new(Standby::new(threshold))),
    }
}

/// What the waiting page shows: the site's own, and what the buyer's page shows where the site has none.
fn look(keys: &mut Keys<'_, '_>, page: &BuyersPage) -> Look {
    let title = keys.read("title", page::title).flatten();
    let logo = keys.read("logo", page::logo).flatten();
    let color = keys.read("color", page::color).flatten();
    let welcome =
        Words { en: keys.read("welcome_en", page::line).flatten(), ko: keys.read("welcome_ko", page::line).flatten() };
    if logo.is_some() && title.is_none() {
        let key = format!("{SITES}{}.title", keys.site);
        keys.reader.refuse_at(&key, "must be given with the site's logo: it is what those are told who do not see it");
    }
    // Whoever has a name of its own does not have another's logo.
    let (title, logo) = if title.is_some() { (title, logo) } else { (page.title.clone(), page.logo.clone()) };
    let welcome = if welcome == Words::default() { page.welcome.clone() } else { welcome };
    Look { title, color: color.or_else(|| page.color.clone()), logo, welcome }
}

/// `None` where the gate always holds.
fn standby(keys: &mut Keys<'_, '_>, fail: Option<OnFailure>) -> Option<Threshold> {
    let requests = band(keys, ["standby_above", "standby_below"], RATE_MAX);
    let figure = band(keys, ["standby_figure_above", "standby_figure_below"], FIGURE_MAX);
    let [calm, good_for] = ["standby_calm", "standby_figure_good_for"].map(|key| {
        keys.read(key, |text| {
            let calm = duration(text, CALM[0])?;
            if calm > CALM[1] { Err(format!("must be at most 1h, but is {text:?}")) } else { Ok(calm) }
        })
        .unwrap_or(CALM[0])
    });
    let holds_in_silence = fail != Some(OnFailure::Open);
    let figure = figure.map(|band| OfFigure { band, good_for, holds_in_silence });
    (requests.is_some() || figure.is_some()).then_some(Threshold { requests, figure, calm })
}

fn band(keys: &mut Keys<'_, '_>, [key_above, key_below]: [&str; 2], max: u64) -> Option<Band> {
    let number = |text: &str| match text {
        "" => Ok(None),
        _ => integer(text, 1, max).map(|number| Some(number as u32)),
    };
    let [above, below] = [key_above, key_below].map(|key| keys.read(key, number).flatten());
    let mut refuse = |key: &str, what: &str| {
        let key = format!("{SITES}{}.{key}", keys.site);
        keys.reader.refuse_at(&key, what);
    };
    match (above, below) {
        (None, Some(_)) => refuse(key_above, &format!("must be given with {key_below}")),
        (Some(above), Some(below)) if below > above => {
            refuse(key_below, &format!("must not be more than {key_above}: the gate would open while it holds"));
        }
        _ => {}
    }
    above.map(|above| Band { above, below: below.unwrap_or(above.div_ceil(2)) })
}
