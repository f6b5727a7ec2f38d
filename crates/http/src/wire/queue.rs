//! Tokens and places.

use utoipa::ToSchema;

use super::Id;

/// What a ticket is.
#[derive(ToSchema)]
#[schema(rename_all = "UPPERCASE")]
pub enum TicketStatus {
    /// In line.
    Waiting,
    /// Inside.
    Progress,
    /// Paid, or left.
    Done,
    /// The session's time or the place lapsed.
    Expired,
}

/// Who asks for a place, and in which queue.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Issue {
    pub user_id: Id,
    /// The queue's name; the default queue where it is left out.
    #[schema(nullable = false, example = "default")]
    pub queue: Option<String>,
}

/// A place, and the token that stands for it.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Issued {
    /// For the `Authorization` header of all other calls. Opaque.
    #[schema(example = "eyJhbGciOiJIUzI1NiIsICJraWQiOiI4YTNmOTBjMSIsICJ0eXAiOiJKV1QiIH0.eyJ1c2VyIjoxfQ.c2lnbmVk")]
    pub queue_token: String,
    /// From 1 for the next to be admitted; 0 when the ticket does not wait.
    #[schema(example = 0)]
    pub queue_position: u32,
    pub status: TicketStatus,
    /// How long the wait will be as things go; `null` when the ticket does not wait, or nobody is admitted.
    #[schema(required)]
    pub estimated_wait_seconds: Option<u64>,
    /// How long it may be when things go badly.
    #[schema(required)]
    pub estimated_wait_max_seconds: Option<u64>,
    /// When to ask again; `null` when there is nothing more to ask.
    #[schema(required, example = 4_500)]
    pub poll_after_millis: Option<u64>,
}

/// A ticket's place.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Place {
    /// From 1 for the next to be admitted; 0 when the ticket does not wait.
    #[schema(example = 0)]
    pub queue_position: u32,
    pub status: TicketStatus,
    /// How long the wait will be as things go; `null` when the ticket does not wait, or nobody is admitted.
    #[schema(required)]
    pub estimated_wait_seconds: Option<u64>,
    /// How long it may be when things go badly.
    #[schema(required)]
    pub estimated_wait_max_seconds: Option<u64>,
    /// When to ask again; `null` when there is nothing more to ask.
    #[schema(required, example = 4_500)]
    pub poll_after_millis: Option<u64>,
    /// When PROGRESS ends, in UTC; `null` otherwise.
    #[schema(required, format = DateTime, example = "2027-05-01T10:10:00.000Z")]
    pub session_expires_at: Option<String>,
}
