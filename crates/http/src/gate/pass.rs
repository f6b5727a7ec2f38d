//! A pass to a site: a JWT (RFC 7519) signed with Ed25519 (RFC 8037), for one session in the site's queue.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use onsale_domain::ids::{QueueId, TicketId, UserId};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use super::Site;
use crate::pass::issuer;
use crate::token::{self, KeyRing};

/// The header's `typ`, which no other token of this service has (RFC 8725, section 3.11).
const KIND: &str = "onsale-gate+jwt";
/// None is longer.
const BYTES_MAX: usize = 1_024;

/// Whose session it is, and how long the pass is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pass {
    pub(crate) ticket: TicketId,
    pub(crate) user: UserId,
    /// When the ticket was issued, in seconds since 1970.
    pub(crate) issued_at_s: u64,
    /// From when on this service has to be asked again.
    pub(crate) expires_s: u64,
    /// When the session ends, as far as it is known: its end may be put off.
    pub(crate) ends_s: u64,
}

#[derive(Deserialize)]
struct Header<'a> {
    alg: &'a str,
    kid: &'a str,
    typ: &'a str,
}

/// The claims, in the order in which they are signed.
#[derive(Serialize, Deserialize)]
struct Claims<'a> {
    /// `onsale/<16 hex digits>`: the store.
    iss: Cow<'a, str>,
    /// The site's origin.
    aud: Cow<'a, str>,
    /// The session: `<queue>-<number>`.
    sid: Cow<'a, str>,
    /// The visitor, a number of chance.
    sub: Cow<'a, str>,
    /// When the visitor joined.
    auth_time: u64,
    iat: u64,
    exp: u64,
    /// When the session ends however often the pass is renewed, unless its end is put off.
    end: u64,
}

/// A pass that was signed by this store, for whatever site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Authentic {
    pub(super) pass: Pass,
    pub(super) audience: Box<str>,
    /// The key.
    pub(super) key: Box<str>,
}

impl Pass {
    /// The session, as it is called in passes and for the site.
    pub(crate) fn session(&self) -> String {
        format!("{}-{}", self.ticket.queue.0, self.ticket.number)
    }

    /// A pass of this moment for a site.
    pub(crate) fn sign(&self, site: &Site, keys: &KeyRing, store: u64, now_s: u64) -> String {
        let claims = Claims {
            iss: issuer(store).into(),
            aud: site.origin.as_str().into(),
            sid: self.session().into(),
            sub: self.user.0.to_string().into(),
            auth_time: self.issued_at_s,
            iat: now_s,
            exp: self.expires_s,
            end: self.ends_s,
        };
        let claims = serde_json::to_string(&claims).expect("numbers and texts");
        keys.gate_signers().next().expect("a ring has a key").jwt(KIND, &claims)
    }

    /// The same session, for as long as a pass may be good from now on.
    pub(crate) fn renewed(self, now_s: u64, ttl_s: u64, ends_s: u64) -> Self {
        Self { expires_s: (now_s + ttl_s).min(ends_s), ends_s, ..self }
    }

    /// The same as what a queue token says.
    pub(crate) fn claims(&self) -> token::Claims {
        token::Claims { ticket: self.ticket, user: self.user, issued_at_s: self.issued_at_s }
    }
}

