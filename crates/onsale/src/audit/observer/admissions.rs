//! At most so many inside, in order, and nobody before the opening; and ends of sessions that are kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use onsale_domain::command::{Batch, Command};
use onsale_domain::ids::{QueueId, TicketId};
use onsale_domain::queue::{Draw, Phase, Places, State, Tier};
use onsale_domain::row::{QueueRow, Row, TicketRow};
use onsale_domain::settings::QueueSettings;
use onsale_domain::time::Time;

use crate::audit::tally::Tally;

/// One queue as its rows tell it.
#[derive(Default)]
struct Line {
    active_limit: u32,
    session_max_ms: Option<u64>,
    phase: Phase,
    /// Who waits, by their places.
    waiting: BTreeSet<u32>,
    /// Where an opening has given places.
    places: Option<Places>,
    /// Of those who have one.
    tiers: HashMap<u32, Tier>,
    /// The queue's row where it was loaded, until all its tickets are.
    loaded: Option<QueueRow>,
    /// Those who came back, by the order of their return.
    returned: BTreeMap<u32, u32>,
    active: BTreeSet<u32>,
    /// The most that were inside right after an admission of the current entry.
    peak: usize,
    /// The longest session, from its beginning to its end, that the current entry tells of, and whose it is.
    longest: Option<(u64, u32)>,
}

/// What the rules of a queue were before an entry.
#[derive(Clone, Copy)]
struct Before {
    active_limit: u32,
    session_max_ms: Option<u64>,
    phase: Phase,
}

/// A ticket that has not ended.
struct Live {
    state: State,
    /// When its owner was let in, where that is kept.
    admitted_at: Option<Time>,
}

pub(super) struct Admissions {
    lines: BTreeMap<QueueId, Line>,
    live: HashMap<TicketId, Live>,
    limit: Tally,
    order: Tally,
    opening: Tally,
    ends: Tally,
}

impl Line {
    fn rules(&self) -> Before {
        let &Self { active_limit, session_max_ms, phase, .. } = self;
        Before { active_limit, session_max_ms, phase }
    }

    fn place_of(&self, number: u32) -> u32 {
        self.places.as_ref().map_or(number, |places| places.place_of(number))
    }

    fn ticket_at(&self, place: u32) -> u32 {
        self.places.as_ref().map_or(place, |places| places.ticket_at(place))
    }

    /// Has everybody wait where the queue's opening has put them.
    fn take_places(&mut self, row: &QueueRow) {
        let draw = row.draw.as_deref();
        let drawn = || draw.and_then(|draw| Some((draw.first?, draw.drawn?.tickets)));
        let range = drawn().or_else(|| row.tiered.and_then(|tiered| Some((tiered.first, tiered.opened?.tickets))));
        if range == self.places.as_ref().map(Places::range) {
            return;
        }
        let waiting: Vec<_> = self.waiting.iter().map(|&place| self.ticket_at(place)).collect();
        let key = draw.map(Draw::key);
        self.places = range.map(|(first, tickets)| {
            let tiers: Vec<_> = (first..first + tickets).map(|number| self.tiers.get(&number).copied()).collect();
            Places::new(first, tickets, key.as_ref(), &tiers)
        });
        self.waiting = waiting.into_iter().map(|number| self.place_of(number)).collect();
    }
}

impl Admissions {
    pub(super) fn new() -> Self {
        Self {
            lines: BTreeMap::new(),
            live: HashMap::new(),
            limit: Tally::new("the active limit is never exceeded"),
            order: Tally::new("admissions are in order"),
            opening: Tally::new("nobody is admitted but while the queue is open"),
            ends: Tally::new("the end of a session moves later alone, and never past its longest time"),
        }
    }

    pub(super) fn load(&mut self, row: &Row) {
        if let Row::Ticket(row) = row {
            self.move_to(row);
        }
        if let Row::Queue(row) = row {
            self.lines.entry(row.id).or_default().loaded = Some(QueueRow::clone(row));
        }
        self.take_limit(row);
    }

    pub(super) fn entry(&mut self, seq: u64, batch: &Batch, rows: &[Row]) {
        let before: BTreeMap<_, _> = self.lines.iter().map(|(&queue, line)| (queue, line.rules())).collect();
        for line in self.lines.values_mut() {
            if let Some(row) = line.loaded.take() {
                line.take_places(&row);
            }
        }
        // An opening comes before whom it lets in, and its row after.
        rows.iter().for_each(|row| self.take_places(row));
        for row in rows {
            // A row that leaves a ticket where it is tells of another token for it.
            if let Row::Ticket(ticket) = row
                && self.live.get(&ticket.ticket).map(|live| live.state) != Some(ticket.state)
            {
                if let State::Progress { until } = ticket.state {
                    self.judge_inside(seq, ticket, until);
                }
                self.move_to(ticket);
            }
            self.take_limit(row);
        }
        for (&queue, line) in &mut self.lines {
            let before = before.get(&queue).copied();
            if let Some((ms, number)) = line.longest.take() {
                let given = settings_given(batch, queue).map(|settings| settings.session_max_ms);
                let max_ms =
                    given.chain(before.map(|before| before.session_max_ms)).fold(line.session_max_ms, Ord::max);
                self.ends.check(max_ms >= Some(ms), || {
                    format!(
                        "entry {seq}: the session of ticket {queue}-{number} lasts {ms} ms, and may last {max_ms:?}"
                    )
                });
            }
            let peak = std::mem::take(&mut line.peak);
            if peak == 0 {
                continue;
            }
            // The limit may have changed within the entry, and a row shows only what it was at the end.
            let given = settings_given(batch, queue).map(|settings| settings.active_limit);
            let limit = given.chain(before.map(|before| before.active_limit)).fold(line.active_limit, u32::max);
            self.limit.check(peak <= limit as usize, || {
                format!("entry {seq}: {peak} inside queue {queue}, whose limit is {limit}")
            });
            // It may have opened with this entry, or been put off in it.
            let may_be_open = before.is_some_and(|before| before.phase == Phase::Open)
                || line.phase == Phase::Open
                || batch.commands.iter().any(|command| sets_opening(command, queue));
            self.opening.check(may_be_open, || {
                format!("entry {seq}: somebody was admitted to queue {queue}, which is {:?}", line.phase)
            });
        }
    }

