//! What every success comes in.

use serde::Serialize;
use utoipa::ToSchema;

/// The envelope of a success.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Envelope<T> {
    #[schema(inline)]
    result_type: Word,
    data: T,
    #[schema(inline)]
    message: Word,
}

// No description: the document has the word wherever the envelope is.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Word {
    Success,
}

/// Data that there is none of.
#[derive(Serialize, ToSchema)]
pub struct Nothing {}

impl<T> Envelope<T> {
    #[must_use]
    pub fn around(data: T) -> Self {
        Self { result_type: Word::Success, data, message: Word::Success }
    }
}

/// `data` in the envelope, as JSON.
pub(crate) fn envelope<T: Serialize>(data: T) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    serde_json::to_writer(&mut out, &Envelope::around(data)).expect("answers are made of what JSON has");
    out
}
