//! Tokens and places.

use onsale_domain::queue::Status;
use serde::Serialize;
use utoipa::ToSchema;

use super::by_hand::{in_envelope, number, number_or_null, time};
use super::fields::{Number, Text};
use super::request::request;
use super::{DrawnPlace, Id};
use crate::problem::Problem;
use crate::times::TimeText;

/// What a ticket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
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

impl TicketStatus {
    fn name(self) -> &'static [u8] {
        match self {
            Self::Waiting => b"WAITING",
            Self::Progress => b"PROGRESS",
            Self::Done => b"DONE",
            Self::Expired => b"EXPIRED",
        }
    }
}

impl From<Status> for TicketStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Waiting => Self::Waiting,
            Status::Progress => Self::Progress,
            Status::Done => Self::Done,
            Status::Expired => Self::Expired,
        }
    }
}

request! {
    /// Who asks for a place, and in which queue.
    Issue<'a> {
        /// Where the service wants an entry token: its `sub`, or the number that its person was given; or left out.
        #[schema(required, value_type = Id)]
        user: Number as "userId" => id -> u64,
        /// The queue's name. Where it is left out, the one that the entry token names, or else the default queue.
        #[serde(borrow)]
        #[schema(value_type = Option<String>, nullable = false, example = "default")]
        queue: Text<'a> as "queue" => optional -> Option<&str>,
        /// What the buyer's shop signed, where the service wants that (`access.users = signed`): a JWS. Elsewhere it is ignored.
        #[serde(borrow)]
        #[schema(value_type = Option<String>, nullable = false)]
        entry_token: Text<'a> as "entryToken" => optional -> Option<&str>,
        /// A code that opens the queue, where somebody has one, or the queue takes nobody without. Whoever has a place keeps it, whatever
        /// is here.
        #[serde(borrow)]
        #[schema(value_type = Option<String>, nullable = false, max_length = 256, example = "K7QX-2M9D-RT4W")]
        code: Text<'a> as "code" => optional -> Option<&str>,
        /// The work that a new place takes, where the queue asks for some (`proofBits` of `GET /v1/sale`): `challenge.nonce`, see `Work`.
        /// Whoever has a place has it without.
        #[serde(borrow)]
        #[schema(value_type = Option<String>, nullable = false, max_length = 128, example = "5986667.bW9zdGx5aGFybWxlc3M.81053")]
        proof: Text<'a> as "proof" => optional -> Option<&str>,
    }
}

impl Issue<'_> {
    /// The user, where the body names one.
    pub(crate) fn user_if_given(&self) -> Result<Option<u64>, Problem> {
        if self.user == Number::Missing { Ok(None) } else { self.user().map(Some) }
    }
}

/// A place, and the token that stands for it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Issued<'a> {
    /// For the `Authorization` header of all other calls. Opaque.
    // It has nothing to escape: letters and digits of base64url, and dots between.
    #[schema(example = "eyJhbGciOiJIUzI1NiIsICJraWQiOiI4YTNmOTBjMSIsICJ0eXAiOiJKV1QiIH0.eyJ1c2VyIjoxfQ.c2lnbmVk")]
    pub queue_token: &'a str,
    /// From 1 for the next to be admitted; 0 when the ticket does not wait, and as long as the queue has not opened: nobody is told
    /// a place before, and the `status` is WAITING.
    #[schema(example = 0)]
    pub queue_position: u32,
    pub status: TicketStatus,
    /// How long the wait is likely to be, as those before had it; `null` when the ticket does not wait, or nobody is admitted.
    #[schema(required)]
    pub estimated_wait_seconds: Option<u64>,
    /// The latest: nine waits of ten are not longer, and eight are as far from the likely one as this is, or nearer.
    #[schema(required)]
    pub estimated_wait_max_seconds: Option<u64>,
    /// When to ask again; `null` when there is nothing more to ask.
    #[schema(required, example = 4_500)]
    pub poll_after_millis: Option<u64>,
    /// Where the call had a `code`: whether one is the caller's as long as they have this place. Not, where they had the place before,
    /// without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = true)]
    pub code_taken: Option<bool>,
}

impl Issued<'_> {
    /// In the envelope, as `Serialize` would have it: to look through a token and the names for what to escape was 3,900 of the
    /// 50,000 instructions that the server spends on a place, under callgrind.
    pub(crate) fn body(&self) -> Vec<u8> {
        in_envelope(512, |out| {
            out.extend_from_slice(b"{\"queueToken\":\"");
            out.extend_from_slice(self.queue_token.as_bytes());
            number(out, b"\",\"queuePosition\":", self.queue_position.into());
            let numbers = [self.estimated_wait_seconds, self.estimated_wait_max_seconds, self.poll_after_millis];
            wait(out, self.status, numbers);
            if let Some(taken) = self.code_taken {
                out.extend_from_slice(if taken { b",\"codeTaken\":true" } else { b",\"codeTaken\":false" });
            }
            out.push(b'}');
        })
    }
}

