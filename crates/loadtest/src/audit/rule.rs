//! All that must hold, by name.

/// One thing that must hold. Its [`Rule::id`] is what reports and tests call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// No two payments for one seat.
    SeatSoldOnce,
    /// Of all who ask for a seat at once, one gets it.
    SeatHeldOnce,
    /// A payment takes its amount from the wallet once.
    DebitedOnce,
    /// Every acknowledged charge is in the balance.
    ChargesKept,
    /// An acknowledged reservation is there until it lapses, is dropped or is paid.
    ReservationsKept,
    /// A paid seat stays RESERVED.
    PaymentsKept,
    /// A hold that lapsed frees its seat, cannot be paid, and costs nothing.
    LapsedHoldsFreed,
    /// All that was charged is paid or left.
    MoneyConserved,
    /// Never more users inside than `queue.active_limit`.
    ActiveLimitKept,
    /// Who was acknowledged first is admitted first.
    AdmittedInOrder,
    /// The position of a ticket that is polled never gets worse.
    PositionsNeverRise,
    /// Somebody who fell silent has kept their place.
    PlacesKept,
    /// A schedule list counts every seat that was acknowledged before it was asked for.
    ScheduleFresh,
    /// A seat list shows all seats at one moment.
    SeatListOneMoment,
    /// A list is never older than one that the same client had before.
    SeatListNeverBack,
    /// A client's next read shows its own acknowledged write.
    OwnWritesSeen,
    /// A success says SUCCESS and has its fields; a failure has its status and its code.
    NoErrorHidden,
    /// A retry with the same Idempotency-Key gets the first answer.
    RetriedOnce,
    /// What was answered 503 was not done.
    RefusedDidNothing,
    /// What was acknowledged before the server was killed is there afterwards.
    AcknowledgedSurvives,
    /// Crossing wishes do not lock each other out: no request stalls.
    NoStall,
    /// After each part of the run, and after many asked at once, the service still answers.
    StillAnswers,
    /// No call is answered with a server error, but for a 503 that says come back later.
    NoServerError,
    /// A user has one live token, however many ask for it at once.
    OneTokenPerUser,
    /// After payments and departures as many are let in as have gone.
    QueueMovesOn,
    /// The place of who waits gets smaller by those who are let in.
    PlacesShrink,
    /// Who has paid is not inside any more.
    SessionEndsWithPayment,
    /// A buyer pays what the list says, whatever the buyer's request names.
    PriceIsTheServers,
    /// A seat that a date does not have cannot be had there.
    SeatBelongsToItsDate,
    /// Without a token, or with a garbled one, every call is refused.
    NothingWithoutToken,
    /// Nobody pays or takes what somebody else holds.
    NothingForStrangers,
    /// A hold is kept for its time, lapses at its end, and is not paid after it.
    HoldsLastAsPromised,
    /// Many who charge, reserve and pay at one moment, each their own, are all served.
    ManyAtOnce,
    /// A seat that its holder asks for again, without a key, is held once: the second is refused, or the same, or takes the
    /// place of the first, and it is paid once.
    RepeatedHoldIsOne,
    /// A charge beyond 32 bits, and one that takes the balance there, is added whole or refused without any effect.
    LargeChargesWhole,
    /// A list that was asked for after an acknowledged hold shows it, within the promised time.
    ListsAsFreshAsPromised,
    /// Several seats in one hold are held and paid together, at the sum of their prices.
    GroupsWhole,
    /// Where entry tokens are asked for, whoever has no good one is refused.
    EntryTokensChecked,
    /// The server counts no more server errors than the clients have seen.
    ErrorsCounted,
    /// The server's tables agree with the clients' history.
    TablesAgree,
    /// `onsale audit` finds nothing in the stopped store.
    ServerAudit,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 41] = [
        Self::SeatSoldOnce,
        Self::SeatHeldOnce,
        Self::DebitedOnce,
        Self::ChargesKept,
        Self::ReservationsKept,
        Self::PaymentsKept,
        Self::LapsedHoldsFreed,
        Self::MoneyConserved,
        Self::ActiveLimitKept,
        Self::AdmittedInOrder,
        Self::PositionsNeverRise,
        Self::PlacesKept,
        Self::ScheduleFresh,
        Self::SeatListOneMoment,
        Self::SeatListNeverBack,
        Self::OwnWritesSeen,
        Self::NoErrorHidden,
        Self::RetriedOnce,
        Self::RefusedDidNothing,
        Self::AcknowledgedSurvives,
        Self::NoStall,
        Self::StillAnswers,
        Self::NoServerError,
        Self::OneTokenPerUser,
        Self::QueueMovesOn,
        Self::PlacesShrink,
        Self::SessionEndsWithPayment,
        Self::PriceIsTheServers,
        Self::SeatBelongsToItsDate,
        Self::NothingWithoutToken,
        Self::NothingForStrangers,
        Self::HoldsLastAsPromised,
        Self::ManyAtOnce,
        Self::RepeatedHoldIsOne,
        Self::LargeChargesWhole,
        Self::ListsAsFreshAsPromised,
        Self::GroupsWhole,
        Self::EntryTokensChecked,
        Self::ErrorsCounted,
        Self::TablesAgree,
        Self::ServerAudit,
    ];

    /// The rule of this name.
    #[must_use]
    pub fn named(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.id() == id)
    }

    /// The stable name.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::SeatSoldOnce => "seat_sold_once",
            Self::SeatHeldOnce => "seat_held_once",
            Self::DebitedOnce => "debited_once",
            Self::ChargesKept => "charges_kept",
            Self::ReservationsKept => "reservations_kept",
            Self::PaymentsKept => "payments_kept",
            Self::LapsedHoldsFreed => "lapsed_holds_freed",
            Self::MoneyConserved => "money_conserved",
            Self::ActiveLimitKept => "active_limit_kept",
            Self::AdmittedInOrder => "admitted_in_order",
            Self::PositionsNeverRise => "positions_never_rise",
            Self::PlacesKept => "places_kept",
            Self::ScheduleFresh => "schedule_fresh",
            Self::SeatListOneMoment => "seat_list_one_moment",
            Self::SeatListNeverBack => "seat_list_never_back",
            Self::OwnWritesSeen => "own_writes_seen",
            Self::NoErrorHidden => "no_error_hidden",
            Self::RetriedOnce => "retried_once",
            Self::RefusedDidNothing => "refused_did_nothing",
            Self::AcknowledgedSurvives => "acknowledged_survives",
            Self::NoStall => "no_stall",
            Self::StillAnswers => "still_answers",
            Self::NoServerError => "no_server_error",
            Self::OneTokenPerUser => "one_token_per_user",
            Self::QueueMovesOn => "queue_moves_on",
            Self::PlacesShrink => "places_shrink",
            Self::SessionEndsWithPayment => "session_ends_with_payment",
            Self::PriceIsTheServers => "price_is_the_servers",
            Self::SeatBelongsToItsDate => "seat_belongs_to_its_date",
            Self::NothingWithoutToken => "nothing_without_token",
            Self::NothingForStrangers => "nothing_for_strangers",
            Self::HoldsLastAsPromised => "holds_last_as_promised",
            Self::ManyAtOnce => "many_at_once",
            Self::RepeatedHoldIsOne => "repeated_hold_is_one",
            Self::LargeChargesWhole => "large_charges_whole",
            Self::ListsAsFreshAsPromised => "lists_as_fresh_as_promised",
            Self::GroupsWhole => "groups_whole",
            Self::EntryTokensChecked => "entry_tokens_checked",
            Self::ErrorsCounted => "errors_counted",
            Self::TablesAgree => "tables_agree",
            Self::ServerAudit => "server_audit",
        }
    }

    /// What must hold, in words.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::SeatSoldOnce => "No seat is sold twice",
            Self::SeatHeldOnce => "A seat has one holder at a time",
            Self::DebitedOnce => "No payment is debited twice",
            Self::ChargesKept => "No acknowledged charge is lost",
            Self::ReservationsKept => "No acknowledged reservation is lost",
            Self::PaymentsKept => "No acknowledged payment is lost",
            Self::LapsedHoldsFreed => "A hold that lapsed is free again and costs nothing",
            Self::MoneyConserved => "Money is neither made nor lost",
            Self::ActiveLimitKept => "Never more users inside than the limit",
            Self::AdmittedInOrder => "First come, first served",
            Self::PositionsNeverRise => "A place in the queue never gets worse",
            Self::PlacesKept => "Who falls silent keeps the place",
            Self::ScheduleFresh => "No schedule list is stale",
            Self::SeatListOneMoment => "Every seat list is of one moment",
            Self::SeatListNeverBack => "Seat lists never go back in time",
            Self::OwnWritesSeen => "Everybody sees their own writes",
            Self::NoErrorHidden => "No error looks like a success",
            Self::RetriedOnce => "A retry is answered, not repeated",
            Self::RefusedDidNothing => "What was refused was not done",
            Self::AcknowledgedSurvives => "What was acknowledged survives kill -9",
            Self::NoStall => "Crossing wishes do not lock each other out",
            Self::StillAnswers => "The service goes on answering",
            Self::NoServerError => "No call ends in a server error",
            Self::OneTokenPerUser => "A user has one place in the queue",
            Self::QueueMovesOn => "Who waits comes in when others go",
            Self::PlacesShrink => "A place gets better as others come in",
            Self::SessionEndsWithPayment => "A payment ends the session",
            Self::PriceIsTheServers => "The price is the server's",
            Self::SeatBelongsToItsDate => "A seat belongs to its date",
            Self::NothingWithoutToken => "Nothing is had without a token",
            Self::NothingForStrangers => "Nothing is had with somebody else's token",
            Self::HoldsLastAsPromised => "A hold lasts as long as promised",
            Self::ManyAtOnce => "Many at once are all served",
            Self::RepeatedHoldIsOne => "A hold that is asked for again is one hold",
            Self::LargeChargesWhole => "A large charge is added whole, or refused",
            Self::ListsAsFreshAsPromised => "Lists are as fresh as promised",
            Self::GroupsWhole => "Several seats in one hold are one",
            Self::EntryTokensChecked => "Nobody comes in without a good entry token",
            Self::ErrorsCounted => "The server counts no error that no client saw",
            Self::TablesAgree => "The server's tables agree with the clients' history",
            Self::ServerAudit => "The server's own audit finds nothing",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_rule_has_a_name_of_its_own() {
        let names: HashSet<&str> = Rule::ALL.into_iter().map(Rule::id).collect();
        assert_eq!(names.len(), Rule::ALL.len());
        assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')));
    }
}
