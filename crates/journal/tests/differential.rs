//! The model of a database answers as PostgreSQL does: the same operations, drawn at random, in the same order on both.
//!
//! What a model says that PostgreSQL does not makes every test on it worth nothing. Each seed draws a schedule of several
//! sessions; a failure names it, and `ONSALE_DIFFERENTIAL=FIRST..END` plays others.

use std::ops::Range;

use onsale_journal::postgres::connection::{Connection, Connector, Inserted, Role, Wanted};
use onsale_journal::postgres::model::Database;
use onsale_journal::{Checkpoint, Hash, Head, Limit, genesis};
use onsale_postgres::Target;
use onsale_testkit::postgres;

/// Later than any clock shows, so that times are what nodes ask for.
const DUE_MS: u64 = 4_000_000_000_000;
const NODES: u64 = 3;
const STEPS: usize = 150;

#[test]
fn the_model_answers_as_postgresql_does() {
    for seed in seeds() {
        let database = postgres::Database::fresh();
        let target = Target::parse(database.url(), None).expect("a connection string");
        let store = target.open_store().expect("a store").load_store().expect("a store");
        let model = Database::new(seed);
        model.make(store.id);
        let (real, model) = (Sessions::open(&target), Sessions::open(&model.client(1)));
        let mut drawing = Drawing::new(seed, store.id);
        let mut appended = 0;
        for step in 0..STEPS {
            let operation = drawing.operation();
            let (expected, found) = (real.answer(&operation), model.answer(&operation));
            assert_eq!(found.text, expected.text, "seed {seed}, step {step}: {operation:?}");
            appended += usize::from(expected.appended.is_some());
            drawing.note(&operation, expected.appended);
        }
        assert!(appended > STEPS / 20, "seed {seed}: almost nothing was appended");
    }
}

fn seeds() -> Range<u64> {
    let text = std::env::var("ONSALE_DIFFERENTIAL").unwrap_or_else(|_| "0..12".to_owned());
    let (first, end) = text.split_once("..").expect("FIRST..END");
    first.parse().expect("a number")..end.parse().expect("a number")
}

/// An operation with all that it is asked with.
#[derive(Clone, Debug)]
enum Operation {
    Append { node: u64, number: u64, payload: Vec<u8>, own_last: u64, seen: Head, due_ms: u64, last: Option<Head> },
    BehindOwn { node: u64, own_last: u64, payload: Vec<u8> },
    TruncatedOwn { node: u64, own_last: u64 },
    Number { node: u64, number: u64, payload: Vec<u8> },
    LoadStore,
    Last,
    At(u64),
    Behind(u64, Limit),
    Next(Head, usize),
    BehindPlace(Head, Limit),
    Seal(Checkpoint, Hash),
    DeletePiece,
    IsLeft(u64),
    Vote { at: Head, node: u64, fingerprint: u64 },
    Votes(u64),
    Others,
}

struct Answer {
    text: String,
    appended: Option<Head>,
}

struct Sessions<S> {
    appending: Vec<S>,
    following: Vec<S>,
    reading: S,
}

impl<S: Connection> Sessions<S> {
    fn open(connector: &impl Connector<Connection = S>) -> Self {
        let ready = |role| {
            let mut session = connector.connect(role).expect("a session");
            session.ready().expect("a session");
            session
        };
        let each = |role| (0..NODES).map(|_| ready(role)).collect();
        Self { appending: each(Role::Journal), following: each(Role::Tail), reading: ready(Role::Reader) }
    }

    fn answer(&self, operation: &Operation) -> Answer {
        let mut appended = None;
        let appending = |node: u64| &self.appending[usize::try_from(node).expect("few nodes")];
        let following = &self.following[0];
        let text = match operation {
            Operation::Append { node, number, payload, own_last, seen, due_ms, last } => {
                let wanted = Wanted {
                    node: *node,
                    number: *number,
                    payload,
                    own_last: *own_last,
                    seen: *seen,
                    due_ms: *due_ms,
                    slack_ms: 0,
                    announce: number % 2 == 0,
                };
                let found = appending(*node).append(&wanted, last.as_ref());
                appended = found.as_ref().ok().copied().flatten().map(|Inserted { head, .. }| head);
                shown(found.map(|_| appended))
            }
            Operation::BehindOwn { node, own_last, payload } => {
                shown(appending(*node).behind_own(*node, *own_last, payload))
            }
            Operation::TruncatedOwn { node, own_last } => shown(appending(*node).truncated_own(*node, *own_last)),
            Operation::Number { node, number, payload } => shown(appending(*node).number(*node, *number, payload)),
            Operation::LoadStore => shown(self.reading.load_store()),
            Operation::Last => shown(self.reading.last()),
            Operation::At(seq) => shown(self.reading.at(*seq)),
            Operation::Behind(seq, limit) => shown(self.reading.behind(*seq, *limit)),
            Operation::Next(known, fewer_than) => shown(following.next(known, *fewer_than)),
            Operation::BehindPlace(known, limit) => shown(following.behind_place(known, *limit)),
            Operation::Seal(checkpoint, seal) => shown(appending(0).seal(checkpoint, seal)),
            Operation::DeletePiece => shown(appending(0).delete_piece()),
            Operation::IsLeft(seq) => shown(appending(0).is_left(*seq)),
            Operation::Vote { at, node, fingerprint } => shown(following.vote(at, *node, *fingerprint)),
            Operation::Votes(seq) => shown(following.votes(*seq)),
            Operation::Others => shown(following.others()),
        };
        Answer { text, appended }
    }
}

