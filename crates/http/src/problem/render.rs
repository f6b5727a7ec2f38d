//! Problems as responses. One that says no more than its code is rendered once per language.

use std::borrow::Cow;
use std::sync::LazyLock;

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, VARY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use onsale_domain::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

use super::{AreaLeft, Code, Invalid, List, Problem, Text, Work};
use crate::body::Body;
use crate::negotiate::Language;
use crate::times::{self, TimeText};

/// A refusal: a problem document (RFC 9457) that carries the envelope as well.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub(crate) struct Document<'a> {
    #[schema(pattern = "^FAIL$", example = "FAIL")]
    result_type: &'static str,
    /// Empty.
    #[schema(value_type = Object)]
    data: Nothing,
    /// For people, in the language of `Accept-Language`: English or Korean.
    message: &'a str,
    /// The address of the page that explains the code.
    #[schema(format = "uri-reference", example = "/problems/bad-request")]
    r#type: &'a str,
    title: &'a str,
    status: u16,
    /// What was wrong with this very request.
    detail: &'a str,
    /// For programs.
    code: &'a str,
    /// The field or parameter that was wrong, where there is one; of an entry token its claim, as in `entryToken.exp`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    field: Option<&'a str>,
    /// What is wrong with a document, place by place.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(value_type = Option<Vec<Invalid>>, nullable = false)]
    problems: &'a [Invalid],
    /// Those of the seats that could not be had, or are none: the others were free. Of SEAT_LEFT_ALONE, the free seats that would be
    /// left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<i64>>, nullable = false, example = json!([7, 8]))]
    seat_ids: Option<Vec<u64>>,
    /// When that begins which is asked for too early.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, format = DateTime, example = "2027-05-01T10:00:00.000Z")]
    opens_at: Option<TimeText>,
    /// Of AREA_TOO_FEW and AREA_PRICE_NOT_OFFERED, the areas that have too few places, or not that price, and how many are left.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(value_type = Option<Vec<AreaLeft>>, nullable = false)]
    areas: &'a [AreaLeft],
    /// Of PROOF_REQUIRED, what is to be solved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Work>, nullable = false)]
    proof: Option<&'a Work>,
}

#[derive(Serialize)]
struct Nothing {}

/// One body per code and language, for the life of the process: leaked, because a shared reference count would be
/// written to by every thread that refuses something.
static BODIES: LazyLock<Vec<[Bytes; Language::ALL.len()]>> = LazyLock::new(|| {
    let body = |code, language| Bytes::from_static(document(&Problem::new(code), language).leak());
    Code::ALL.iter().map(|&code| Language::ALL.map(|language| body(code, language))).collect()
});

/// The document of a problem.
pub(crate) fn document(problem: &Problem, language: Language) -> Vec<u8> {
    let Problem { code, detail, field, list, opens_at_ms, .. } = problem;
    let text = code.text(language);
    let detail = detail_in(language, detail.as_deref(), text);
    let document = Document {
        result_type: "FAIL",
        data: Nothing {},
        message: text.message,
        r#type: code.address(),
        title: text.title,
        status: code.status().as_u16(),
        detail: &detail,
        code: code.as_str(),
        field: field.as_deref(),
        problems: if let List::Problems(problems) = list { problems } else { &[] },
        seat_ids: if let List::Seats(seats) = list { Some(seats.iter().map(|seat| seat.0).collect()) } else { None },
        areas: if let List::Areas(areas) = list { areas } else { &[] },
        proof: problem.work(),
        opens_at: opens_at_ms.map(|ms| times::utc(Time(ms.get()))),
    };
    serde_json::to_vec(&document).expect("strings and numbers serialise")
}

/// What is wrong with this very request is said in English, as the names are that it is about. In another language the first sentence
/// of the code's page stands before it, which says what it is about to whoever reads no English.
fn detail_in<'a>(language: Language, detail: Option<&'a str>, text: Text) -> Cow<'a, str> {
    match (language, detail) {
        (_, None) => text.page.into(),
        (Language::En, Some(detail)) => detail.into(),
        (Language::Ko, Some(detail)) => {
            let first = text.page.split_inclusive(". ").next().unwrap_or_default().trim_end();
            format!("{first} ({detail})").into()
        }
    }
}

impl Problem {
    /// The answer, in the client's language.
    #[must_use]
    pub fn response(&self, language: Language) -> Response<Body> {
        let says_more = self.detail.is_some() || self.field.is_some() || self.opens_at_ms.is_some();
        let body = if says_more || self.list != List::Nothing {
            document(self, language).into()
        } else {
            BODIES[self.code as usize][language as usize].clone()
        };
        let mut response = Response::new(Body::once(body));
        *response.status_mut() = self.code.status();
        self.fill(response.headers_mut(), language);
        response
    }

    fn fill(&self, headers: &mut HeaderMap, language: Language) {
        headers.reserve(7);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
        headers.insert(VARY, HeaderValue::from_static("accept-language"));
        match self.code.status() {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from(self.retry_after_s()));
            }
            _ if self.opens_at_ms.is_some() => {
                headers.insert(RETRY_AFTER, HeaderValue::from(self.retry_after_s()));
            }
            _ => {}
        }
        if let Some(allow) = self.allow {
            headers.insert(ALLOW, HeaderValue::from_static(allow));
        }
    }
}
