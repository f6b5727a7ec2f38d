//! What can be wrong with a planted server: one thing at a time, each with a name.

use std::fmt;
use std::str::FromStr;

/// One thing that a service which sells tickets must not do, and that a load test must therefore find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Now and then a seat that somebody holds or has bought is given to a second person.
    SellsASeatTwice,
    /// A payment takes its price twice.
    DebitsTwice,
    /// Now and then a charge is acknowledged, with the right balance in the answer, and forgotten.
    LosesACharge,
    /// More people are inside than the limit allows.
    ExceedsTheLimit,
    /// Every other admission takes who came last instead of who came first.
    AdmitsOutOfOrder,
    /// The schedule list is remembered for two seconds.
    ServesAStaleSchedule,
    /// Every other seat of a list is shown as it was up to two seconds ago.
    TearsSeatLists,
    /// Now and then something fails inside, and the failure goes out under status 200.
    HidesAFailure,
    /// Now and then a reservation is acknowledged and forgotten.
    LosesAReservation,
    /// Now and then a payment is acknowledged, and neither money nor seat changes hands.
    LosesAPayment,
    /// An Idempotency-Key is ignored: what is sent again is done again.
    RepeatsWhatIsRetried,
    /// Every token issue makes a place of its own, though the user has one.
    IssuesManyTokens,
    /// Whoever has gone keeps the slot, so that nobody comes in after them.
    QueueStandsStill,
    /// Who waits is told the place of the day of joining for ever.
    PlacesNeverMove,
    /// A payment ends no session.
    PaidSessionGoesOn,
    /// A payment that names an amount costs that.
    BuyerNamesThePrice,
    /// A seat that the date does not have is held all the same.
    SellsOtherDatesSeats,
    /// A wallet can be charged, looked at and paid from without a token: it is that of the first user.
    NeedsNoToken,
    /// Anybody's reservation can be paid by anybody.
    PaysForStrangers,
    /// A hold never ends.
    HoldsNeverLapse,
    /// A hold ends after half of the time that it was given.
    HoldsLapseEarly,
    /// A hold that has lapsed can be paid.
    PaysLapsedHolds,
    /// Seat lists are remembered whole for two seconds.
    ServesStaleSeats,
    /// Ten payments under way at once lock each other out, and with them everything, for ever.
    DeadlocksItsPool,
    /// Every answer but the catalog takes nine seconds.
    AnswersLate,
    /// Connections are accepted, and nothing is ever answered.
    NeverAnswers,
    /// Every answer ends in its middle, and the connection stays open.
    AnswersHalf,
    /// After some hundred reservations nothing is answered any more, for ever.
    StopsAnswering,
    /// Who holds a seat and asks for it again gets a second hold of it.
    HoldsAgain,
    /// A charge is added as a number of 32 bits, and comes round below zero.
    WrapsLargeCharges,
    /// Of several seats in one hold the first half is sold for the price of all; the others are free again.
    SellsHalfOfAGroup,
    /// Of several seats in one call of which some are taken, those that are free stay held, though all are refused.
    HoldsHalfOfAGroup,
    /// A payment that comes at the same moment as another of the same reservation is debited as well.
    DebitsAtTheSameMoment,
    /// Of two charges of one wallet at the same moment one is forgotten.
    ForgetsChargesAtOnce,
    /// Two payments from one wallet at the same moment spend the same money.
    SpendsTheSameMoneyTwice,
    /// What an entry token says is believed, whoever signed it.
    BelievesUnsignedTokens,
}

impl Fault {
    pub const ALL: [Self; 36] = [
        Self::SellsASeatTwice,
        Self::DebitsTwice,
        Self::LosesACharge,
        Self::ExceedsTheLimit,
        Self::AdmitsOutOfOrder,
        Self::ServesAStaleSchedule,
        Self::TearsSeatLists,
        Self::HidesAFailure,
        Self::LosesAReservation,
        Self::LosesAPayment,
        Self::RepeatsWhatIsRetried,
        Self::IssuesManyTokens,
        Self::QueueStandsStill,
        Self::PlacesNeverMove,
        Self::PaidSessionGoesOn,
        Self::BuyerNamesThePrice,
        Self::SellsOtherDatesSeats,
        Self::NeedsNoToken,
        Self::PaysForStrangers,
        Self::HoldsNeverLapse,
        Self::HoldsLapseEarly,
        Self::PaysLapsedHolds,
        Self::ServesStaleSeats,
        Self::DeadlocksItsPool,
        Self::AnswersLate,
        Self::NeverAnswers,
        Self::AnswersHalf,
        Self::StopsAnswering,
        Self::HoldsAgain,
        Self::WrapsLargeCharges,
        Self::SellsHalfOfAGroup,
        Self::HoldsHalfOfAGroup,
        Self::DebitsAtTheSameMoment,
        Self::ForgetsChargesAtOnce,
        Self::SpendsTheSameMoneyTwice,
        Self::BelievesUnsignedTokens,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SellsASeatTwice => "sells-a-seat-twice",
            Self::DebitsTwice => "debits-twice",
            Self::LosesACharge => "loses-a-charge",
            Self::ExceedsTheLimit => "exceeds-the-limit",
            Self::AdmitsOutOfOrder => "admits-out-of-order",
            Self::ServesAStaleSchedule => "serves-a-stale-schedule",
            Self::TearsSeatLists => "tears-seat-lists",
            Self::HidesAFailure => "hides-a-failure",
            Self::LosesAReservation => "loses-a-reservation",
            Self::LosesAPayment => "loses-a-payment",
            Self::RepeatsWhatIsRetried => "repeats-what-is-retried",
            Self::IssuesManyTokens => "issues-many-tokens",
            Self::QueueStandsStill => "queue-stands-still",
            Self::PlacesNeverMove => "places-never-move",
            Self::PaidSessionGoesOn => "paid-session-goes-on",
            Self::BuyerNamesThePrice => "buyer-names-the-price",
            Self::SellsOtherDatesSeats => "sells-other-dates-seats",
            Self::NeedsNoToken => "needs-no-token",
            Self::PaysForStrangers => "pays-for-strangers",
            Self::HoldsNeverLapse => "holds-never-lapse",
            Self::HoldsLapseEarly => "holds-lapse-early",
            Self::PaysLapsedHolds => "pays-lapsed-holds",
            Self::ServesStaleSeats => "serves-stale-seats",
            Self::DeadlocksItsPool => "deadlocks-its-pool",
            Self::AnswersLate => "answers-late",
            Self::NeverAnswers => "never-answers",
            Self::AnswersHalf => "answers-half",
            Self::StopsAnswering => "stops-answering",
            Self::HoldsAgain => "holds-again",
            Self::WrapsLargeCharges => "wraps-large-charges",
            Self::SellsHalfOfAGroup => "sells-half-of-a-group",
            Self::HoldsHalfOfAGroup => "holds-half-of-a-group",
            Self::DebitsAtTheSameMoment => "debits-at-the-same-moment",
            Self::ForgetsChargesAtOnce => "forgets-charges-at-once",
            Self::SpendsTheSameMoneyTwice => "spends-the-same-money-twice",
            Self::BelievesUnsignedTokens => "believes-unsigned-tokens",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|fault| fault.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("`{text}` is not a fault; there are {names}")
        })
    }
}

/// Acts once in so many chances.
#[derive(Debug, Default)]
pub(super) struct NowAndThen(u64);

impl NowAndThen {
    /// Whether this chance is the one of `every`.
    pub(super) fn comes(&mut self, every: u64) -> bool {
        self.0 += 1;
        self.0.is_multiple_of(every)
    }
}
