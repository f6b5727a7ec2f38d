//! The types of events, by their names on the wire.

use std::collections::BTreeSet;

use onsale_domain::feed::{End, Event, Token};
use onsale_domain::operator::Kind;

use crate::problem::Problem;

macro_rules! types {
    ($($name:ident = $text:literal, $about:literal;)*) => {
        /// What kind of event it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Type {
            $($name,)*
        }

        impl Type {
            /// All of them.
            pub(crate) const ALL: &[Self] = &[$(Self::$name),*];

            /// The value of `type`.
            pub(crate) fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// When there is one, for the document.
            pub(crate) fn about(self) -> &'static str {
                match self {
                    $(Self::$name => $about,)*
                }
            }
        }
    };
}

types! {
    FeedBegan = "onsale.feed.began", "The feed begins here: what was before is not in it.";
    HoldMade = "onsale.hold.made", "Seats are held.";
    HoldExtended = "onsale.hold.extended", "A hold lasts longer.";
    HoldLapsed = "onsale.hold.lapsed", "Nobody paid a hold in time: its seats are free.";
    HoldCancelled = "onsale.hold.cancelled", "Its owner dropped a hold: its seats are free.";
    HoldReleased = "onsale.hold.released", "An operator dropped a hold: its seats are free.";
    PaymentMade = "onsale.payment.made", "A hold is paid: its seats are sold.";
    TicketIssued = "onsale.ticket.issued", "Each of the seats has a ticket for the gate.";
    TicketReissued = "onsale.ticket.reissued", "The ticket of a seat is another one now: those of before are refused at the gate.";
    TransferMade = "onsale.transfer.made", "Money moved between two accounts of the ledger.";
    SeatWithheld = "onsale.seat.withheld", "An operator holds seats back from the sale.";
    SeatGivenBack = "onsale.seat.given_back", "Seats that were held back are on sale again.";
    UserErased = "onsale.user.erased", "A person was erased: whoever keeps something of this user beside the store has to erase it too.";
    ScheduleChanged = "onsale.schedule.changed", "A date is in the catalog, as it is now.";
    ScheduleSeatsPublished = "onsale.schedule.seats_published", "All seats of a date, in place of those it had.";
    ScheduleRemoved = "onsale.schedule.removed", "A date is out of the catalog.";
    ScheduleSoldOut = "onsale.schedule.sold_out", "Every seat of a date is paid.";
    ScheduleSaleOpened = "onsale.schedule.sale_opened", "A date takes holds again, or its sale has begun.";
    ScheduleSaleClosed = "onsale.schedule.sale_closed", "A date takes no new holds.";
    QueueOpened = "onsale.queue.opened", "A queue admits those who wait in it.";
    QueuePaused = "onsale.queue.paused", "A queue admits nobody for now.";
    QueueClosed = "onsale.queue.closed", "A queue admits nobody, and takes nobody in.";
    MessageSent = "onsale.message.sent", "Those who wait were told something.";
    LeverMoved = "onsale.lever.moved", "An operator changed something.";
    TokenIssued = "onsale.token.issued", "Somebody has a place in a queue, or a new token for it.";
    TokenAdmitted = "onsale.token.admitted", "Somebody may buy.";
    TokenPassedOver = "onsale.token.passed_over", "Somebody's turn came while they were silent.";
    TokenReturned = "onsale.token.returned", "Somebody whose turn had passed is back in time.";
    TokenDone = "onsale.token.done", "Somebody has paid, or left.";
    TokenExpired = "onsale.token.expired", "Somebody's time inside, or to return, is over.";
}

