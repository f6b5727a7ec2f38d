//! An operator who has signed in: a cookie that no script can read, and that opens nothing to a page of another site.

use std::time::Duration;

use http::HeaderMap;
use onsale_catalog::{shows_nothing, turns_text};
use onsale_domain::ids::KeyId;
use onsale_domain::operator::{NAME_CHARS_MAX, Role};
use serde::{Deserialize, Serialize};

use super::identity::Identity;
use super::roles;
use crate::cookie::{self, SameSite};
use crate::entry::known_by;
use crate::token::{KeyRing, SealedBy, SealedFor};

const COOKIE: &str = "onsale-ops";

/// Who they are, and until when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// Stands for them on record, as a key's does for its owner.
    id: u32,
    name: String,
    role: String,
    until_s: f64,
}

/// A name that can be read on record, and is all that it seems.
fn readable(name: &str) -> Option<String> {
    let is_plain = !name.chars().any(|c| c.is_control() || turns_text(c)) && !shows_nothing(name);
    is_plain.then(|| name.trim().chars().take(NAME_CHARS_MAX).collect::<String>().trim_end().to_owned())
}

impl Session {
    pub(super) fn new(issuer: &str, identity: &Identity, role: Role, now_s: f64, lives: Duration) -> Self {
        let [a, b, c, d, ..] = known_by(b"sub", issuer, &identity.subject);
        let id = u32::from_be_bytes([a, b, c, d]);
        let name = identity.names().find_map(readable).unwrap_or_else(|| format!("{id:08x}"));
        Self { id, name, role: roles::name(role).to_owned(), until_s: now_s + lives.as_secs_f64() }
    }

    pub(super) fn cookie(&self, tokens: &KeyRing, is_https: bool, lives: Duration) -> Result<String, getrandom::Error> {
        let text = serde_json::to_vec(self).expect("it is made of what JSON has");
        let sealed = tokens.seal(SealedFor::Session, &text)?;
        Ok(cookie::set(COOKIE, &sealed, is_https, SameSite::Strict, lives))
    }

    /// That of the browser, as long as it lasts: a rotation of the token key ends it, too.
    pub(super) fn of(headers: &HeaderMap, tokens: &KeyRing, is_https: bool, now_s: f64) -> Option<Self> {
        let sealed = cookie::get(headers, COOKIE, is_https)?;
        let text = tokens.open(SealedFor::Session, sealed, SealedBy::Current)?;
        serde_json::from_slice(&text).ok().filter(|session: &Self| now_s < session.until_s)
    }

    pub(crate) fn id(&self) -> KeyId {
        KeyId(self.id)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn role(&self) -> Option<Role> {
        roles::role(&self.role)
    }
}

pub(super) fn end(is_https: bool) -> String {
    cookie::set(COOKIE, "", is_https, SameSite::Strict, Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_on_record_can_be_read() {
        assert_eq!(readable(" Kim ").as_deref(), Some("Kim"));
        assert_eq!(readable(&"김".repeat(70)).map(|name| name.chars().count()), Some(NAME_CHARS_MAX));
        for hidden in ["", "  ", "a\nb", "\u{202e}miK"] {
            assert_eq!(readable(hidden), None, "{hidden:?}");
        }
    }
}
