//! The sites before which gates stand: `gate.sites.NAME.…`, as many as there are.

use std::collections::BTreeSet;
use std::time::Duration;

use onsale_http::gate::{OnFailure, Settings, Site};

use super::layers::Layers;
use super::login::origin;
use super::reader::Reader;

/// What stands before the names of sites.
const SITES: &str = "gate.sites.";
/// The keys of a site, and what they are where they are left out.
const KEYS: [(&str, &str); 4] = [("origin", ""), ("queue", ""), ("enter", "/.onsale/enter"), ("fail", "closed")];
/// The most sites.
const SITES_MAX: usize = 100;
const NAME_CHARS_MAX: usize = 64;
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

/// The host of an origin, without its port.
fn host_of(origin: &str) -> Option<String> {
    origin.parse::<ureq::http::Uri>().ok()?.host().map(str::to_ascii_lowercase)
}

/// `None` where there are no sites.
pub(super) fn read(reader: &mut Reader<'_>, layers: &Layers) -> Option<Settings> {
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
        let site = site(reader, layers, name);
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

fn site(reader: &mut Reader<'_>, layers: &Layers, name: &str) -> Site {
    let mut read = |key: &'static str, check: &dyn Fn(&str) -> Result<(), String>| {
        let key = format!("{SITES}{name}.{key}");
        let text = layers.text_of(&key).or_else(|| default_of(&key)).unwrap_or_default();
        if let Err(what) = check(text) {
            reader.refuse_at(&key, &what);
        }
        text.to_owned()
    };
    let origin = read("origin", &|text| match origin(text) {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err("must be given: where browsers reach the site, such as https://shop.example".to_owned()),
        Err(what) => Err(what),
    });
    let queue = read("queue", &|text| {
        let is_name = text.len() <= NAME_CHARS_MAX && text.bytes().all(is_of_name);
        if is_name { Ok(()) } else { Err(format!("must be a queue's name, of a-z, 0-9, - and _, but is {text:?}")) }
    });
    let enter = read("enter", &|text| {
        let is_path = text.starts_with('/')
            && !text.starts_with("//")
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._~-".contains(&byte));
        if is_path {
            Ok(())
        } else {
            Err(format!("must be a path of the site such as /.onsale/enter, but is {text:?}"))
        }
    });
    let fail = read("fail", &|text| match text {
        "open" | "closed" => Ok(()),
        _ => Err(format!("must be open or closed, but is {text:?}")),
    });
    Site {
        name: name.to_owned(),
        origin: origin.trim_end_matches('/').to_ascii_lowercase(),
        queue: if queue.is_empty() { name.to_owned() } else { queue },
        enter,
        on_failure: if fail == "open" { OnFailure::Open } else { OnFailure::Closed },
    }
}