/// What a text says that this store has signed as a pass; `None` for any other.
pub(super) fn authentic(text: &str, keys: &KeyRing, store: u64) -> Option<Authentic> {
    if text.len() > BYTES_MAX {
        return None;
    }
    let (signed, signature) = text.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let decode = |text| URL_SAFE_NO_PAD.decode(text).ok();
    let (header, claims) = (decode(header)?, decode(claims)?);
    let header: Header<'_> = serde_json::from_slice(&header).ok()?;
    let key = keys.gate_signers().find(|key| key.id == header.kid)?;
    if header.alg != "EdDSA" || header.typ != KIND {
        return None;
    }
    UnparsedPublicKey::new(&ED25519, key.public()).verify(signed.as_bytes(), &decode(signature)?).ok()?;
    let claims: Claims<'_> = serde_json::from_slice(&claims).ok()?;
    let (queue, number) = claims.sid.split_once('-')?;
    let ticket = TicketId { queue: QueueId(queue.parse().ok()?), number: number.parse().ok()? };
    let pass = Pass {
        ticket,
        user: UserId(claims.sub.parse().ok()?),
        issued_at_s: claims.auth_time,
        expires_s: claims.exp,
        ends_s: claims.end,
    };
    let is_ours = claims.iss == issuer(store);
    is_ours.then(|| Authentic { pass, audience: (&*claims.aud).into(), key: key.id.as_str().into() })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::gate::{OnFailure, Rules};
    use crate::look::Look;
    use crate::token::Secret;

    pub(in crate::gate) const PASS: Pass = Pass {
        ticket: TicketId { queue: QueueId(3), number: 4_711 },
        user: UserId(1 << 51),
        issued_at_s: 1_000,
        expires_s: 2_000,
        ends_s: 3_000,
    };

    pub(in crate::gate) fn site(name: &str) -> Site {
        Site {
            name: name.to_owned(),
            origin: format!("https://{name}.example"),
            queue: "default".to_owned(),
            guests: None,
            enter: "/.onsale/enter".to_owned(),
            on_failure: OnFailure::Closed,
            rules: Rules::default(),
            look: Look::default(),
            standby: None,
        }
    }

    pub(in crate::gate) fn ring(store: u64, keys: &[char]) -> KeyRing {
        let keys: Vec<_> =
            keys.iter().map(|key| Secret::new(key.to_string().repeat(32)).expect("long enough")).collect();
        KeyRing::new(store, &keys[0], &keys[1..])
    }

    #[test]
    fn what_was_signed_is_read_and_any_changed_byte_is_refused() {
        let keys = ring(7, &['a']);
        let text = PASS.sign(&site("shop"), &keys, 7, 1_500);
        let read = authentic(&text, &keys, 7).expect("a pass");
        assert_eq!((read.pass, &*read.audience), (PASS, "https://shop.example"));
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(authentic(&changed, &keys, 7), None, "byte {at}");
        }
        for nothing in ["", ".", "..", "a.b.c", "e30.e30.", &"x".repeat(BYTES_MAX + 1)] {
            assert_eq!(authentic(nothing, &keys, 7), None, "{nothing}");
        }
    }

    #[test]
    fn neither_another_store_nor_a_ticket_nor_another_kind_is_a_pass() {
        let keys = ring(7, &['a']);
        let text = PASS.sign(&site("shop"), &keys, 7, 1_500);
        assert_eq!(authentic(&text, &ring(8, &['a']), 8), None, "another store with the same key");
        assert_eq!(authentic(&text, &ring(7, &['b']), 7), None);
        assert!(authentic(&text, &ring(7, &['b', 'a']), 7).is_some(), "a key of before");
        let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(text.split('.').nth(1).expect("claims")).expect("text"));
        let claims = claims.expect("text");
        let of = |signer: &crate::pass::Signer, kind| signer.jwt(kind, &claims);
        let gate = keys.gate_signers().next().expect("a key");
        assert!(authentic(&of(gate, KIND), &keys, 7).is_some());
        assert_eq!(authentic(&of(gate, "JWT"), &keys, 7), None, "another kind");
        let tickets = keys.pass_signers().next().expect("a key");
        assert_eq!(authentic(&of(tickets, KIND), &keys, 7), None, "the key of tickets to concerts");
        let unsigned = format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"none","kid":"{}","typ":"{KIND}"}}"#, gate.id)),
            URL_SAFE_NO_PAD.encode(&claims)
        );
        assert_eq!(authentic(&unsigned, &keys, 7), None);
    }

    #[test]
    fn a_pass_is_never_good_beyond_the_end_of_its_session() {
        assert_eq!(PASS.renewed(1_900, 300, 3_000).expires_s, 2_200);
        assert_eq!(PASS.renewed(2_900, 300, 3_000).expires_s, 3_000);
    }
}
