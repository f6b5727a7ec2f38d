//! What a service promises, and is therefore judged by.

use std::time::Duration;

use crate::audit::Rule;
use crate::profile::Act;

/// The promises of a service. The default is what our own wire contract promises; what a service does not promise is
/// printed as "not promised", and never as failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Promises {
    /// What is sent again with its Idempotency-Key is answered and not done again. Where this is not promised, nothing is
    /// sent again whose outcome is unknown.
    pub idempotency: bool,
    /// A user has one live place in the queue, however often a token is asked for.
    pub one_token_per_user: bool,
    /// Places are told while somebody waits, and get smaller.
    pub places_shrink: bool,
    /// Whoever came first is let in first.
    pub first_come_first_served: bool,
    /// A payment ends the session.
    pub session_ends_with_payment: bool,
    /// Whoever wants to can leave, and gives the place or the slot back with that.
    pub can_leave: bool,
    /// The calls of which whoever has no token, or a made-up one, is refused.
    pub tokens_asked_for: Vec<Act>,
    /// The most that may be inside at once, where it is promised and the server does not tell.
    pub inside_max: Option<u64>,
    /// A free slot is given to whoever waits first within this time.
    pub admits_within: Duration,
    /// How long a hold lasts, where no answer tells.
    pub hold: Duration,
    /// A seat whose hold has lapsed is free again within this time.
    pub lapsed_within: Duration,
    /// A list may be as old as this.
    pub list_staleness: Duration,
}

impl Default for Promises {
    fn default() -> Self {
        Self {
            idempotency: true,
            one_token_per_user: true,
            places_shrink: true,
            first_come_first_served: true,
            session_ends_with_payment: true,
            can_leave: true,
            tokens_asked_for: WITH_A_TOKEN.to_vec(),
            inside_max: None,
            admits_within: Duration::ZERO,
            hold: Duration::from_secs(300),
            lapsed_within: Duration::ZERO,
            list_staleness: Duration::ZERO,
        }
    }
}

/// All that a token can be asked for; for the first one nobody has any.
pub(crate) const WITH_A_TOKEN: [Act; 7] =
    [Act::Check, Act::Charge, Act::Balance, Act::Schedule, Act::Seat, Act::Reserve, Act::Payment];

impl Promises {
    /// Whether it is promised that this call needs a token.
    #[must_use]
    pub fn asks_for_a_token(&self, act: Act) -> bool {
        self.tokens_asked_for.contains(&act)
    }

    /// Whether the service is judged by this rule. Most of them any service that sells tickets must keep.
    #[must_use]
    pub fn include(&self, rule: Rule) -> bool {
        match rule {
            Rule::RetriedOnce => self.idempotency,
            Rule::OneTokenPerUser => self.one_token_per_user,
            Rule::PositionsNeverRise | Rule::PlacesShrink => self.places_shrink,
            Rule::SessionEndsWithPayment => self.session_ends_with_payment,
            Rule::NothingWithoutToken => !self.tokens_asked_for.is_empty(),
            Rule::NothingForStrangers => self.asks_for_a_token(Act::Payment),
            Rule::AdmittedInOrder => self.first_come_first_served,
            Rule::ScheduleFresh | Rule::SeatListNeverBack | Rule::SeatListOneMoment | Rule::OwnWritesSeen => {
                self.list_staleness.is_zero()
            }
            Rule::SeatSoldOnce
            | Rule::SeatHeldOnce
            | Rule::DebitedOnce
            | Rule::ChargesKept
            | Rule::ReservationsKept
            | Rule::PaymentsKept
            | Rule::LapsedHoldsFreed
            | Rule::MoneyConserved
            | Rule::ActiveLimitKept
            | Rule::PlacesKept
            | Rule::NoErrorHidden
            | Rule::RefusedDidNothing
            | Rule::AcknowledgedSurvives
            | Rule::NoStall
            | Rule::StillAnswers
            | Rule::NoServerError
            | Rule::QueueMovesOn
            | Rule::EntryTokensChecked
            | Rule::PriceIsTheServers
            | Rule::SeatBelongsToItsDate
            | Rule::HoldsLastAsPromised
            | Rule::ManyAtOnce
            | Rule::RepeatedHoldIsOne
            | Rule::LargeChargesWhole
            | Rule::ListsAsFreshAsPromised
            | Rule::GroupsWhole
            | Rule::ErrorsCounted
            | Rule::TablesAgree
            | Rule::ServerAudit => true,
        }
    }
}
