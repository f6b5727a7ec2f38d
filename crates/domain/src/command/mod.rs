//! What the journal records: commands, in batches, in one order.
//!
//! The encoding is CBOR (RFC 8949) with numbered fields: a field or a variant, once numbered, keeps its number
//! for ever, so that a newer binary reads an older journal.

mod batch;
mod inner;
mod part;

use minicbor::{Decode, Encode};

use crate::codes::{CampaignRules, CodeDigest};
use crate::concert::{AreaWish, Line, Orphans, Wish};
use crate::idempotency;
use crate::ids::{CampaignId, KeyId, QueueId, ReservationId, ScheduleId, SeatId, TicketId, UploadId, UserId};
use crate::operator::{self, Operator};
use crate::queue;
use crate::settings::{QueueSettings, Settings};
use crate::time::Time;
use crate::user::Adjustment;

pub use crate::user::{Entrant, Entry};
pub use batch::Batch;
pub use part::CatalogPart;

use inner::{decode_inner, encode_inner};

/// One thing somebody wants done. Everything an outcome depends on is in it, in the state, or in the batch's time.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Command {
    /// Nothing but the time: fires what is due.
    #[n(0)]
    Tick,
    /// A node started. Its downtime is nobody's silence: everybody counts as seen.
    #[n(1)]
    Start,
    /// A user asks for a place; `key` signs the token of a new ticket.
    #[n(2)]
    Join {
        #[n(0)]
        user: UserId,
        #[n(1)]
        queue: QueueId,
        #[n(2)]
        key: KeyId,
    },
    /// The tickets of one queue that a node heard from: a serialized Roaring bitmap of their numbers.
    #[n(3)]
    Seen {
        #[n(0)]
        queue: QueueId,
        #[n(1)]
        #[cbor(with = "minicbor::bytes")]
        tickets: Vec<u8>,
    },
    /// The owner gives the place up.
    #[n(4)]
    Leave {
        #[n(0)]
        ticket: TicketId,
        /// Whose ticket it must be. From level 1 on: until then there may be nodes that pass it over.
        #[n(1)]
        user: Option<UserId>,
    },
    /// Adds money to a wallet.
    #[n(5)]
    Charge {
        #[n(0)]
        user: UserId,
        #[n(1)]
        amount: u64,
        #[n(2)]
        key: Option<idempotency::Key>,
    },
    /// Holds seats of one schedule, all or none.
    #[n(6)]
    Reserve {
        #[n(0)]
        ticket: TicketId,
        #[n(1)]
        user: UserId,
        #[n(2)]
        schedule: ScheduleId,
        #[n(3)]
        seats: Vec<SeatId>,
        #[n(4)]
        key: Option<idempotency::Key>,
    },
    /// The owner drops a hold.
    #[n(7)]
    Cancel {
        #[n(0)]
        user: UserId,
        #[n(1)]
        reservation: ReservationId,
    },
    /// Pays a hold from the owner's wallet.
    #[n(8)]
    Pay {
        #[n(0)]
        user: UserId,
        #[n(1)]
        reservation: ReservationId,
        #[n(2)]
        key: Option<idempotency::Key>,
    },
    /// One part of a catalog. Nothing shows before `Publish`.
    #[n(9)]
    Stage {
        #[n(0)]
        upload: UploadId,
        #[n(1)]
        part: CatalogPart,
    },
    /// Takes all staged parts into the catalog, or refuses them all.
    #[n(10)]
    Publish {
        #[n(0)]
        upload: UploadId,
    },
    /// Forgets staged parts.
    #[n(11)]
    Discard {
        #[n(0)]
        upload: UploadId,
    },
    /// Makes a queue, or does nothing where one of that name exists.
    #[n(12)]
    OpenQueue {
        #[n(0)]
        name: String,
    },
    /// Replaces a queue's settings and mode where they are given.
    #[n(13)]
    ConfigureQueue {
        #[n(0)]
        queue: QueueId,
        #[n(1)]
        settings: Option<QueueSettings>,
        #[n(2)]
        mode: Option<queue::Mode>,
    },
    /// Replaces the store's settings.
    #[n(14)]
    Configure {
        #[n(0)]
        settings: Settings,
    },
    /// Stops or resumes selling one schedule.
    #[n(15)]
    SetSaleClosed {
        #[n(0)]
        schedule: ScheduleId,
        #[n(1)]
        closed: bool,
    },
    /// The operator drops somebody's hold.
    #[n(16)]
    Release {
        #[n(0)]
        reservation: ReservationId,
        /// Why, for the record. From level 5 on.
        #[n(1)]
        reason: Option<String>,
    },
    /// Takes a schedule that nobody holds or bought out of the catalog.
    #[n(17)]
    RemoveSchedule {
        #[n(0)]
        schedule: ScheduleId,
    },
    /// An operator moves a lever: the command is carried out, and put on record.
    #[n(18)]
    Operate {
        #[n(0)]
        by: Operator,
        #[n(1)]
        #[cbor(decode_with = "decode_inner", encode_with = "encode_inner")]
        command: Box<Command>,
    },
    /// Tells those who wait something.
    #[n(19)]
    Announce {
        /// Whom; `None` for everybody.
        #[n(0)]
        queue: Option<QueueId>,
        #[n(1)]
        text: operator::Text,
    },
    /// Those inside one queue who did something, as a node saw: a serialized Roaring bitmap of their tickets' numbers. From level 7 on.
    #[n(40)]
    Active {
        #[n(0)]
        queue: QueueId,
        #[n(1)]
        #[cbor(with = "minicbor::bytes")]
        tickets: Vec<u8>,
    },
    /// Ends the sessions of those inside who have not been heard from for longer than so many milliseconds. From level 2 on,
    /// below which nobody inside is listened to.
    #[n(22)]
    LetSilentGo {
        #[n(0)]
        queue: QueueId,
        #[n(1)]
        silent_ms: u64,
    },
    /// Every node can read what this [level](crate::level) brings: it counts from here on.
    #[n(20)]
    Raise {
        #[n(0)]
        level: u32,
    },
    /// The user's tokens that are out are none any more. A place is kept, and asking for it gives a token that counts. From
    /// level 2 on.
    #[n(21)]
    Revoke {
        #[n(0)]
        user: UserId,
    },
    /// An operator gets a key of their own. From level 4 on.
    #[n(26)]
    AddOperator {
        #[n(0)]
        name: String,
        #[n(1)]
        role: operator::Role,
        /// The SHA-256 of the key.
        #[n(2)]
        #[cbor(with = "minicbor::bytes")]
        digest: [u8; 32],
    },
    /// An operator's key is none any more. From level 4 on.
    #[n(27)]
    RemoveOperator {
        #[n(0)]
        name: String,
    },
    /// Holds the best seats of one schedule that are free when this is carried out. From level 4 on.
    #[n(24)]
    ReserveBest {
        #[n(0)]
        ticket: TicketId,
        #[n(1)]
        user: UserId,
        #[n(2)]
        schedule: ScheduleId,
        #[n(3)]
        wish: Wish,
        #[n(4)]
        key: Option<idempotency::Key>,
    },
    /// Money that an operator or a shop moves into a wallet or out of it, once for each reference. Who has it done is in its own
    /// record, and not among the levers: a shop does it for every buyer. From level 4 on.
    #[n(28)]
    Adjust {
        #[n(0)]
        reference: String,
        #[n(1)]
        adjustment: Adjustment,
        #[n(2)]
        by: Operator,
    },
    /// An operator holds free seats back from the sale, all or none. From level 5 on.
    #[n(31)]
    Withhold {
        #[n(0)]
        schedule: ScheduleId,
        #[n(1)]
        seats: Vec<SeatId>,
        #[n(2)]
        reason: String,
    },
    /// An operator puts seats on sale again that were held back, all or none. From level 5 on.
    #[n(32)]
    GiveBack {
        #[n(0)]
        schedule: ScheduleId,
        #[n(1)]
        seats: Vec<SeatId>,
        #[n(2)]
        reason: String,
    },
    /// The owner of a hold asks for more time. From level 5 on.
    #[n(35)]
    Extend {
        #[n(0)]
        user: UserId,
        #[n(1)]
        reservation: ReservationId,
    },
    /// A user asks for a place with an entry token that says more than a number; `key` signs a new ticket. From level 4 on.
    #[n(29)]
    Enter {
        #[n(0)]
        entry: Entry,
        #[n(1)]
        queue: QueueId,
        #[n(2)]
        key: KeyId,
    },
    /// Holds seats of one schedule, all or none, each at a price of its own or as a wheelchair place. From level 5 on.
    #[n(30)]
    ReserveLines {
        #[n(0)]
        ticket: TicketId,
        #[n(1)]
        user: UserId,
        #[n(2)]
        schedule: ScheduleId,
        #[n(3)]
        seats: Vec<Line>,
        #[n(4)]
        key: Option<idempotency::Key>,
    },
    /// Replaces the moments at which a queue opens and closes by itself. From level 5 on.
    #[n(36)]
    SetOpening {
        #[n(0)]
        queue: QueueId,
        #[n(1)]
        opening: queue::Opening,
    },
    /// Replaces the moments at which a schedule's sale begins and ends by itself. From level 5 on.
    #[n(37)]
    SetSaleTimes {
        #[n(0)]
        schedule: ScheduleId,
        #[n(1)]
        on_sale_at: Option<Time>,
        #[n(2)]
        off_sale_at: Option<Time>,
    },
    /// Holds places of areas of one schedule, any that are free, and seats by name beside them, all or none. From level 5 on.
    #[n(33)]
    ReserveAreas {
        #[n(0)]
        ticket: TicketId,
        #[n(1)]
        user: UserId,
        #[n(2)]
        schedule: ScheduleId,
        #[n(3)]
        seats: Vec<Line>,
        #[n(4)]
        areas: Vec<AreaWish>,
        #[n(5)]
        key: Option<idempotency::Key>,
    },
    /// Whether holds of one schedule may leave single seats. From level 5 on.
    #[n(34)]
    SetOrphans {
        #[n(0)]
        schedule: ScheduleId,
        #[n(1)]
        orphans: Orphans,
    },
    /// In which order those are admitted who join before a queue opens. From level 5 on.
    #[n(38)]
    SetOrder {
        #[n(0)]
        queue: QueueId,
        #[n(1)]
        order: queue::Order,
    },
    /// The ticket of a paid seat is issued anew, or that of each seat of the reservation: what was issued before is good no more. From
    /// level 8 on.
    #[n(41)]
    Reissue {
        #[n(0)]
        reservation: ReservationId,
        #[n(1)]
        seat: Option<SeatId>,
        /// Why, for the record.
        #[n(2)]
        reason: String,
    },
    /// As [`Command::Join`], with a code. From level 9 on, as all that codes have.
    #[n(42)]
    JoinWithCode {
        #[n(0)]
        user: UserId,
        #[n(1)]
        queue: QueueId,
        #[n(2)]
        key: KeyId,
        /// The code as it was hashed with each key that campaigns of the queue have.
        #[n(3)]
        code: Vec<CodeDigest>,
    },
    /// As [`Command::Enter`], likewise.
    #[n(43)]
    EnterWithCode {
        #[n(0)]
        entry: Entry,
        #[n(1)]
        queue: QueueId,
        #[n(2)]
        key: KeyId,
        #[n(3)]
        code: Vec<CodeDigest>,
    },
    /// Makes a campaign of codes, or replaces its rules.
    #[n(44)]
    SetCampaign {
        #[n(0)]
        name: String,
        #[n(1)]
        queue: QueueId,
        /// The token key that the key of its codes' hashes is made of.
        #[n(2)]
        key: KeyId,
        #[n(3)]
        rules: CampaignRules,
    },
    /// As [`Command::Join`], with a keyed tag of the network that somebody comes from for whom nobody vouches. From level 10 on.
    #[n(61)]
    JoinFrom {
        #[n(0)]
        user: UserId,
        #[n(1)]
        queue: QueueId,
        #[n(2)]
        key: KeyId,
        #[n(3)]
        network: u64,
    },
    /// Adds codes to a campaign, all or none.
    #[n(45)]
    AddCodes {
        #[n(0)]
        campaign: CampaignId,
        /// The number of the first, from 1.
        #[n(1)]
        first: u32,
        /// Their digests, one behind the other.
        #[n(2)]
        #[cbor(with = "minicbor::bytes")]
        digests: Vec<u8>,
    },
    /// Something that is not ours is mixed into a queue's draw. From level 5 on.
    #[n(39)]
    SetBeacon {
        #[n(0)]
        queue: QueueId,
        #[n(1)]
        beacon: String,
    },
    /// What leads from a person to their number is forgotten, their places end, their holds are released, and their tokens are none any
    /// more. From level 9 on.
    #[n(48)]
    ErasePerson {
        #[n(0)]
        entrant: Entrant,
        /// Also where they have money, or tickets for dates that are to come.
        #[n(1)]
        force: bool,
    },
    /// A webhook is made, changed or removed: for the record alone, as nobody's state has webhooks. From level 9 on.
    #[n(50)]
    NoteWebhook {
        #[n(0)]
        webhook: u64,
        /// What differs, as it was; empty for a new one.
        #[n(1)]
        before: String,
        /// The same as it is; empty for one that is removed.
        #[n(2)]
        after: String,
    },
    /// A restored store passes over so many numbers of each kind: others may have them of what is lost. From level 9 on.
    #[n(60)]
    PassOver {
        #[n(0)]
        numbers: u64,
        /// The last entry that is left, its time, and until when there may have been more.
        #[n(1)]
        entry: u64,
        #[n(2)]
        lost_from: Time,
        #[n(3)]
        lost_until: Time,
    },
    /// Somebody else ends a session: an operator, or a shop. From level 9 on, as the next.
    #[n(46)]
    EndSession {
        #[n(0)]
        queue: QueueId,
        #[n(1)]
        user: UserId,
    },
    /// The shop says that somebody inside is doing something.
    #[n(47)]
    KeepSession {
        #[n(0)]
        queue: QueueId,
        #[n(1)]
        user: UserId,
    },
}