    pub(super) fn finish(self) -> Vec<Tally> {
        vec![self.limit, self.order, self.opening, self.ends]
    }

    /// Somebody was let in, or their session goes on for longer than was told. The first moment of a session stays what it is.
    fn judge_inside(&mut self, seq: u64, row: &TicketRow, until: Time) {
        let TicketId { queue, number } = row.ticket;
        match self.live.get(&row.ticket) {
            Some(&Live { state: State::Progress { until: before }, admitted_at: known }) => {
                let goes_on =
                    until > before && row.admitted_at.is_some() && known.is_none_or(|at| row.admitted_at == Some(at));
                self.ends.check(goes_on, || {
                    format!(
                        "entry {seq}: the session of ticket {queue}-{number} ended at {before:?}, and then at {until:?}"
                    )
                });
            }
            _ => self.judge_order(seq, row),
        }
        if let Some(at) = row.admitted_at {
            let line = self.lines.entry(queue).or_default();
            line.longest = line.longest.max(Some((until.ms_since(at), number)));
        }
    }

    /// Whoever came back goes first, by the order of return; then the line, by the order of joining or as it was drawn.
    fn judge_order(&mut self, seq: u64, row: &TicketRow) {
        let number = row.ticket.number;
        let line = self.lines.entry(row.ticket.queue).or_default();
        let first = line.returned.first_key_value().map(|(_, &number)| number);
        let first = first.or_else(|| line.waiting.first().map(|&place| line.ticket_at(place)));
        // A ticket that was admitted in the moment of joining is not in the line yet, and must find nobody there.
        let holds = match self.live.get(&row.ticket) {
            Some(_) => first == Some(number),
            None => first.is_none(),
        };
        self.order.check(holds, || {
            let first = first.map_or_else(|| "nobody".to_owned(), |first| format!("ticket {first}"));
            format!("entry {seq}: queue {} admitted ticket {number}, and {first} was next", row.ticket.queue)
        });
    }

    fn move_to(&mut self, row: &TicketRow) {
        let TicketId { queue, number } = row.ticket;
        let line = self.lines.entry(queue).or_default();
        line.tiers.extend(row.tier.map(|tier| (number, tier)));
        let place = line.place_of(number);
        match self.live.get(&row.ticket).map(|live| live.state) {
            Some(State::Waiting) => drop(line.waiting.remove(&place)),
            Some(State::Returned { order, .. }) => drop(line.returned.remove(&order)),
            Some(State::Progress { .. }) => drop(line.active.remove(&number)),
            Some(State::Absent { .. } | State::Done { .. } | State::Expired { .. }) | None => {}
        }
        match row.state {
            State::Waiting => drop(line.waiting.insert(place)),
            State::Returned { order, .. } => drop(line.returned.insert(order, number)),
            State::Progress { .. } => {
                line.active.insert(number);
                line.peak = line.peak.max(line.active.len());
            }
            State::Absent { .. } => {}
            State::Done { .. } | State::Expired { .. } => {
                self.live.remove(&row.ticket);
                return;
            }
        }
        self.live.insert(row.ticket, Live { state: row.state, admitted_at: row.admitted_at });
    }

    fn take_places(&mut self, row: &Row) {
        if let Row::Queue(row) = row {
            self.lines.entry(row.id).or_default().take_places(row);
        }
    }

    fn take_limit(&mut self, row: &Row) {
        if let Row::Queue(row) = row {
            let line = self.lines.entry(row.id).or_default();
            (line.active_limit, line.session_max_ms) = (row.settings.active_limit, row.settings.session_max_ms);
            line.phase = row.phase;
        }
    }
}

/// What the commands of a batch make the settings of a queue.
fn settings_given(batch: &Batch, of: QueueId) -> impl Iterator<Item = &QueueSettings> {
    batch.commands.iter().filter_map(move |command| match bare(command) {
        Command::ConfigureQueue { queue, settings: Some(settings), .. } if *queue == of => Some(settings),
        _ => None,
    })
}

fn sets_opening(command: &Command, of: QueueId) -> bool {
    matches!(bare(command), Command::SetOpening { queue, .. } if *queue == of)
}

/// A command without the name of the operator who gave it.
fn bare(command: &Command) -> &Command {
    match command {
        Command::Operate { command, .. } => command,
        command => command,
    }
}