fn shown<T: std::fmt::Debug, E: std::fmt::Debug>(answer: Result<T, E>) -> String {
    format!("{:?}", answer.expect("an answer"))
}

/// What is asked next, and what it depends on.
struct Drawing {
    random: u64,
    /// All places, in order.
    heads: Vec<Head>,
    /// Each node's last number, and where its last entry is.
    own: [(u64, u64); NODES as usize],
}

impl Drawing {
    fn new(seed: u64, store_id: u64) -> Self {
        Self {
            random: seed.wrapping_add(0x9e37_79b9_7f4a_7c15),
            heads: vec![genesis(store_id)],
            own: Default::default(),
        }
    }

    fn below(&mut self, end: u64) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % end
    }

    fn is(&mut self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }

    fn payload(&mut self) -> Vec<u8> {
        // So few lengths that limits of bytes are met exactly.
        let bytes = self.below(4) * 10;
        (0..bytes).map(|_| self.below(4) as u8).collect()
    }

    fn limit(&mut self) -> Limit {
        let (entries, bytes) = (self.below(6), self.below(8) * 10);
        Limit { entries: entries as usize, bytes: bytes as usize }
    }

    fn last(&self) -> Head {
        *self.heads.last().expect("genesis")
    }

    /// The last place, most of the time; an earlier one; or one that never was.
    fn place(&mut self) -> Head {
        match self.below(10) {
            0 => Head { hash: Hash::from([7; 32]), ..self.last() },
            1 => Head { seq: self.last().seq + 1, ..self.last() },
            2..=4 => {
                let at = self.below(self.heads.len() as u64);
                self.heads[at as usize]
            }
            _ => self.last(),
        }
    }

    fn seq(&mut self) -> u64 {
        self.below(self.last().seq + 3)
    }

    fn operation(&mut self) -> Operation {
        let node = self.below(NODES);
        let (number, own_last) = self.own[node as usize];
        let own_last = if self.is(6) { self.seq() } else { own_last };
        match self.below(25) {
            0..=8 => {
                let seen = self.place();
                let last = if self.is(2) { Some(self.place()) } else { None };
                let due_ms = DUE_MS + self.below(1_000_000);
                Operation::Append { node, number: number + 1, payload: self.payload(), own_last, seen, due_ms, last }
            }
            9 => Operation::BehindOwn { node, own_last, payload: self.payload() },
            10 => Operation::TruncatedOwn { node, own_last: self.below(2) * own_last },
            11 => Operation::Number { node, number: self.below(number + 2), payload: self.payload() },
            12 => Operation::LoadStore,
            13 => Operation::Last,
            14 => Operation::At(self.seq()),
            15 => Operation::Behind(self.seq(), self.limit()),
            16 => Operation::Next(self.place(), self.below(20) as usize),
            17 => Operation::BehindPlace(self.place(), self.limit()),
            18 if self.is(2) => {
                let at = self.below(self.heads.len() as u64);
                let Head { seq, time_ms, hash } = self.heads[at as usize];
                Operation::Seal(Checkpoint { seq, time_ms, hash, fingerprint: self.random }, Hash::from([9; 32]))
            }
            18 => Operation::DeletePiece,
            19 => Operation::IsLeft(self.seq()),
            20 | 21 => {
                // A vote far behind all entries is not cast, and makes that those of the first are forgotten.
                let far = if self.is(8) { 1 << 12 } else { 0 };
                let place = self.place();
                Operation::Vote { at: Head { seq: place.seq + far, ..place }, node, fingerprint: self.below(3) }
            }
            22 | 23 => Operation::Votes(self.seq()),
            _ => Operation::Others,
        }
    }

    fn note(&mut self, operation: &Operation, appended: Option<Head>) {
        let Operation::Append { node, number, .. } = operation else { return };
        let own = &mut self.own[*node as usize];
        // A number is not asked for again: it stands for one payload.
        own.0 = *number;
        if let Some(head) = appended {
            own.1 = head.seq;
            self.heads.push(head);
        }
    }
}
