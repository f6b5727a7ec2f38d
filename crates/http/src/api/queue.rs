//! Tokens: issue, check, leave.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use onsale_domain::ask::Ask;
use onsale_domain::command::{Entrant, Entry};
use onsale_domain::idempotency::Key;
use onsale_domain::ids::{QueueId, TicketId, UserId};
use onsale_domain::level;
use onsale_domain::queue::Tier;
use onsale_domain::reply::{Entered, Joined, Refusal};
use onsale_domain::time::Time;
use onsale_domain::user::SingleUse;
use onsale_node::{Error, QueueView, active, seen};

use super::auth::Caller;
use super::reply::json;
use super::{Answer, Api};
use crate::body::Body;
use crate::entry::{Signers, Users, subject_of};
use crate::head::authorization;
use crate::place::{Heard, hear, place_in};
use crate::problem::{Code, Problem};
use crate::token::{Claims, NO_TICKET, credentials};
use crate::wire::fields::parse;
use crate::wire::{Issue, Issued, Place};

/// How long a call waits for its node to hear what another node has done.
pub(super) const CATCH_UP: Duration = Duration::from_millis(1_500);

impl Api {
    pub(super) async fn issue(&self, (parts, peer): (&Parts, IpAddr), body: Bytes, retry: Option<Key>) -> Answer {
        // Where the credentials of the call say who it is, there may be nothing else to say.
        let says_nothing = matches!(self.shared.doors.users, Users::Signed(_)) && body.trim_ascii().is_empty();
        let request: Issue<'_> = parse(if says_nothing { b"{}" } else { &body })?;
        // What is no text is refused where none is needed too.
        let entry_token = request.entry_token()?;
        let (code, proof) = (request.code()?, request.proof()?);
        let (entry, only) = match &self.shared.doors.users {
            Users::Open => (plain(UserId(request.user()?)), None),
            Users::Signed(signers) => self.entered(signers, (entry_token, retry), parts, &request).await?,
        };
        // Where the body names none, it is the one that the token opens.
        let name = request.queue()?.or(only.as_deref());
        let queue = match (self.queue_id(name), self.shared.node.cluster()) {
            // Another node may have just opened it.
            (Err(_), Some(cluster)) if cluster.fresh(CATCH_UP).await => self.queue_id(name)?,
            (found, _) => found?,
        };
        let view = self.shared.node.views().queue(queue).ok_or(Problem::new(Code::QueueNotFound))?;
        if view.rules().settings.proof_bits.is_some() {
            let person = self.person((parts, entry_token), &request)?;
            if let Some(refused) = self.shared.unproven(&view, proof, &person) {
                return self.issue_again(entry, queue, code.is_some(), refused).await;
            }
        }
        if let Some(code) = code {
            return self.issue_for_code((parts, peer), entry, queue, code).await;
        }
        let key = self.shared.tokens.load().current();
        if let Entry { entrant: Entrant::User(user), once: None, limit: None, tier: None, .. } = entry {
            // A token of the shop's vouches for whoever has it.
            let is_open = matches!(self.shared.doors.users, Users::Open);
            let network = is_open.then(|| self.shared.network(&view, peer, &parts.headers)).flatten();
            let ask = match network {
                None => Ask::join(user, queue, key),
                Some(network) => Ask::join_from(user, queue, key, network),
            };
            let joined = self.lane.ask(ask).await?;
            self.note_arrival(&joined, (parts, peer));
            return self.issued(user, joined, None);
        }
        self.check_level(&entry)?;
        let Entered { user, joined } = self.enter(&entry, |entry| Ask::enter(entry, queue, key)).await??;
        self.note_arrival(&joined, (parts, peer));
        self.issued(user, joined, None)
    }

    /// Has somebody come in whom an entry token names, by what the engine knows them by.
    pub(super) async fn enter(
        &self,
        entry: &Entry,
        ask: impl Fn(Entry) -> Ask<Entered>,
    ) -> Result<Result<Entered, Error>, Problem> {
        let known = self.shared.known(&entry.entrant).await?;
        let asked = |entrant| self.lane.ask(ask(Entry { entrant, ..entry.clone() }));
        match asked(known.clone()).await {
            Err(Error::Refused(Refusal::PseudonymOver)) => {
                let known = self.shared.known_again(&entry.entrant, &known).await?;
                Ok(asked(known).await)
            }
            outcome => Ok(outcome),
        }
    }

