//! Refusals.

use serde_json::Value;
use utoipa::ToSchema;

/// A refusal: a problem document (RFC 9457) that carries the envelope as well.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Problem {
    #[schema(pattern = "^FAIL$", example = "FAIL")]
    pub result_type: String,
    /// Empty.
    #[schema(value_type = Object)]
    pub data: Value,
    /// For people, in the language of `Accept-Language`: English or Korean.
    pub message: String,
    /// The address of the page that explains the code.
    #[schema(format = "uri-reference", example = "/problems/bad-request")]
    pub r#type: String,
    pub title: String,
    pub status: u16,
    /// What was wrong with this very request.
    pub detail: String,
    /// For programs.
    pub code: String,
    /// The field or parameter that was wrong, where there is one.
    #[schema(nullable = false)]
    pub field: Option<String>,
    /// What is wrong with a document, place by place.
    #[schema(nullable = false)]
    pub problems: Option<Vec<Invalid>>,
}

/// One of several things that are wrong with a document.
#[derive(ToSchema)]
pub struct Invalid {
    /// The place.
    #[schema(example = "concerts[0].title")]
    pub at: String,
    /// What is wrong there.
    #[schema(example = "is missing")]
    pub problem: String,
}
