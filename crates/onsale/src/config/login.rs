//! The identity provider with which buyers and operators sign in.

use std::path::PathBuf;
use std::time::Duration;

use onsale_http::login::{Operators, Role, Roles, Settings, is_secure, role};

use super::reader::Reader;

/// How long an operator may stay signed in: the provider is not asked again meanwhile.
const SESSION: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(24 * 3_600)];

/// Where the client's secret is.
#[derive(Clone, Debug)]
pub(crate) enum ClientSecret {
    None,
    Given(onsale_http::login::ClientSecret),
    File(PathBuf),
}

#[derive(Clone, Debug)]
pub(crate) struct Login {
    /// All but the secret, which may be in a file.
    pub(crate) settings: Settings,
    pub(crate) secret: ClientSecret,
}

impl Login {
    /// `None` where there is no provider.
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let issuer = reader.text("login.issuer");
        if issuer.is_empty() {
            return None;
        }
        if !is_secure(issuer) || issuer.contains(['?', '#']) {
            reader.refuse("login.issuer", "must be an address that begins with https://, or is this machine's own");
        }
        let client_id = reader.text("login.client_id");
        if client_id.is_empty() {
            reader.refuse("login.client_id", "must be given with login.issuer");
        }
        let scopes = reader.read("login.scopes", String::new(), scopes);
        let does_sign_in = reader.read("login.buyers", true, |text| match text {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => Err(format!("must be on or off, but is {text:?}")),
        });
        let origin = reader.read("login.origin", None, self::origin);
        let admin_origin = reader.read("login.admin_origin", None, self::origin);
        let buyers = if does_sign_in { origin.clone() } else { None };
        if does_sign_in && reader.text("login.origin").is_empty() {
            reader.refuse("login.origin", "must be given where buyers sign in: the provider sends them back to it");
        }
        if does_sign_in && reader.text("page.join") == "off" {
            reader.refuse("page.join", "is off, and buyers sign in to join: set login.buyers = \"off\"");
        }
        let operators = operators(reader, admin_origin.or(origin));
        if !does_sign_in && operators.is_none() {
            reader
                .refuse("login.buyers", "is off, and no operator signs in (login.roles, login.operators): nobody does");
        }
        let settings = Settings {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            secret: None,
            scopes,
            leeway: reader.duration("entry.leeway", Duration::ZERO),
            stale_max: reader.duration("entry.stale_max", Duration::from_secs(1)),
            buyers,
            operators,
        };
        Some(Self { settings, secret: secret(reader) })
    }
}

fn secret(reader: &mut Reader<'_>) -> ClientSecret {
    let (text, file) = (reader.text("login.client_secret"), reader.text("login.client_secret_file"));
    match (text.is_empty(), file.is_empty()) {
        (true, true) => ClientSecret::None,
        (true, false) => ClientSecret::File(file.into()),
        (false, true) => ClientSecret::Given(onsale_http::login::ClientSecret::new(text)),
        (false, false) => {
            reader.refuse("login.client_secret", "is given with login.client_secret_file: leave one of them out");
            ClientSecret::None
        }
    }
}

fn scopes(text: &str) -> Result<String, String> {
    let scopes: Vec<&str> = text.split_whitespace().collect();
    if scopes.contains(&"openid") {
        Ok(scopes.join(" "))
    } else {
        Err(format!("must have openid among them, but is {text:?}"))
    }
}

/// `None` where it is empty.
pub(super) fn origin(text: &str) -> Result<Option<String>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let uri = text.parse::<ureq::http::Uri>().ok().filter(|_| is_secure(text));
    let bare = uri.filter(|uri| {
        let is_bare = uri.path() == "/" && uri.query().is_none() && !text.contains('#');
        is_bare && uri.authority().is_some_and(|authority| is_host_and_port(authority.as_str()))
    });
    bare.map(|_| Some(text.trim_end_matches('/').to_owned()))
        .ok_or_else(|| format!("must be such as https://tickets.example, without a path, but is {text:?}"))
}

/// Whether it is a host as browsers write it, and a port that there is, if any.
fn is_host_and_port(authority: &str) -> bool {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port);
    let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)),
    };
    is_host && port.is_none_or(is_port)
}

/// `None` where no operator signs in.
fn operators(reader: &mut Reader<'_>, origin: Option<String>) -> Option<Operators> {
    let claim = reader.text("login.role_claim").to_owned();
    let by_value = reader.read("login.roles", Vec::new(), roles);
    let by_person = reader.read("login.operators", Vec::new(), roles);
    let session = reader.duration("login.session", SESSION[0]);
    if session > SESSION[1] {
        reader.refuse("login.session", "must be at most 24h: the provider is not asked again meanwhile");
    }
    if by_value.is_empty() && by_person.is_empty() {
        if !claim.is_empty() && reader.text("login.roles").is_empty() {
            reader.refuse("login.role_claim", "is given without login.roles");
        }
        return None;
    }
    if !by_value.is_empty() && claim.is_empty() {
        reader.refuse("login.role_claim", "must be given with login.roles: the claim whose values they are");
    }
    let is_said = !reader.text("login.origin").is_empty() || !reader.text("login.admin_origin").is_empty();
    if !is_said {
        reader.refuse("login.admin_origin", "must be given where operators sign in, or login.origin");
    }
    Some(Operators { origin: origin.unwrap_or_default(), roles: Roles { claim, by_value, by_person }, session })
}

/// Pairs with commas between them.
fn roles(text: &str) -> Result<Vec<(String, Role)>, String> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    let parse = |pair: &str| {
        let (name, named) =
            pair.rsplit_once('=').ok_or_else(|| format!("must be as in staff=desk, but has {pair:?}"))?;
        let named = named.trim();
        let role = role(named).ok_or_else(|| {
            format!("must name one of the roles viewer, gate, desk, finance and admin, but has {named:?}")
        })?;
        match name.trim() {
            "" => Err(format!("must say who is {named}, but has {pair:?}")),
            name => Ok((name.to_owned(), role)),
        }
    };
    pairs.map(parse).collect()
}