    /// Counts where somebody comes from who has a place for the first time.
    pub(super) fn note_arrival(&self, joined: &Joined, (parts, peer): (&Parts, IpAddr)) {
        if joined.is_new {
            self.shared.note_arrival(joined.ticket.queue, peer, &parts.headers);
        }
    }

    /// What the caller calls themselves, for whom the work is done that they show.
    fn person(&self, (parts, token): (&Parts, Option<&str>), request: &Issue<'_>) -> Result<String, Problem> {
        if let Users::Open = self.shared.doors.users {
            return request.user().map(|user| user.to_string());
        }
        let bearer = authorization(&parts.headers)?.map(|value| credentials(value.as_bytes()));
        let token = token.or_else(|| bearer.and_then(|token| core::str::from_utf8(token).ok()));
        token.and_then(subject_of).ok_or(Problem::new(Code::EntryTokenMissing))
    }

    /// Refuses what nodes of an older version could not read.
    fn check_level(&self, entry: &Entry) -> Result<(), Problem> {
        let level = self.shared.node.views().level();
        if level < level::SELLING {
            return Err(Problem::not_yet_at_level(
                level::SELLING,
                "Entry tokens have a jti, a limit, or a sub that is no number",
            ));
        }
        if level < level::TIERS && entry.tier.is_some() {
            return Err(Problem::not_yet_at_level(level::TIERS, "Entry tokens have a tier"));
        }
        Ok(())
    }

    /// What the entry token says, where what is asked for is its person's to ask; and the only queue that it opens, where it says
    /// one.
    async fn entered(
        &self,
        signers: &Signers,
        (token, retry): (Option<&str>, Option<Key>),
        parts: &Parts,
        request: &Issue<'_>,
    ) -> Result<(Entry, Option<String>), Problem> {
        let asked = request.user_if_given()?;
        let queue = request.queue()?;
        let bearer = authorization(&parts.headers)?;
        let token = match (token, bearer) {
            // The header may carry an older queue token, as it does everywhere else.
            (Some(token), _) => token,
            (None, Some(bearer)) => core::str::from_utf8(credentials(bearer.as_bytes())).unwrap_or_default(),
            (None, None) => return Err(Problem::new(Code::EntryTokenMissing)),
        };
        let person = signers.person(token, &self.shared.tokens, self.shared.now_s()).await?;
        let asked = asked.map(UserId);
        // Of a name only the engine knows the number.
        if let (Entrant::User(user), Some(asked)) = (&person.entrant, asked)
            && asked != *user
        {
            return Err(Problem::new(Code::EntryTokenOtherUser));
        }
        if person.queue.as_deref().zip(queue).is_some_and(|(only, asked)| only != asked) {
            return Err(Problem::new(Code::EntryTokenOtherQueue));
        }
        let once = person.once.map(|(digest, until)| SingleUse { digest, until, retry });
        let tier = person.tier.map(Tier::number);
        Ok((Entry { entrant: person.entrant, asked, once, limit: person.limit, tier }, person.queue))
    }

    fn queue_id(&self, name: Option<&str>) -> Result<QueueId, Problem> {
        match name {
            None => Ok(QueueId(0)),
            Some(name) => self.shared.node.views().queue_named(name).ok_or(Problem::new(Code::QueueNotFound)),
        }
    }

    pub(super) fn issued(&self, user: UserId, joined: Joined, code_taken: Option<bool>) -> Answer {
        let Joined { ticket, key, issued_at, has_code: _, is_new: _ } = joined;
        let token = self.shared.tokens.load().sign(key, ticket, user, issued_at);
        let queues = self.shared.node.views().queues();
        let queue = queues.get(usize::from(ticket.queue.0)).ok_or(Problem::new(Code::QueueNotFound))?;
        queue.hear(ticket.number);
        let view = queue.ticket(ticket.number);
        let place = place_in(queue, ticket.number, view, self.shared.load.stretch());
        let issued = Issued {
            queue_token: core::str::from_utf8(&token).expect("a token is made of ASCII"),
            queue_position: place.queue_position,
            status: place.status,
            estimated_wait_seconds: place.estimated_wait_seconds,
            estimated_wait_max_seconds: place.estimated_wait_max_seconds,
            poll_after_millis: place.poll_after_millis,
            code_taken,
        };
        Ok(json(issued.body()))
    }

