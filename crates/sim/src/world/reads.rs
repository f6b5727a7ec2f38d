//! Reads, as the edge answers them: what `http/src/api/recent.rs` promises over what a node knows of the others.

use std::time::Duration;

use onsale_domain::ids::{SeatId, TicketId};
use onsale_domain::queue::{State, Status};
use onsale_domain::time::Time;
use onsale_journal::Head;
use onsale_node::{Bookmark, SeatStatus, Standing};
use rand::RngExt as _;

use super::people::{QUEUE, SCHEDULE, Step};
use super::wishes;
use super::{Check, Event, World};
use crate::plan::{Errand, Part};

/// How long a request waits for its node to catch up.
const WAIT: Duration = Duration::from_millis(1_500);
/// From when on a view is old.
const OLD: Duration = Duration::from_millis(1_500);
const STALE_MAX: Duration = Duration::from_secs(60);
/// How often it is looked whether a read can be answered.
const LOOK: Duration = Duration::from_millis(25);

/// What somebody wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Where they are in the queue.
    Ticket(TicketId),
    /// The list of seats, as it is now.
    Seats,
}

/// A read that waits.
pub(super) struct Read {
    person: usize,
    wanted: Wanted,
    node: usize,
    id: u64,
    began: Duration,
    /// The number of the look at the journal's end that it waits for.
    asked: u64,
    /// What had been acknowledged before.
    least: u64,
    /// Whether it has asked a second time, since what it has seen was not there.
    is_second: bool,
}

/// How an answer came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// From a node that has heard of others just now.
    Memory,
    /// From one that has looked for it.
    Fresh,
    /// From one that cannot look.
    Stale,
}