impl Type {
    pub(crate) fn of(event: &Event) -> Self {
        match event {
            Event::FeedBegan { .. } => Self::FeedBegan,
            Event::HoldMade(_) => Self::HoldMade,
            Event::HoldExtended(_) => Self::HoldExtended,
            Event::HoldEnded { how, .. } => match how {
                End::Lapsed => Self::HoldLapsed,
                End::Cancelled => Self::HoldCancelled,
                End::Released => Self::HoldReleased,
            },
            Event::PaymentMade { .. } => Self::PaymentMade,
            Event::PassesIssued(_) => Self::TicketIssued,
            Event::PassReissued { .. } => Self::TicketReissued,
            Event::UserErased { .. } => Self::UserErased,
            Event::TransferMade { .. } => Self::TransferMade,
            Event::SeatsWithheld { .. } => Self::SeatWithheld,
            Event::SeatsGivenBack { .. } => Self::SeatGivenBack,
            Event::ScheduleChanged { .. } => Self::ScheduleChanged,
            Event::SeatsPublished { .. } => Self::ScheduleSeatsPublished,
            Event::ScheduleRemoved { .. } => Self::ScheduleRemoved,
            Event::News { kind, .. } => match kind {
                Kind::Message => Self::MessageSent,
                Kind::SoldOut => Self::ScheduleSoldOut,
                Kind::QueueClosed => Self::QueueClosed,
                Kind::QueuePaused => Self::QueuePaused,
                Kind::QueueOpen => Self::QueueOpened,
                Kind::SaleClosed => Self::ScheduleSaleClosed,
                Kind::SaleOpen => Self::ScheduleSaleOpened,
            },
            Event::LeverMoved { .. } => Self::LeverMoved,
            Event::Token { became, .. } => match became {
                Token::Issued => Self::TokenIssued,
                Token::Admitted => Self::TokenAdmitted,
                Token::PassedOver => Self::TokenPassedOver,
                Token::Returned => Self::TokenReturned,
                Token::Done => Self::TokenDone,
                Token::Expired => Self::TokenExpired,
            },
        }
    }

    /// With the dot: `onsale.hold.`.
    fn family(self) -> &'static str {
        let name = self.name();
        name.rfind('.').map_or(name, |dot| &name[..=dot])
    }

    /// Told without being asked for: there is one for each step of everybody in the queue, and few want them.
    fn is_usual(self) -> bool {
        self.family() != "onsale.token."
    }
}

/// The types that somebody asks for.
#[derive(Clone, Debug)]
pub(in crate::admin) struct Wanted(BTreeSet<Type>);

impl Wanted {
    /// Of `types`, a list with commas of names and of families such as `onsale.hold.*`; all usual ones where it is left out.
    pub(in crate::admin) fn read(types: Option<&str>) -> Result<Self, Problem> {
        let Some(types) = types else {
            return Ok(Self(Type::ALL.iter().copied().filter(|one| one.is_usual()).collect()));
        };
        // Whoever follows the feed must know where it begins.
        let mut wanted = BTreeSet::from([Type::FeedBegan]);
        for asked in types.split(',') {
            let is_asked = |one: &&Type| match asked.strip_suffix('*') {
                Some(family) => one.family() == family,
                None => one.name() == asked,
            };
            let found: Vec<Type> = Type::ALL.iter().filter(is_asked).copied().collect();
            if found.is_empty() {
                let shown: String = asked.chars().take(64).collect();
                let what = format!(
                    "types must be names such as onsale.hold.made, or families such as onsale.hold.*, with commas between them; {shown:?} is none."
                );
                return Err(Problem::field("types", what));
            }
            wanted.extend(found);
        }
        Ok(Self(wanted))
    }

    pub(in crate::admin) fn has(&self, event: &Event) -> bool {
        self.0.contains(&Type::of(event))
    }

    /// Whether levers are among them.
    pub(super) fn has_levers(&self) -> bool {
        self.0.contains(&Type::LeverMoved)
    }

    pub(super) fn without_levers(mut self) -> Self {
        self.0.remove(&Type::LeverMoved);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_what_the_domain_counts() {
        // Each type's family is one of the domain's, so that numbers without a gap are those of what is asked for.
        let families: BTreeSet<&str> = Type::ALL.iter().map(|one| one.family()).collect();
        assert_eq!(families.len(), onsale_domain::feed::FAMILIES);
    }

    #[test]
    fn types_are_asked_for_by_name_or_by_family() {
        let read = |types| Wanted::read(types).map(|Wanted(all)| all.into_iter().map(Type::name).collect::<Vec<_>>());
        assert_eq!(read(Some("onsale.payment.made")), Ok(vec!["onsale.feed.began", "onsale.payment.made"]));
        assert_eq!(read(Some("onsale.hold.*,onsale.hold.made")).map(|all| all.len()), Ok(6));
        assert_eq!(read(None).map(|all| all.len()), Ok(24));
        for types in
            ["", "onsale.hold", "hold.*", "onsale.*", "*", "onsale.hold.made,", "onsale.hold.made onsale.hold.lapsed"]
        {
            let problem = Wanted::read(Some(types)).expect_err(types);
            assert_eq!(problem.named(), Some("types"), "{types}");
        }
    }
}
