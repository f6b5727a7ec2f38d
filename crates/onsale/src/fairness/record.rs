//! What the rows of a queue tell, as events. Rows come in the order of what happened but for the queue's own, which is the last of
//! its entry whatever it changed: places are told before who is let in.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::mem::discriminant;

use onsale_domain::ids::QueueId;
use onsale_domain::queue::{Draw, Drawn, Opening, Phase, Places, QueueRow, State, TicketRow, Tier, hex};
use onsale_domain::row::Row;
use onsale_domain::time::Time;
use serde::Serialize;

use super::chain::Chain;

const FORM: &str = "onsale-fairness-1";

pub(super) struct Record<W: Write> {
    name: String,
    chain: Chain<W>,
    queue: Option<QueueId>,
    /// What was told of the queue last.
    told: Told,
    places: Option<Places>,
    /// Of those who have one.
    tiers: BTreeMap<u32, Tier>,
    /// Of those who have not ended.
    states: BTreeMap<u32, State>,
    /// The first ticket that the record has.
    begins: u32,
    /// The number that the next ticket gets.
    next: u32,
}

#[derive(Default)]
struct Told {
    phase: Option<Phase>,
    opening: Opening,
    commitment: Option<[u8; 32]>,
    beacon: Option<Box<str>>,
    /// Which places were fixed last: from which ticket on, and when.
    fixed: Option<(u32, Time)>,
}

/// Which entry of the journal it was, and when.
#[derive(Clone, Copy, Serialize)]
struct Moment {
    entry: u64,
    /// In milliseconds since 1970.
    at: Option<u64>,
}

/// Of what happened in entries that are not in the journal any more.
const NOT_KNOWN: Moment = Moment { entry: 0, at: None };

#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    moment: Moment,
    #[serde(flatten)]
    event: Event<'a>,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Event<'a> {
    Record {
        form: &'static str,
        queue: &'a str,
    },
    Opening {
        prequeue_at: Option<u64>,
        opens_at: Option<u64>,
        closes_at: Option<u64>,
    },
    Phase {
        phase: &'static str,
    },
    /// Without a commitment places are in order of joining.
    Order {
        commitment: Option<String>,
    },
    Beacon {
        beacon: &'a str,
    },
    Joined {
        ticket: u32,
        joined_at: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        tier: Option<u8>,
    },
    Drawn {
        seed: String,
        joins: String,
        first: u32,
        tickets: u32,
    },
    /// Places by tier, and within a tier in order of joining.
    Placed {
        first: u32,
        tickets: u32,
    },
    /// `place`: where the opening put the ticket, from 1.
    Admitted {
        ticket: u32,
        place: Option<u32>,
    },
    PassedOver {
        ticket: u32,
        place: Option<u32>,
    },
    Returned {
        ticket: u32,
    },
    Done {
        ticket: u32,
    },
    Expired {
        ticket: u32,
    },
}

impl<W: Write> Record<W> {
    pub(super) fn begin(name: &str, mut chain: Chain<W>) -> io::Result<Self> {
        chain.add(&Event::Record { form: FORM, queue: name })?;
        let (name, told, states) = (name.to_owned(), Told::default(), BTreeMap::new());
        Ok(Self { name, chain, queue: None, told, places: None, tiers: BTreeMap::new(), states, begins: 0, next: 0 })
    }

    pub(super) fn has_queue(&self) -> bool {
        self.queue.is_some()
    }

    pub(super) fn finish(self) -> io::Result<(u64, String)> {
        self.chain.finish()
    }

    /// The rows of a state that the journal begins with. When and in which order people were let in is not in it.
    pub(super) fn load(&mut self, rows: &[Row]) -> io::Result<()> {
        let Some(queue) = self.find(rows) else { return Ok(()) };
        (self.begins, self.next) = (queue.first_number, queue.first_number);
        let mut tickets = self.tickets(rows);
        for row in &tickets {
            self.joins(NOT_KNOWN, row)?;
        }
        self.rules(NOT_KNOWN, queue)?;
        // Those who came back are next in the order in which they did.
        tickets.sort_by_key(|row| if let State::Returned { order, .. } = row.state { order } else { 0 });
        for row in tickets {
            if let State::Returned { until, .. } = row.state {
                self.moves(NOT_KNOWN, &TicketRow { state: State::Absent { until }, ..*row })?;
            }
            self.moves(NOT_KNOWN, row)?;
        }
        Ok(())
    }

    /// The rows of an entry.
    pub(super) fn entry(&mut self, (seq, time_ms): (u64, u64), rows: &[Row]) -> io::Result<()> {
        let moment = Moment { entry: seq, at: Some(time_ms) };
        let queue = self.find(rows);
        let tickets = self.tickets(rows);
        if let Some(queue) = queue
            && let Some((first, drawn)) = self.fixes(queue)
        {
            for row in tickets.iter().filter(|row| row.ticket.number < first + drawn.tickets) {
                self.joins(moment, row)?;
            }
            self.rules(moment, queue)?;
        }
        if tickets.iter().any(|row| matches!(row.state, State::Progress { .. })) {
            // It was open when they were let in, whatever it became in the same entry.
            self.phase(moment, Phase::Open)?;
        }
        for row in tickets {
            self.joins(moment, row)?;
            self.moves(moment, row)?;
        }
        queue.map_or(Ok(()), |queue| self.rules(moment, queue))
    }

