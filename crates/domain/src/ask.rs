//! Commands as they are given by whoever waits for the answer: each knows the kind of answer that it has.

use crate::codes::CodeDigest;
use crate::command::{Command, Entrant, Entry};
use crate::concert::{AreaWish, Line, Wish};
use crate::idempotency::Key;
use crate::ids::{CampaignId, KeyId, QueueId, ReservationId, ScheduleId, SeatId, TicketId, UploadId, UserId};
use crate::operator::Operator;
use crate::queue::Status;
use crate::reply::{
    Charged, CodesAdded, Entered, Erased, Extended, Joined, LetGo, Once, Paid, Published, Reply, Reserved,
};
use crate::time::Time;
use crate::user::Adjustment;

/// A command, and what of its reply is the answer.
#[derive(Clone, Debug)]
pub struct Ask<A> {
    command: Command,
    answer: fn(Reply) -> Option<A>,
}

impl Ask<()> {
    /// A command of which nobody wants to know more than that it was carried out.
    #[must_use]
    pub fn plain(command: Command) -> Self {
        Self { command, answer: |_| Some(()) }
    }
}

impl<A> Ask<A> {
    /// The same, as an operator's: it is put on record.
    #[must_use]
    pub fn by(self, by: Operator) -> Self {
        Self { command: Command::Operate { by, command: Box::new(self.command) }, answer: self.answer }
    }

    /// The command, and what makes the answer of its reply: `None` for a reply of another kind, which it never has.
    #[must_use]
    pub fn into_parts(self) -> (Command, fn(Reply) -> Option<A>) {
        (self.command, self.answer)
    }
}

macro_rules! asks {
    ($($(#[$doc:meta])* $name:ident($($field:ident: $type:ty),*) -> $answer:ty: $command:ident => $reply:ident;)*) => {$(
        impl Ask<$answer> {
            $(#[$doc])*
            #[must_use]
            pub fn $name($($field: $type),*) -> Self {
                let answer = |reply| if let Reply::$reply(answer) = reply { Some(answer) } else { None };
                Self { command: Command::$command { $($field),* }, answer }
            }
        }
    )*};
}

asks! {
    /// A place in the queue; `key` signs the token of a new ticket.
    join(user: UserId, queue: QueueId, key: KeyId) -> Joined: Join => Joined;
    /// The same for whoever nobody vouches for, from the network of this tag.
    join_from(user: UserId, queue: QueueId, key: KeyId, network: u64) -> Joined: JoinFrom => Joined;
    /// The same for whoever an entry token names.
    enter(entry: Entry, queue: QueueId, key: KeyId) -> Entered: Enter => Entered;
    /// A place for whoever has a code, likewise.
    join_with_code(user: UserId, queue: QueueId, key: KeyId, code: Vec<CodeDigest>) -> Joined: JoinWithCode => Joined;
    enter_with_code(entry: Entry, queue: QueueId, key: KeyId, code: Vec<CodeDigest>) -> Entered: EnterWithCode => Entered;
    add_codes(campaign: CampaignId, first: u32, digests: Vec<u8>) -> CodesAdded: AddCodes => CodesAdded;
    /// The place is given up; `user` is whose it must be.
    leave(ticket: TicketId, user: Option<UserId>) -> Status: Leave => Left;
    charge(user: UserId, amount: u64, key: Option<Key>) -> Once<Charged>: Charge => Charged;
    adjust(reference: String, adjustment: Adjustment, by: Operator) -> Once<Charged>: Adjust => Adjusted;
    /// Seats of one schedule are held, all or none.
    reserve(ticket: TicketId, user: UserId, schedule: ScheduleId, seats: Vec<SeatId>, key: Option<Key>)
        -> Once<Reserved>: Reserve => Reserved;
    /// The same, each at a price of its own or as a wheelchair place.
    reserve_lines(ticket: TicketId, user: UserId, schedule: ScheduleId, seats: Vec<Line>, key: Option<Key>)
        -> Once<Reserved>: ReserveLines => Reserved;
    /// The best seats of one schedule that are free are held.
    reserve_best(ticket: TicketId, user: UserId, schedule: ScheduleId, wish: Wish, key: Option<Key>)
        -> Once<Reserved>: ReserveBest => Reserved;
    /// Places of areas are held, any that are free, and seats by name beside them.
    reserve_areas(
        ticket: TicketId, user: UserId, schedule: ScheduleId, seats: Vec<Line>, areas: Vec<AreaWish>, key: Option<Key>
    ) -> Once<Reserved>: ReserveAreas => Reserved;
    cancel(user: UserId, reservation: ReservationId) -> ReservationId: Cancel => Cancelled;
    pay(user: UserId, reservation: ReservationId, key: Option<Key>) -> Once<Paid>: Pay => Paid;
    extend(user: UserId, reservation: ReservationId) -> Extended: Extend => Extended;
    publish(upload: UploadId) -> Published: Publish => Published;
    open_queue(name: String) -> QueueId: OpenQueue => QueueOpened;
    release(reservation: ReservationId, reason: Option<String>) -> ReservationId: Release => Cancelled;
    reissue(reservation: ReservationId, seat: Option<SeatId>, reason: String) -> ReservationId: Reissue => Reissued;
    /// The user is doing something, as somebody else knows.
    keep_session(queue: QueueId, user: UserId) -> Time: KeepSession => SessionKept;
    erase_person(entrant: Entrant, force: bool) -> Erased: ErasePerson => Erased;
    let_silent_go(queue: QueueId, silent_ms: u64) -> LetGo: LetSilentGo => LetGo;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_s_command_has_the_same_answer() {
        let by = Operator { key: KeyId(1), name: None };
        let (command, answer) = Ask::open_queue("vip".to_owned()).by(by.clone()).into_parts();
        let bare = Command::OpenQueue { name: "vip".to_owned() };
        assert_eq!(command, Command::Operate { by, command: Box::new(bare) });
        assert_eq!(answer(Reply::QueueOpened(QueueId(3))), Some(QueueId(3)));
        assert_eq!(answer(Reply::Done), None);
    }
}