/// A ticket's place.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// From 1 for the next to be admitted; 0 when the ticket does not wait, and as long as the queue has not opened: nobody is told
    /// a place before, and the `status` is WAITING.
    #[schema(example = 0)]
    pub queue_position: u32,
    pub status: TicketStatus,
    /// How long the wait is likely to be, as those before had it; `null` when the ticket does not wait, or nobody is admitted.
    #[schema(required)]
    pub estimated_wait_seconds: Option<u64>,
    /// The latest: nine waits of ten are not longer, and eight are as far from the likely one as this is, or nearer.
    #[schema(required)]
    pub estimated_wait_max_seconds: Option<u64>,
    /// When to ask again; `null` when there is nothing more to ask.
    #[schema(required, example = 4_500)]
    pub poll_after_millis: Option<u64>,
    /// When PROGRESS ends, in UTC; `null` otherwise.
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2027-05-01T10:10:00.000Z")]
    pub session_expires_at: Option<TimeText>,
    /// While PROGRESS, where idle sessions end: when this one does unless its owner does something before, in UTC. Any call with the
    /// token is something, but asking how things stand: `check`, `stream`, `news`, and calls with the header `Onsale-Passive`. Absent
    /// while they hold a seat, which is doing something.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, format = DateTime, example = "2027-05-01T10:02:00.000Z")]
    pub session_idle_at: Option<TimeText>,
    /// While PROGRESS, where sessions become longer: whenever its owner does something, `sessionExpiresAt` is put off, to this moment at
    /// the latest, in UTC. What is something is said at `sessionIdleAt`. Absent where the end moves no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, format = DateTime, example = "2027-05-01T10:30:00.000Z")]
    pub session_max_at: Option<TimeText>,
    /// Where places were drawn at the opening and this ticket took part: what it drew.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub draw: Option<DrawnPlace>,
    /// Where the entry token said one: those of 1 stood before those of 2 at the opening, and they before all who have none. Who joined
    /// an open queue stands in order of joining.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 9, example = 1)]
    pub tier: Option<u8>,
}

impl Place {
    /// Of a ticket that is another store's.
    pub(crate) const UNKNOWN: Self = Self {
        queue_position: 0,
        status: TicketStatus::Expired,
        estimated_wait_seconds: None,
        estimated_wait_max_seconds: None,
        poll_after_millis: None,
        session_expires_at: None,
        session_idle_at: None,
        session_max_at: None,
        draw: None,
        tier: None,
    };

    /// In the envelope.
    pub(crate) fn body(&self) -> Vec<u8> {
        in_envelope(256, |out| self.write(out))
    }

    /// Writes what `Serialize` would: everybody who waits asks for this, all the time, and by hand it takes a fifth less
    /// (368 to 481 ns where that takes 447 to 642, whole bodies, on a busy machine; the names need no look for what to escape).
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        number(out, b"{\"queuePosition\":", self.queue_position.into());
        wait(out, self.status, [self.estimated_wait_seconds, self.estimated_wait_max_seconds, self.poll_after_millis]);
        match &self.session_expires_at {
            Some(at) => time(out, b",\"sessionExpiresAt\":\"", at),
            None => out.extend_from_slice(b",\"sessionExpiresAt\":null"),
        }
        if let Some(at) = &self.session_idle_at {
            time(out, b",\"sessionIdleAt\":\"", at);
        }
        if let Some(at) = &self.session_max_at {
            time(out, b",\"sessionMaxAt\":\"", at);
        }
        if let Some(DrawnPlace { place, of, number: own }) = self.draw {
            number(out, b",\"draw\":{\"place\":", place.into());
            number(out, b",\"of\":", of.into());
            number(out, b",\"number\":", own.into());
            out.push(b'}');
        }
        if let Some(tier) = self.tier {
            number(out, b",\"tier\":", tier.into());
        }
        out.push(b'}');
    }
}

/// What [`Issued`] and [`Place`] both have behind the position.
fn wait(out: &mut Vec<u8>, status: TicketStatus, [seconds, seconds_max, poll_after_ms]: [Option<u64>; 3]) {
    out.extend_from_slice(b",\"status\":\"");
    out.extend_from_slice(status.name());
    number_or_null(out, b"\",\"estimatedWaitSeconds\":", seconds);
    number_or_null(out, b",\"estimatedWaitMaxSeconds\":", seconds_max);
    number_or_null(out, b",\"pollAfterMillis\":", poll_after_ms);
}

#[cfg(test)]
mod tests {
    use onsale_domain::time::Time;

    use super::*;
    use crate::times;
    use crate::wire::envelope;

    #[test]
    fn places_are_written_as_their_types_say() {
        let expires_at = Some(times::utc(Time(1_795_461_906_007)));
        let statuses = [TicketStatus::Waiting, TicketStatus::Progress, TicketStatus::Done, TicketStatus::Expired];
        for status in statuses {
            for (queue_position, number, session_expires_at) in
                [(0, None, expires_at), (1, Some(0), None), (u32::MAX, Some(u64::MAX), expires_at)]
            {
                let place = Place {
                    queue_position,
                    status,
                    estimated_wait_seconds: number,
                    estimated_wait_max_seconds: number.map(|number| number / 2),
                    poll_after_millis: number.map(|number| number / 3),
                    session_expires_at,
                    session_idle_at: session_expires_at.filter(|_| number.is_some()),
                    session_max_at: session_expires_at.filter(|_| status == TicketStatus::Progress),
                    draw: number.map(|_| DrawnPlace { place: 1, of: u32::MAX, number: queue_position }),
                    tier: (status == TicketStatus::Waiting).then_some(9),
                };
                let (by_hand, derived) = (place.body(), envelope(place));
                assert_eq!(String::from_utf8(by_hand), String::from_utf8(derived));
                let issued = Issued {
                    queue_token: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.a-_9",
                    queue_position,
                    status,
                    estimated_wait_seconds: place.estimated_wait_seconds,
                    estimated_wait_max_seconds: place.estimated_wait_max_seconds,
                    poll_after_millis: place.poll_after_millis,
                    code_taken: None,
                };
                let (by_hand, derived) = (issued.body(), envelope(issued));
                assert_eq!(String::from_utf8(by_hand), String::from_utf8(derived));
            }
        }
        assert_eq!(Place::UNKNOWN.body(), envelope(Place::UNKNOWN));
    }
}
