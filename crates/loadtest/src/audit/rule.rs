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
    /// The server counts no more server errors than the clients have seen.
    ErrorsCounted,
    /// The server's tables agree with the clients' history.
    TablesAgree,
    /// `onsale audit` finds nothing in the stopped store.
    ServerAudit,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 24] = [
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
        Self::ErrorsCounted,
        Self::TablesAgree,
        Self::ServerAudit,
    ];

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
