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
}

impl Fault {
    pub const ALL: [Self; 11] = [
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