    /// The caller's place; `None` where only [`Api::check_absent`] has it.
    pub(super) fn check(&self, caller: Caller) -> Result<Option<Response<Body>>, Problem> {
        let ticket = self.known(caller)?.ticket;
        let queues = self.shared.node.views().queues();
        let queue = queues.get(usize::from(ticket.queue.0)).map(|queue| &**queue);
        match queue.map_or(Heard::Noted, |queue| hear(queue, ticket.number)) {
            Heard::Noted => Ok(Some(self.place(queue, ticket.number))),
            Heard::Absent => Ok(None),
        }
    }

    /// The place of a caller who may have been passed over.
    pub(super) async fn check_absent(&self, claims: Claims) -> Answer {
        self.come_back(&claims).await?;
        Ok(self.place_of(&claims))
    }

    /// A ticket whose turn passed while it was silent is back with this poll: its state changes before the answer.
    pub(super) async fn come_back(&self, claims: &Claims) -> Result<(), Problem> {
        let ticket = claims.ticket;
        let absent = {
            let queues = self.shared.node.views().queues();
            queues.get(usize::from(ticket.queue.0)).is_some_and(|queue| hear(queue, ticket.number) == Heard::Absent)
        };
        if absent {
            self.lane.submit(seen(ticket.queue, &[ticket.number])).await?;
        }
        Ok(())
    }

    /// The caller's place after they waited for a write: a number that nobody had when the token was looked at may be
    /// another's by now.
    fn place_of(&self, claims: &Claims) -> Response<Body> {
        let queues = self.shared.node.views().queues();
        let queue = queues.get(usize::from(claims.ticket.queue.0)).map(|queue| &**queue);
        let is_theirs =
            |queue: &&QueueView| queue.owner(claims.ticket.number).is_none_or(|(owner, _)| owner == claims.owner());
        self.place(queue.filter(is_theirs), claims.ticket.number)
    }

    /// What a ticket's owner is told of it. Without a queue it is another store's, and EXPIRED here.
    fn place(&self, queue: Option<&QueueView>, number: u32) -> Response<Body> {
        let stretch = self.shared.load.stretch();
        let place = queue.map_or(Place::UNKNOWN, |queue| place_in(queue, number, queue.ticket(number), stretch));
        json(place.body())
    }

    /// Notes that the caller does something. Their ticket where that is to be journaled before the answer, as little is left of their
    /// time.
    pub(super) fn acts(&self, caller: Caller) -> Option<TicketId> {
        let Caller::Known(Claims { ticket, .. }) = caller else { return None };
        let is_asked = |queue: &QueueView| queue.rules().settings.activity_ms().is_some();
        let queues = self.shared.node.views().queues();
        let queue = queues.get(usize::from(ticket.queue.0)).filter(|queue| is_asked(queue))?;
        let is_theirs = self.known(caller).is_ok_and(|claims| claims.ticket == ticket);
        (is_theirs && queue.act(ticket.number, self.now())).then_some(ticket)
    }

    /// Has it journaled that a ticket's owner did something. Where it cannot be now, the request is answered all the same.
    pub(super) async fn journal_activity(&self, ticket: TicketId) {
        let _ = self.lane.submit(active(ticket.queue, &[ticket.number])).await;
    }

    /// The caller is there, and says so: once it is answered it is journaled, unless they did something just before.
    pub(super) async fn stay(&self, claims: Claims) -> Answer {
        let ticket = claims.ticket;
        let is_due = {
            let queues = self.shared.node.views().queues();
            let queue = queues.get(usize::from(ticket.queue.0));
            queue.is_some_and(|queue| queue.is_worth_a_word(ticket.number, self.now()))
        };
        if is_due {
            self.lane.submit(active(ticket.queue, &[ticket.number])).await?;
        }
        Ok(self.place_of(&claims))
    }

    pub(super) fn now(&self) -> Time {
        Time((self.shared.now_s() * 1_000.0) as u64)
    }

    pub(super) async fn leave(&self, parts: &Parts, claims: Claims) -> Answer {
        let is_known = || self.shared.node.views().queue(claims.ticket.queue).is_some();
        let is_there = claims.ticket != NO_TICKET && (is_known() || self.renew(parts).await? && is_known());
        if !is_there {
            // Here it is EXPIRED, and there is nothing to give up.
            return Ok(self.place_of(&claims));
        }
        let user = (self.shared.node.views().level() >= level::EDGES).then_some(claims.user);
        self.lane.ask(Ask::leave(claims.ticket, user)).await?;
        Ok(self.place_of(&claims))
    }
}

/// Whoever says so.
fn plain(user: UserId) -> Entry {
    Entry { entrant: Entrant::User(user), asked: None, once: None, limit: None, tier: None }
}
