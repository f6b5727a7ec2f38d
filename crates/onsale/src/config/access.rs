//! Who a buyer is, and who may charge a wallet: what is open to everybody, and what an entry token has to be.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use onsale_http::entry::{Charge, Digits, Rules};
use onsale_http::login::is_secure;
use onsale_http::token::Secret;

use super::Error;
use super::login::Login;
use super::reader::Reader;

/// The most that clocks may be apart: a token is good for so long after its end.
const LEEWAY_MAX: Duration = Duration::from_secs(300);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Users {
    Open,
    Signed,
}

/// `None` where nobody has said.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub(crate) users: Option<Users>,
    pub(crate) charge: Option<Charge>,
    /// What a shop's tokens have to be, where users are signed and it signs them.
    pub(crate) entry: Option<Entry>,
}

/// What an entry token has to be.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) rules: Rules,
    pub(crate) keys: Keys,
    /// For how long keys are trusted that cannot be fetched again.
    pub(crate) stale_max: Duration,
}

/// What it is signed with.
#[derive(Clone, Debug)]
pub(crate) enum Keys {
    Secret(Secret),
    File(PathBuf),
    Url(String),
}

impl Access {
    /// Where buyers sign in, users are signed.
    pub(super) fn read(reader: &mut Reader<'_>, login: Option<&Login>) -> Self {
        let buyers_sign_in = login.is_some_and(|login| login.settings.buyers.is_some());
        let users = reader.read("access.users", None, |text| match text {
            "" => Ok(None),
            "open" => Ok(Some(Users::Open)),
            "signed" => Ok(Some(Users::Signed)),
            _ => Err(format!("must be open or signed, but is {text:?}")),
        });
        let charge = reader.read("access.charge", None, |text| match text {
            "" => Ok(None),
            "open" => Ok(Some(Charge::Open)),
            "operator" => Ok(Some(Charge::Operator)),
            "off" => Ok(Some(Charge::Off)),
            _ => Err(format!("must be open, operator or off, but is {text:?}")),
        });
        if users == Some(Users::Open) && buyers_sign_in {
            reader.refuse("access.users", "is open, and buyers sign in: leave it out, or set login.buyers = \"off\"");
        }
        let users = if buyers_sign_in { Some(Users::Signed) } else { users };
        let has_shop = ["entry.issuer", "entry.audience", "entry.keys", "entry.secret"];
        let has_shop = !buyers_sign_in || has_shop.into_iter().any(|key| !reader.text(key).is_empty());
        let entry = if users == Some(Users::Signed) && has_shop { Entry::read(reader) } else { None };
        Self { users, charge, entry }
    }

    /// Nobody opens a service to the street without saying so: where it is neither a demo nor on this machine alone, both keys
    /// have to be given.
    ///
    /// # Errors
    /// Where they are not.
    pub(crate) fn check_said(&self, listen: SocketAddr, demo: bool) -> Result<(), Error> {
        if demo || listen.ip().is_loopback() {
            return Ok(());
        }
        let mut problems = Vec::new();
        if self.users.is_none() {
            problems.push(format!(
                "access.users is not given, and others than this machine reach {listen}: write \"signed\", with entry.issuer, \
                 entry.audience and entry.keys or entry.secret; or have buyers sign in (login.issuer); or \"open\", where anybody may \
                 be any user"
            ));
        }
        if self.charge.is_none() {
            problems.push(format!(
                "access.charge is not given, and others than this machine reach {listen}: write \"operator\", where your \
                 shop credits wallets; \"off\"; or \"open\", where everybody may add to their wallet what they like"
            ));
        }
        if problems.is_empty() { Ok(()) } else { Err(Error(problems)) }
    }
}

impl Entry {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        for key in ["entry.issuer", "entry.audience"] {
            if reader.text(key).is_empty() {
                reader.refuse(key, "must be given where access.users is signed");
            }
        }
        let leeway = reader.duration("entry.leeway", Duration::ZERO);
        if leeway > LEEWAY_MAX {
            reader.refuse("entry.leeway", "must be at most 5m: a token is good for so long after its end");
        }
        let kind = reader.text("entry.typ");
        let rules = Rules {
            issuer: reader.text("entry.issuer").to_owned(),
            audience: reader.text("entry.audience").to_owned(),
            kind: (!kind.is_empty()).then(|| kind.to_owned()),
            leeway,
            digits: Digits::Number,
        };
        let stale_max = reader.duration("entry.stale_max", Duration::from_secs(1));
        let secret = reader.secret("entry.secret");
        let keys = reader.text("entry.keys");
        let keys = match (secret, keys.is_empty(), reader.text("entry.secret").is_empty()) {
            (Some(secret), true, _) => Keys::Secret(secret),
            (None, false, true) => Keys::of(reader, keys)?,
            (None, true, true) => {
                reader.refuse("entry.keys", "must be given where access.users is signed, or entry.secret");
                return None;
            }
            // What is wrong with the secret has been said.
            (None, _, false) => return None,
            (Some(_), false, _) => {
                reader.refuse("entry.secret", "is given with entry.keys: leave one of them out");
                return None;
            }
        };
        Some(Self { rules, keys, stale_max })
    }
}

impl Keys {
    fn of(reader: &mut Reader<'_>, text: &str) -> Option<Self> {
        if is_secure(text) {
            return Some(Self::Url(text.to_owned()));
        }
        if text.starts_with("http://") || text.starts_with("https://") {
            reader.refuse(
                "entry.keys",
                "must begin with https:// where it is on another machine: whoever is between could put keys in",
            );
            return None;
        }
        Some(Self::File(text.into()))
    }
}
