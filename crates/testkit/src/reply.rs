//! One answer, and what the contract's envelope says about it.

use std::fmt;

use bytes::Bytes;
use http::HeaderMap;
use http::response::Parts;
use serde_json::{Value, json};

use crate::call::Call;
use crate::shape::{Kind, assert_shape};

/// A whole answer, as it came.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    call: String,
}

impl Reply {
    pub(crate) fn new(call: &Call, head: Parts, body: Bytes) -> Self {
        Self { status: head.status.as_u16(), headers: head.headers, body, call: call.to_string() }
    }

    /// A header's value, where it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is not.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("not JSON ({error}): {self}"))
    }

    /// The data of a success.
    ///
    /// # Panics
    /// When this is not a success in the contract's envelope, complete and with nothing more.
    #[track_caller]
    pub fn data(&self) -> Value {
        assert_eq!(self.status, 200, "a success was expected: {self}");
        self.assert_media_type("application/json");
        let mut envelope = self.json();
        assert_eq!(envelope["resultType"], "SUCCESS", "{self}");
        assert_eq!(envelope["message"], "SUCCESS", "{self}");
        assert_eq!(envelope.as_object().map(serde_json::Map::len), Some(3), "{self}");
        envelope.get_mut("data").unwrap_or_else(|| panic!("no data: {self}")).take()
    }

    /// The problem document of a refusal with this status and code.
    ///
    /// # Panics
    /// When it is anything else, or the document lacks a member, has another one, or contradicts itself.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        let document = self.problem();
        assert_eq!((self.status, &document["code"]), (status, &json!(code)), "another refusal was expected: {self}");
        document
    }

    /// The problem document of a refusal, whichever it is.
    ///
    /// # Panics
    /// When the document lacks a member, has another one, or contradicts itself.
    #[track_caller]
    pub fn problem(&self) -> Value {
        assert!(self.status >= 400, "a refusal was expected: {self}");
        self.assert_media_type("application/problem+json");
        let document = self.json();
        let text = ["resultType", "message", "type", "title", "detail", "code"].map(|name| (name, Kind::Text));
        let mut members: Vec<_> = text.into_iter().chain([("data", Kind::Object), ("status", Kind::Integer)]).collect();
        // Which field, or which of many, is told in an extension member (RFC 9457, section 3.2) too.
        let of_fields = [
            "BAD_REQUEST",
            "PRICE_TYPE_NOT_OFFERED",
            "SEAT_TWICE",
            "AREA_TWICE",
            "SEATS_TOO_MANY",
            "ENTRY_TOKEN_INVALID",
            "CODES_MISSING",
            "CODE_TWICE",
        ];
        if of_fields.iter().any(|code| document["code"] == *code) {
            let extensions = [("field", Kind::Text), ("problems", Kind::Array)];
            members.extend(extensions.into_iter().filter(|(name, _)| document.get(name).is_some()));
        }
        // Of the refusals of seats, those that say which.
        let of_seats = [
            "SEAT_NOT_AVAILABLE",
            "SEAT_NOT_FOUND",
            "SEAT_NOT_WITHHELD",
            "PRICE_TYPE_NOT_OFFERED",
            "WHEELCHAIR_PLACE",
            "NOT_WHEELCHAIR_PLACE",
            "COMPANION_SEAT",
        ];
        if of_seats.iter().any(|code| document["code"] == *code) && document.get("seatIds").is_some() {
            members.push(("seatIds", Kind::Array));
        }
        let is_early =
            document["code"].as_str().is_some_and(|code| code.ends_with("_NOT_YET_OPEN") || code == "CODE_NOT_YET");
        if is_early {
            members.push(("opensAt", Kind::Text));
        }
        members.extend((document["code"] == "SEAT_LEFT_ALONE").then_some(("seatIds", Kind::Array)));
        let is_of_areas = document["code"] == "AREA_TOO_FEW" || document["code"] == "AREA_PRICE_NOT_OFFERED";
        members.extend(is_of_areas.then_some(("areas", Kind::Array)));
        if document["code"] == "PROOF_REQUIRED" {
            let mut work = vec![("bits", Kind::Integer), ("challenge", Kind::Text), ("validUntil", Kind::Text)];
            // Before a site, where nobody knows what they are called.
            work.extend(document["proof"].get("person").map(|_| ("person", Kind::Text)));
            assert_shape(&document["proof"], &work);
            members.push(("proof", Kind::Object));
        }
        assert_shape(&document, &members);
        assert_eq!(document["resultType"], "FAIL", "{self}");
        assert_eq!(document["data"], json!({}), "{self}");
        assert_eq!(document["status"], self.status, "{self}");
        let slug = document["code"].as_str().unwrap_or_default().to_lowercase().replace('_', "-");
        assert_eq!(document["type"], format!("/problems/{slug}"), "{self}");
        for member in ["message", "title", "detail"] {
            assert_ne!(document[member], "", "{member} says nothing: {self}");
        }
        document
    }

    /// The refusal's code, or `None` for a success.
    #[must_use]
    #[track_caller]
    pub fn code(&self) -> Option<String> {
        (self.status != 200).then(|| self.problem()["code"].as_str().unwrap_or_default().to_owned())
    }

    /// Whether it says that it is the stored answer to an earlier request with the same key.
    #[must_use]
    pub fn replayed(&self) -> bool {
        self.header("idempotency-replayed") == Some("true")
    }

    /// # Panics
    /// When Content-Type does not begin with this type.
    #[track_caller]
    pub fn assert_media_type(&self, expected: &str) {
        let media_type = self.header("content-type").unwrap_or_default();
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        assert_eq!(essence, expected, "another Content-Type was expected: {self}");
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        let shown = body.char_indices().nth(1_000).map_or(&*body, |(end, _)| &body[..end]);
        write!(f, "{} → {} {shown}", self.call, self.status)
    }
}