impl World<'_> {
    pub(super) fn read(&mut self, person: usize, wanted: Wanted) {
        let node = self.chance.random_range(0..self.nodes.len());
        if wanted == Wanted::Seats && self.is_journaled_first(person, node) {
            return;
        }
        let (now, least) = (self.now, self.acknowledged);
        let bookmark = self.people[person].bookmark;
        let Some(found) = &self.nodes[node] else { return self.unread(person) };
        let cluster = &found.cluster;
        let stale = cluster.stale_at(now);
        let stands = bookmark.is_none_or(|bookmark| cluster.standing(bookmark) == Standing::Behind);
        let is_fine = matches!(wanted, Wanted::Ticket(_)) && stale < OLD && stands;
        let id = found.id;
        let read = Read { person, wanted, node, id, began: now, asked: 0, least, is_second: false };
        if is_fine {
            return self.show(&read, How::Memory);
        }
        let read = Read { asked: cluster.ask(), ..read };
        self.hand(node, Part::Follower);
        self.reads.push(Some(read));
        self.at(now + LOOK, Event::Look { read: self.reads.len() - 1 });
    }

    /// Whoever asks for seats does something, which the node notes. Where little of their time is left it is journaled before they are
    /// answered.
    fn is_journaled_first(&mut self, person: usize, node: usize) -> bool {
        let journal_now = Time(self.node_now(node).journal_ms);
        let (Some(found), Some(ticket)) = (&self.nodes[node], self.people[person].ticket) else { return false };
        let Some(queue) = found.views.queue(QUEUE).filter(|queue| queue.idle_at(ticket.number).is_some()) else {
            return false;
        };
        let is_late = queue.act(ticket.number, journal_now);
        self.oracle.acts.heard(found.id, ticket.number, self.now);
        let visitor = &mut self.people[person];
        if !is_late || std::mem::replace(&mut visitor.has_stayed, true) {
            return false;
        }
        self.marks.hit("idle: journaled before the answer");
        visitor.next(Step::Stay);
        self.send(person);
        true
    }

    /// Looks whether a read can be answered by now.
    pub(super) fn look_at(&mut self, number: usize) {
        let Some(mut read) = self.reads[number].take() else { return };
        let (now, bookmark) = (self.now, self.people[read.person].bookmark);
        let Some(found) = self.nodes[read.node].as_ref().filter(|node| node.id == read.id) else {
            return self.unread(read.person);
        };
        let cluster = found.cluster.clone();
        let stands = bookmark.is_none_or(|bookmark| cluster.standing(bookmark) == Standing::Behind);
        let answered = *cluster.watch_answered().borrow();
        let is_fresh = answered.asked >= read.asked && cluster.applied().seq >= answered.seq;
        if is_fresh && stands {
            return self.show(&read, How::Fresh);
        }
        if is_fresh && read.is_second {
            return self.tell_lost(&read);
        }
        if is_fresh {
            // One look tells whose history it is: where this node's is another, it finds out and ends.
            read.is_second = true;
            read.asked = cluster.ask();
            self.hand(read.node, Part::Follower);
        }
        let is_over = now >= read.began + WAIT || cluster.is_cut_off_at(now);
        if is_over && cluster.is_cut_off_at(now) && cluster.stale_at(now) <= STALE_MAX && stands {
            return self.show(&read, How::Stale);
        }
        if is_over && !is_fresh {
            return self.unread(read.person);
        }
        self.reads[number] = Some(read);
        self.at(now + LOOK, Event::Look { read: number });
    }

    fn unread(&mut self, person: usize) {
        self.marks.hit("read: refused");
        self.go_soon(person, 2_000);
    }

    /// What somebody has seen is in no history that there is.
    fn tell_lost(&mut self, read: &Read) {
        self.marks.hit("person: told that what it saw is lost");
        let bookmark = self.people[read.person].bookmark;
        if self.oracle.losses.is_empty() {
            self.fail(Check::Lost, format!("{bookmark:?} is said to be lost, and nothing ever was"));
        }
        if let Some(found) = &self.nodes[read.node] {
            let head = found.cluster.applied();
            let visitor = &mut self.people[read.person];
            (visitor.bookmark, visitor.shown) = (Some(Bookmark::from(&head)), None);
        }
        self.go_soon(read.person, 1_000);
    }

    /// Answers a read.
    fn show(&mut self, read: &Read, how: How) {
        self.marks.hit(match how {
            How::Memory => "read: from memory",
            How::Fresh => "read: fresh",
            How::Stale => "read: stale",
        });
        self.check_age(read, how);
        let Some(found) = &self.nodes[read.node] else { return };
        let (views, head) = (found.views.clone(), found.cluster.applied());
        let visitor = &mut self.people[read.person];
        if visitor.bookmark.is_none_or(|known| known.seq <= head.seq) {
            visitor.bookmark = Some(Bookmark::from(&head));
        }
        match read.wanted {
            Wanted::Ticket(ticket) => {
                if let Some(queue) = views.queue(QUEUE) {
                    queue.hear(ticket.number);
                }
                let shown = views.ticket(ticket);
                if shown.state == Some(State::Waiting) {
                    self.oracle.words.heard(read.id, ticket.number, self.now);
                }
                self.shown_ticket(read, &head, ticket, shown.state, shown.position);
            }
            Wanted::Seats => {
                let catalog = views.catalog();
                let Some(schedule) = catalog.schedules.get(&SCHEDULE) else { return };
                let board = schedule.board();
                let free: Vec<SeatId> = board
                    .statuses()
                    .filter(|(_, status)| *status == SeatStatus::Available)
                    .map(|(seat, _)| seat.seat)
                    .collect();
                let available = board.available();
                let wallet = self.people[read.person].user();
                let balance = views.users.balance(wallet);
                self.shown_seats(read, &head, &free, available, balance);
            }
        }
    }

    /// Whether what is shown is as new as it must be.
    fn check_age(&mut self, read: &Read, how: How) {
        let Some(found) = &self.nodes[read.node] else { return };
        let seq = found.views.mark().seq;
        let stale = found.cluster.stale_at(self.now);
        if self.oracle.has_lost_since(read.began) {
            return;
        }
        if how == How::Fresh {
            if seq < read.least {
                let text = format!("a fresh read shows entry {seq}, and {} was acknowledged before", read.least);
                self.fail(Check::Reads, text);
            } else if self.oracle.hash(seq) != Some(found.cluster.applied().hash) {
                self.fail(Check::Reads, format!("a fresh read shows entry {seq}, which is not in the journal"));
            }
            return;
        }
        let Some(then) = self.now.checked_sub(stale) else { return };
        let least = self.oracle.seq_before(then);
        if seq < least {
            let text = format!("a read is said to be {} ms old and shows entry {seq}, not {least}", stale.as_millis());
            self.fail(Check::Reads, text);
        }
    }

    fn shown_ticket(&mut self, read: &Read, head: &Head, ticket: TicketId, state: Option<State>, position: u32) {
        let status = state.map(State::status);
        let is_inside = status == Some(Status::Progress);
        let seq = head.seq;
        let known = self.oracle.engine.queues().first().and_then(|queue| queue.ticket(ticket.number));
        if self.oracle.head() == Some(*head) && known.map(|(_, state)| state.status()) != status {
            self.fail(Check::Reads, format!("{ticket:?} is shown as {status:?}, and is {known:?} at entry {seq}"));
        }
        if self.oracle.head() == Some(*head)
            && status == Some(Status::Waiting)
            && self.oracle.turns.is_before_opening() != (position == 0)
        {
            let text =
                format!("{ticket:?} is shown at place {position}, which is or is not to be told, at entry {seq}");
            self.fail(Check::Reads, text);
        }
        let drawn =
            self.nodes[read.node].as_ref().and_then(|found| found.views.queue(QUEUE)?.ticket(ticket.number).drawn);
        let known = self.oracle.turns.draws.drawn_at(seq, ticket.number);
        if self.oracle.hash(seq) == Some(head.hash) && drawn != known {
            let text = format!("{ticket:?} is shown to have drawn {drawn:?}, and has {known:?} at entry {seq}");
            self.fail(Check::Draw, text);
        }
        if drawn.is_some() {
            self.marks.hit("draw: place shown");
        }
        // Before the opening nobody is told a place.
        let is_masked = status == Some(Status::Waiting) && position == 0;
        let visitor = &mut self.people[read.person];
        let before = visitor.shown;
        if matches!(status, Some(Status::Waiting | Status::Progress)) && !is_masked {
            visitor.shown = Some((is_inside, position));
        }
        let goes_back = before
            .is_some_and(|(was_inside, place)| status == Some(Status::Waiting) && (was_inside || position > place));
        if goes_back && self.oracle.losses.is_empty() {
            let text = format!("{ticket:?} was {before:?}, and is {status:?} at {position}, at entry {seq}");
            self.fail(Check::PollOrder, text);
        }
        let visitor = &mut self.people[read.person];
        let leaves = visitor.person.errand == Errand::Leave && visitor.polls > 2;
        match status {
            Some(Status::Waiting) if leaves => visitor.next(Step::Leave),
            Some(Status::Waiting) => {}
            Some(Status::Progress) if visitor.person.idles && !leaves => self.marks.hit("person: admitted"),
            Some(Status::Progress) => {
                self.marks.hit("person: admitted");
                self.people[read.person].next(if leaves { Step::Leave } else { Step::Look });
            }
            _ => return visitor.next(Step::Gone),
        }
        self.go_soon(read.person, 1_500);
    }

    fn shown_seats(&mut self, read: &Read, head: &Head, free: &[SeatId], available: u32, balance: u64) {
        // One that has not heard of a loss yet may stand at the same number.
        let (seq, is_newest) = (head.seq, self.oracle.head() == Some(*head));
        let user = self.people[read.person].user();
        let engine = &self.oracle.engine;
        let (known, wallet) = (engine.available(SCHEDULE), engine.wallets().balance(user));
        let is_same = known == Some(available) && free.len() == available as usize && wallet == balance;
        if is_newest && !is_same {
            let text = format!("at entry {seq} {available} seats and {balance} are shown, not {known:?} and {wallet}");
            self.fail(Check::Reads, text);
        }
        let step = match free.len() {
            0 => Step::Poll,
            many => {
                let at = self.chance.random_range(0..many);
                let visitor = &mut self.people[read.person];
                visitor.choice = wishes::choice(visitor.person.wants, free, at);
                Step::Reserve
            }
        };
        let visitor = &mut self.people[read.person];
        visitor.has_stayed = false;
        visitor.next(step);
        self.go_soon(read.person, 800);
    }
}
