//! What a token's header says.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::claims::invalid;
use crate::problem::{Code, Problem};

/// No entry token is longer.
const TOKEN_BYTES_MAX: usize = 8 << 10;

/// What a token's header says. It chooses among the keys there are, and nothing else.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Head<'a> {
    pub(super) alg: Cow<'a, str>,
    pub(super) kid: Option<Cow<'a, str>>,
    pub(super) typ: Option<Cow<'a, str>>,
    /// Extensions that whoever reads it has to understand. There are none here.
    pub(super) has_crit: bool,
    /// It says more than that.
    pub(super) has_more: bool,
}

/// A text that is borrowed where it has no escapes, also where it may be `null`.
#[derive(Debug, Deserialize)]
pub(super) struct Name<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

impl<'a> Head<'a> {
    /// `bytes` is room for the header's text.
    ///
    /// # Errors
    /// Where it is no JWS, is not signed, or wants something of its reader that this one cannot do.
    pub(super) fn of(token: &str, bytes: &'a mut Vec<u8>) -> Result<Self, Problem> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(invalid(format!("The entry token is longer than {TOKEN_BYTES_MAX} bytes.")));
        }
        Self::of_any(token, bytes)
    }

    /// The same of a token of any length.
    ///
    /// # Errors
    /// As [`Head::of`].
    pub(crate) fn of_any(token: &str, bytes: &'a mut Vec<u8>) -> Result<Self, Problem> {
        let encoded = token.split_once('.').map(|(head, _)| head);
        let is_read = encoded.is_some_and(|head| URL_SAFE_NO_PAD.decode_vec(head, bytes).is_ok());
        let head: Option<Self> = if is_read { serde_json::from_slice(bytes).ok() } else { None };
        let head = head.ok_or_else(|| invalid("It is no JWS in its compact form."))?;
        if head.alg.eq_ignore_ascii_case("none") {
            return Err(Problem::new(Code::EntryTokenUnsigned));
        }
        if head.has_crit {
            return Err(invalid("Its header names extensions (crit), and none is known here."));
        }
        Ok(head)
    }

    /// Whether the token says that it is of this kind (RFC 7515, section 4.1.9): without regard to case, and `application/` may
    /// be left out.
    pub(super) fn is_of_kind(&self, kind: &str) -> bool {
        self.typ.as_deref().is_some_and(|typ| bare(typ).eq_ignore_ascii_case(bare(kind)))
    }
}

fn bare(typ: &str) -> &str {
    const PREFIX: &str = "application/";
    match typ.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
        _ => typ,
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Head<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeadVisitor)
    }
}

struct HeadVisitor;

impl<'de> Visitor<'de> for HeadVisitor {
    type Value = Head<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Head<'de>, A::Error> {
        let (mut alg, mut kid, mut typ, mut crit) = (None, None, None, None);
        let mut has_more = false;
        while let Some(Name(name)) = map.next_key()? {
            let was_there = match &*name {
                "alg" => alg.replace(map.next_value::<Name<'_>>()?).is_some(),
                "kid" => kid.replace(map.next_value::<Option<Name<'_>>>()?).is_some(),
                "typ" => typ.replace(map.next_value::<Option<Name<'_>>>()?).is_some(),
                "crit" => crit.replace(map.next_value::<Option<IgnoredAny>>()?).is_some(),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    has_more = true;
                    false
                }
            };
            if was_there {
                return Err(A::Error::custom("a name is there twice"));
            }
        }
        let Some(Name(alg)) = alg else { return Err(A::Error::missing_field("alg")) };
        let text = |value: Option<Option<Name<'de>>>| value.flatten().map(|Name(text)| text);
        Ok(Head { alg, kid: text(kid), typ: text(typ), has_crit: crit.flatten().is_some(), has_more })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, bool)> {
        let token = format!("{}.e30.", URL_SAFE_NO_PAD.encode(text));
        let mut bytes = Vec::new();
        let head = Head::of(&token, &mut bytes).ok()?;
        let [kid, typ] = [&head.kid, &head.typ].map(|text| text.as_deref().unwrap_or("-"));
        Some((format!("{} {kid} {typ}", head.alg), head.has_more))
    }

    #[test]
    fn a_header_is_an_object_that_says_each_thing_once() {
        for (text, expected) in [
            (r#"{"alg":"HS256"}"#, Some(("HS256 - -", false))),
            (r#"{"typ":"JWT","alg":"HS256","kid":"a"}"#, Some(("HS256 a JWT", false))),
            (r#"{"\u0061lg":"\u0048S256","kid":null,"typ":null,"crit":null}"#, Some(("HS256 - -", false))),
            (r#"{"alg":"HS256","jwk":{"k":[1]},"x":1}"#, Some(("HS256 - -", true))),
            (r#"["HS256","a","JWT",null]"#, None),
            (r#"{"alg":"HS256","alg":"HS256"}"#, None),
            (r#"{"alg":"HS256","kid":null,"kid":"a"}"#, None),
            (r#"{"alg":"HS256","crit":null,"crit":["exp"]}"#, None),
            (r#"{"alg":"HS256","crit":[]}"#, None),
            (r#"{"alg":"HS256","kid":7}"#, None),
            (r#"{"kid":"a"}"#, None),
            (r#"{"alg":null}"#, None),
            (r#"{"alg":"HS256"}{"#, None),
            ("", None),
        ] {
            let expected = expected.map(|(text, has_more)| (text.to_owned(), has_more));
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn a_kind_is_known_without_regard_to_case_and_to_application() {
        let is = |typ: &'static str| Head { typ: Some(typ.into()), ..Head::default() }.is_of_kind("entry+jwt");
        assert!(is("entry+jwt") && is("Entry+JWT") && is("Application/entry+jwt"));
        assert!(!is("JWT") && !is("application/") && !is("text/entry+jwt") && !is("application/application/entry+jwt"));
        assert!(!Head::default().is_of_kind("entry+jwt"));
        let named = Head { typ: Some("entry+jwt".into()), ..Head::default() };
        assert!(named.is_of_kind("application/entry+jwt"), "as the setting has it");
    }
}