    /// The queue's own row, where it is among these.
    fn find<'a>(&mut self, rows: &'a [Row]) -> Option<&'a QueueRow> {
        let queue = rows.iter().find_map(|row| match row {
            Row::Queue(row) if row.name == self.name => Some(row),
            _ => None,
        })?;
        self.queue = Some(queue.id);
        Some(queue)
    }

    fn tickets<'a>(&self, rows: &'a [Row]) -> Vec<&'a TicketRow> {
        let of = |row: &'a Row| match row {
            Row::Ticket(row) if Some(row.ticket.queue) == self.queue => Some(row),
            _ => None,
        };
        rows.iter().filter_map(of).collect()
    }

    /// What an opening fixed that was not told of: the first ticket that takes part, and the rest.
    fn fixes(&self, queue: &QueueRow) -> Option<(u32, Drawn)> {
        let fixed = match (queue.draw.as_deref(), queue.tiered) {
            (Some(draw), _) => (draw.first?, draw.drawn?),
            // Once nobody waits in them, tickets are forgotten that the places were counted of.
            (None, Some(tiered)) => (tiered.first, tiered.opened.filter(|_| tiered.first >= self.begins)?),
            (None, None) => return None,
        };
        (self.told.fixed != Some((fixed.0, fixed.1.at))).then_some(fixed)
    }

    /// What changed of the queue itself.
    fn rules(&mut self, moment: Moment, queue: &QueueRow) -> io::Result<()> {
        let Opening { prequeue_at, opens_at, closes_at } = queue.opening;
        if self.told.opening != queue.opening {
            self.told.opening = queue.opening;
            let [prequeue_at, opens_at, closes_at] = [prequeue_at, opens_at, closes_at].map(|at| at.map(|at| at.0));
            self.tell(moment, Event::Opening { prequeue_at, opens_at, closes_at })?;
        }
        let draw = queue.draw.as_deref();
        let commitment = draw.map(Draw::commitment);
        if self.told.commitment != commitment {
            self.told = Told { commitment, beacon: None, fixed: None, ..std::mem::take(&mut self.told) };
            self.places = None;
            self.tell(moment, Event::Order { commitment: commitment.as_ref().map(hex) })?;
        }
        if let Some(beacon) = draw.and_then(|draw| draw.beacon.as_deref())
            && self.told.beacon.as_deref() != Some(beacon)
        {
            self.told.beacon = Some(beacon.into());
            self.tell(moment, Event::Beacon { beacon })?;
        }
        if let Some((first, Drawn { at, tickets, .. })) = self.fixes(queue) {
            self.told.fixed = Some((first, at));
            let tiers: Vec<_> = (first..first + tickets).map(|number| self.tiers.get(&number).copied()).collect();
            self.places = Some(Places::new(first, tickets, draw.map(Draw::key).as_ref(), &tiers));
            let event = match draw {
                Some(draw) => Event::Drawn { seed: hex(&draw.seed), joins: hex(&draw.joins), first, tickets },
                None => Event::Placed { first, tickets },
            };
            self.tell(moment, event)?;
        }
        self.phase(moment, queue.phase)
    }

    fn phase(&mut self, moment: Moment, phase: Phase) -> io::Result<()> {
        if self.told.phase.replace(phase) == Some(phase) {
            return Ok(());
        }
        let phase = match phase {
            Phase::Closed => "CLOSED",
            Phase::Prequeue => "PREQUEUE",
            Phase::Open => "OPEN",
            Phase::Over => "OVER",
        };
        self.tell(moment, Event::Phase { phase })
    }

    /// A ticket is told of first when its owner joins.
    fn joins(&mut self, moment: Moment, row: &TicketRow) -> io::Result<()> {
        let ticket = row.ticket.number;
        if ticket < self.next {
            return Ok(());
        }
        self.next = ticket + 1;
        self.states.insert(ticket, State::Waiting);
        self.tiers.extend(row.tier.map(|tier| (ticket, tier)));
        let (joined_at, tier) = (row.joined_at.unwrap_or(row.issued_at).0, row.tier.map(Tier::number));
        self.tell(moment, Event::Joined { ticket, joined_at, tier })
    }

    /// What a ticket has become.
    fn moves(&mut self, moment: Moment, row: &TicketRow) -> io::Result<()> {
        let ticket = row.ticket.number;
        // A row that leaves a ticket where it is tells of another token for it.
        let is_same = |before: State| discriminant(&before) == discriminant(&row.state);
        if self.states.insert(ticket, row.state).is_none_or(is_same) {
            return Ok(());
        }
        let place = self.places.as_ref().and_then(|places| places.drawn(ticket));
        let event = match row.state {
            State::Waiting => return Ok(()),
            State::Progress { .. } => Event::Admitted { ticket, place },
            State::Absent { .. } => Event::PassedOver { ticket, place },
            State::Returned { .. } => Event::Returned { ticket },
            State::Done { .. } => Event::Done { ticket },
            State::Expired { .. } => Event::Expired { ticket },
        };
        if row.state.ended() {
            self.states.remove(&ticket);
        }
        self.tell(moment, event)
    }

    fn tell(&mut self, moment: Moment, event: Event<'_>) -> io::Result<()> {
        self.chain.add(&Line { moment, event })
    }
}
