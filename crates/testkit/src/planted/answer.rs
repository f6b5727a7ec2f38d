//! Answers in the contract's envelope.

use serde_json::{Value, json};

/// What a request is answered with.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// The code of a refusal; `"OK"` for a success.
    pub(super) code: &'static str,
    pub(super) media_type: &'static str,
    pub(super) etag: Option<String>,
    pub(super) replayed: bool,
    pub(super) body: Vec<u8>,
}

/// Why a request is refused: the status, and the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) u16, pub(super) &'static str);

impl Answer {
    /// A success; `data` is JSON.
    pub(super) fn success(data: &str) -> Self {
        let body = format!(r#"{{"resultType":"SUCCESS","data":{data},"message":"SUCCESS"}}"#).into_bytes();
        Self { status: 200, code: "OK", media_type: "application/json", etag: None, replayed: false, body }
    }

    pub(super) fn data(data: &Value) -> Self {
        Self::success(&data.to_string())
    }

    pub(super) fn refusal(Refusal(status, code): Refusal) -> Self {
        let body = problem(status, code).to_string().into_bytes();
        Self { status, code, media_type: "application/problem+json", etag: None, replayed: false, body }
    }

    /// Seats that somebody else has; which, where several were asked for.
    pub(super) fn taken(seats: &[u64]) -> Self {
        let mut answer = Self::refusal(Refusal(409, "SEAT_NOT_AVAILABLE"));
        if !seats.is_empty() {
            let mut body = problem(answer.status, answer.code);
            body["seatIds"] = json!(seats);
            answer.body = body.to_string().into_bytes();
        }
        answer
    }

    /// A failure inside, which nobody but a careful reader of the body notices.
    pub(super) fn hidden_failure() -> Self {
        let body = problem(500, "INTERNAL").to_string().into_bytes();
        Self { body, ..Self::success("{}") }
    }

    pub(super) fn text(body: String) -> Self {
        Self { media_type: "text/plain; charset=utf-8", body: body.into_bytes(), ..Self::success("{}") }
    }

    /// Names the body by what is in it, and leaves it out where the client has it already.
    pub(super) fn tagged(mut self, known: Option<&str>) -> Self {
        let tag = format!("W/\"{:016x}\"", fingerprint(&self.body));
        if known == Some(tag.as_str()) {
            self.status = 304;
            self.body.clear();
        }
        self.etag = Some(tag);
        self
    }
}

fn problem(status: u16, code: &str) -> Value {
    let slug = code.to_lowercase().replace('_', "-");
    json!({
        "resultType": "FAIL", "data": {}, "message": slug, "type": format!("/problems/{slug}"), "title": slug,
        "status": status, "detail": slug, "code": code,
    })
}

/// FNV-1a.
pub(super) fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
