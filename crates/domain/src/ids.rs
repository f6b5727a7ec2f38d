//! Identifiers. Each is its own type, so that a seat is never taken for a user.

use minicbor::{Decode, Encode};

/// The greatest integer that a JSON number carries exactly in every client (RFC 8259, section 6).
pub const INTEGER_MAX: u64 = (1 << 53) - 1;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
        #[cbor(transparent)]
        pub struct $name(#[n(0)] pub $inner);

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(/// A buyer, named by the shop in front of us; 1..=2^53-1.
    UserId(u64));
id!(/// A concert of the catalog; 1..=2^53-1.
    ConcertId(u64));
id!(/// One date of a concert; 1..=2^53-1.
    ScheduleId(u64));
id!(/// A seat within its schedule; 1..=2^53-1.
    SeatId(u64));
id!(/// A hold and what became of it. Given out in order from 1.
    ReservationId(u64));
id!(/// A payment. Given out in order from 1.
    PaymentId(u64));
id!(/// A movement of money between two accounts. Given out in order from 1.
    TransferId(u64));
id!(/// A queue, by the order in which queues were made; 0 is the default queue.
    QueueId(u16));
id!(/// A campaign, by the order in which campaigns were made.
    CampaignId(u16));
id!(/// The key that signs a ticket's token: the first four bytes of the key's SHA-256.
    KeyId(u32));
id!(/// A catalog upload that is being staged; chosen by the uploader.
    UploadId(u64));

id!(/// Something that one command of the journal brought about: the entry's number times 2^16, and the command's place in
    /// it. So ids grow, on every node alike.
    EventId(u64));

impl EventId {
    /// The id of what the command at `place` of entry `seq` brings about.
    #[must_use]
    pub fn new(seq: u64, place: u16) -> Self {
        Self(seq << 16 | u64::from(place))
    }
}

/// A place in one queue: the queue, and the ticket's number in it, counted from 0 in order of joining.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct TicketId {
    #[n(0)]
    pub queue: QueueId,
    #[n(1)]
    pub number: u32,
}
