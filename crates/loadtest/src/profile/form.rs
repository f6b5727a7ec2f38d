//! Texts with blanks, as a profile writes requests: taken apart once, filled in for each request.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

/// What stands for `${…}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blank {
    User,
    Token,
    Schedule,
    Seat,
    /// All seats of a reservation, as `group` of the call writes them.
    Seats,
    Reservation,
    Amount,
    Key,
    /// What a shop has signed for the user.
    Entry,
    /// The number of a user, in `users.form`.
    N,
}

impl Blank {
    const ALL: [(Self, &'static str); 10] = [
        (Self::User, "user"),
        (Self::Token, "token"),
        (Self::Schedule, "schedule"),
        (Self::Seat, "seat"),
        (Self::Seats, "seats"),
        (Self::Reservation, "reservation"),
        (Self::Amount, "amount"),
        (Self::Key, "key"),
        (Self::Entry, "entry"),
        (Self::N, "n"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(blank, _)| *blank == self).map_or("", |(_, name)| name)
    }
}

impl fmt::Display for Blank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${{{}}}", self.name())
    }
}

/// One part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    Blank(Blank),
}

/// A text with blanks: `${user}`, `${token}`, `${schedule}`, `${seat}`, `${seats}`, `${reservation}`, `${amount}`,
/// `${key}`, `${entry}`; in `users.form` `${n}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Form(Vec<Piece>);

impl Form {
    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// Whether it has this blank.
    #[must_use]
    pub fn has(&self, blank: Blank) -> bool {
        self.0.contains(&Piece::Blank(blank))
    }

    /// The blanks in it.
    pub(crate) fn blanks(&self) -> impl Iterator<Item = Blank> + '_ {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Blank(blank) => Some(*blank),
            Piece::Text(_) => None,
        })
    }

    /// Whether it begins with `text`.
    pub(crate) fn begins_with(&self, text: char) -> bool {
        matches!(self.0.first(), Some(Piece::Text(first)) if first.starts_with(text))
    }
}

impl TryFrom<String> for Form {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (mut pieces, mut rest) = (Vec::new(), text.as_str());
        while let Some((before, after)) = rest.split_once("${") {
            let (name, behind) = after.split_once('}').ok_or_else(|| format!("`${{` without its `}}` in `{text}`"))?;
            let known = Blank::ALL.iter().find(|(_, own)| *own == name);
            let (blank, _) = known.ok_or_else(|| {
                let names: Vec<String> = Blank::ALL.iter().map(|(blank, _)| blank.to_string()).collect();
                format!("`${{{name}}}` is none of {}", names.join(", "))
            })?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Blank(*blank));
            rest = behind;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }
}

/// Where in an answer something stands: a JSON pointer (RFC 6901) such as `/data/token`, empty for the whole of it; or
/// `header:NAME`, a header of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Pointer(String);

impl Pointer {
    /// The header that it names, where it names one.
    pub(crate) fn header(&self) -> Option<&str> {
        self.0.strip_prefix(HEADER)
    }

    /// What stands there, unless it is null. Nothing, where it names a header.
    pub(crate) fn find<'a>(&self, value: &'a serde_json::Value) -> Option<&'a serde_json::Value> {
        value.pointer(&self.0).filter(|found| !found.is_null())
    }
}

/// What a pointer to a header begins with.
const HEADER: &str = "header:";

/// Whether a header can be called so.
pub(super) fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "(the whole answer)" } else { &self.0 })
    }
}

impl TryFrom<String> for Pointer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_header = text.strip_prefix(HEADER).is_some_and(is_header_name);
        if text.is_empty() || text.starts_with('/') || is_header {
            return Ok(Self(text));
        }
        Err(format!("`{text}` is no JSON pointer, which begins with `/`, as in `/data/token`, and no `{HEADER}NAME`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_taken_apart_at_its_blanks() {
        let form = Form::try_from("/a/${schedule}/b?c=${seat}".to_owned()).unwrap();
        assert_eq!(form.blanks().collect::<Vec<_>>(), [Blank::Schedule, Blank::Seat]);
        assert!(form.begins_with('/') && form.has(Blank::Seat) && !form.has(Blank::User));
        assert_eq!(form.pieces().len(), 4);
    }

    #[test]
    fn a_blank_that_is_none_is_refused_by_name() {
        let refused = |text: &str| Form::try_from(text.to_owned()).unwrap_err();
        assert!(refused("${chair}").contains("`${chair}` is none of ${user}"), "{}", refused("${chair}"));
        assert!(refused("${seat").contains("without its"), "{}", refused("${seat"));
        assert!(Pointer::try_from("data".to_owned()).unwrap_err().contains("begins with `/`"));
        assert!(Pointer::try_from("header:".to_owned()).is_err());
    }
}
