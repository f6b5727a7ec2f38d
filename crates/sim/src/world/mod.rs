//! One run: a heap of events, the nodes, the people, and the database between them.

mod drive;
mod end;
mod levels;
mod life;
mod nemesis;
pub(crate) mod people;
mod reads;
mod sale;
mod tell;
mod wishes;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::hash::{Hash as _, Hasher as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use onsale_journal::postgres::Journal;
use onsale_journal::postgres::model::Database;
use onsale_journal::{Appended, Behind, Error as JournalError, Journal as _, Vote};
use onsale_node::core::Knobs;
use onsale_node::core::now::Now;
use onsale_tables::Error as TablesError;
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use rustc_hash::FxHasher;

use crate::check::{Check, Failure};
use crate::conditions::{Conditions, NOBODY};
use crate::marks::Marks;
use crate::node::{self, Node, Waits};
use crate::oracle::Oracle;
use crate::plan::{Part, Plan, What};
use crate::tables::Tables;

use levels::{Peer, Raise};
use people::{Call, Visitor};
use reads::Read;

/// So long after all is mended everybody must be answered, and everything at its place.
const MENDED: Duration = Duration::from_secs(30);
/// And so long again for one more command through each node.
const AFTERWARDS: Duration = Duration::from_secs(15);
const STORE: u64 = 0x0515_a1e0;
/// Who opens the sale.
const INSTALLER: u64 = NOBODY + 1;

/// What happened in a run.
#[derive(Clone, Debug)]
pub struct Run {
    /// What does not hold, if anything does not.
    pub failure: Option<Failure>,
    /// The same for the same plan, and for no other.
    pub hash: u64,
    pub marks: Marks,
    /// How much time has passed in it.
    pub simulated: Duration,
    /// How many entries the journal has in the end.
    pub entries: u64,
}

#[derive(Debug)]
enum Event {
    /// A part has its turn.
    Turn {
        node: usize,
        id: u64,
        part: Part,
    },
    /// The time has passed that a part waited for more.
    TimeOut {
        node: usize,
        id: u64,
        part: Part,
        wait: u64,
    },
    Appended {
        node: usize,
        id: u64,
        result: Result<Appended, JournalError>,
    },
    Probed {
        node: usize,
        id: u64,
        result: Result<(), JournalError>,
    },
    Looked {
        node: usize,
        id: u64,
        result: Result<Behind, JournalError>,
    },
    Counted {
        node: usize,
        id: u64,
        result: Result<Vec<Vote>, JournalError>,
    },
    Projected {
        node: usize,
        id: u64,
        result: Result<(), TablesError>,
    },
    /// It is looked whether a commit is due where nothing is appended.
    Beat {
        node: usize,
        id: u64,
    },
    /// A node tells the others of itself.
    Meet {
        node: usize,
        id: u64,
    },
    /// A person goes on.
    Go {
        person: usize,
    },
    /// It is looked whether a read can be answered.
    Look {
        read: usize,
    },
    /// Withheld transactions go on.
    GoOn,
    /// What was committed without waiting is made durable.
    Settle,
    Fault {
        number: usize,
    },
    /// A fault is over that the database itself has.
    Back,
    Start {
        node: usize,
    },
    Mend,
    /// One more command through each node.
    Last,
}

struct Scheduled {
    at: Duration,
    /// What is due at the same moment has an order.
    number: u64,
    event: Event,
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Scheduled {}

impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

struct World<'a> {
    plan: &'a Plan,
    is_traced: bool,
    chance: SmallRng,
    now: Duration,
    heap: BinaryHeap<Reverse<Scheduled>>,
    numbered: u64,
    hasher: FxHasher,
    marks: Marks,
    failure: Option<Failure>,
    knobs: Knobs,
    conditions: Conditions,
    database: Database,
    tables: Tables,
    oracle: Oracle,
    nodes: Vec<Option<Node>>,
    started: u64,
    people: Vec<Visitor>,
    calls: Vec<Call>,
    reads: Vec<Option<Read>>,
    waits: u64,
    /// Whether withheld transactions are about to go on.
    goes_on: bool,
    /// Until when the server cannot be reached, or is full.
    away_until: Duration,
    full_until: Duration,
    /// How often sessions of all nodes were ended by what befell the server.
    beginnings: u64,
    /// What can be read by the program that is installed for each node.
    versions: Vec<u32>,
    /// What nodes have said of themselves, by their numbers in the journal.
    peers: BTreeMap<u64, Peer>,
    raises: Vec<Raise>,
    /// Where the journal was compacted to, and when.
    compactions: Vec<(Duration, u64)>,
    is_mended: bool,
    /// The newest entry that was acknowledged to anybody.
    acknowledged: u64,
    /// By how much the database's clock is off at most.
    off_ms_max: u64,
    /// The second that nodes had something to say of themselves in last, and how often.
    own: (u64, u32),
}

/// Plays a plan. `is_traced`: what happens is told, a line each, on standard error.
#[must_use]
pub fn run(plan: &Plan, is_traced: bool) -> Run {
    let mut world = World::new(plan, is_traced);
    // A panic of the code of production is a finding like any other.
    let panicked = catch_unwind(AssertUnwindSafe(|| world.play())).err();
    if let Some(panic) = panicked {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default();
        world.failure = Some(Failure { check: Check::Panic, text });
    }
    Run {
        failure: world.failure.take(),
        hash: world.hasher.finish(),
        marks: std::mem::take(&mut world.marks),
        simulated: world.now,
        entries: world.oracle.seq(),
    }
}

impl<'a> World<'a> {
    fn new(plan: &'a Plan, is_traced: bool) -> Self {
        let database = Database::new(plan.schedule);
        database.make(STORE);
        database.set_synchronous(plan.sale.synchronous);
        let conditions = Conditions::new(plan.schedule, plan.sale.failing);
        let decides = conditions.clone();
        database.decide(move |step| decides.fate(step));
        let oracle = Oracle::new(&database, &plan.sale);
        let mut world = Self {
            plan,
            is_traced,
            chance: SmallRng::seed_from_u64(plan.schedule),
            now: Duration::ZERO,
            heap: BinaryHeap::new(),
            numbered: 0,
            hasher: FxHasher::default(),
            marks: Marks::default(),
            failure: None,
            knobs: node::knobs(&plan.knobs),
            conditions,
            database,
            tables: Tables::default(),
            oracle,
            nodes: (0..plan.sale.nodes).map(|_| None).collect(),
            started: 0,
            people: plan.people.iter().map(Visitor::new).collect(),
            calls: Vec::new(),
            reads: Vec::new(),
            waits: 0,
            goes_on: false,
            away_until: Duration::ZERO,
            full_until: Duration::ZERO,
            beginnings: 0,
            versions: levels::versions(&plan.sale),
            peers: BTreeMap::new(),
            raises: Vec::new(),
            compactions: Vec::new(),
            is_mended: false,
            acknowledged: 0,
            off_ms_max: 0,
            own: (0, 0),
        };
        world.plan_events();
        world
    }

    fn plan_events(&mut self) {
        let plan = self.plan;
        let ms = Duration::from_millis;
        (0..plan.sale.nodes).for_each(|node| self.at(Duration::ZERO, Event::Start { node }));
        for (person, planned) in plan.people.iter().enumerate() {
            self.at(ms(planned.at_ms), Event::Go { person });
        }
        for (number, fault) in plan.faults.iter().enumerate() {
            self.at(ms(fault.at_ms), Event::Fault { number });
            if let What::Clock { offset_ms } = fault.what {
                self.off_ms_max = self.off_ms_max.max(offset_ms.unsigned_abs());
            }
        }
        self.at(ms(200), Event::Settle);
        self.at(self.hurt(), Event::Mend);
        self.at(self.hurt() + MENDED, Event::Last);
    }

    fn hurt(&self) -> Duration {
        Duration::from_millis(self.plan.hurt_ms)
    }

    fn play(&mut self) {
        self.install();
        let end = self.hurt() + MENDED + AFTERWARDS;
        while self.failure.is_none()
            && let Some(Reverse(Scheduled { at, event, .. })) = self.heap.pop()
        {
            if at > end {
                break;
            }
            self.now = at;
            self.conditions.set_now(at);
            self.database.set_now(at);
            self.note(&event);
            self.happen(event);
        }
        if self.failure.is_none()
            && let Err(failure) = self.check_end()
        {
            self.failure = Some(failure);
        }
    }

    /// Opens the sale before anything goes wrong.
    fn install(&mut self) {
        let mut journal = Journal::open(&self.database.client(INSTALLER)).expect("an empty database can be opened");
        let mut payload = Vec::new();
        sale::opening(&self.plan.sale).encode_into(&mut payload);
        journal.append(1, &payload).expect("nothing goes wrong yet");
        self.look();
    }

    fn at(&mut self, at: Duration, event: Event) {
        self.numbered += 1;
        self.heap.push(Reverse(Scheduled { at, number: self.numbered, event }));
    }

    fn soon(&mut self, event: Event) {
        let takes = self.takes(0.001);
        self.at(self.now + takes, event);
    }

    fn turn_soon(&mut self, node: usize, id: u64, part: Part) {
        self.soon(Event::Turn { node, id, part });
    }

    /// What the database has answered comes after the time that the call has waited for it, and a little more.
    fn answered(&mut self, seconds: f64, event: Event) {
        let takes = self.database.take_spent() + self.takes(seconds);
        self.at(self.now + takes, event);
        self.note_withheld();
    }

    /// How long something takes: about so many seconds, and now and then much longer.
    fn takes(&mut self, seconds: f64) -> Duration {
        let long = if !self.is_mended && self.chance.random_bool(0.005) { 500.0 } else { 1.0 };
        Duration::from_secs_f64(self.chance.random::<f64>() * seconds * long)
    }

    /// Transactions whose clients have given up go on by and by.
    fn note_withheld(&mut self) {
        if !self.goes_on && !self.database.withheld().is_empty() {
            self.goes_on = true;
            let after = Duration::from_millis(self.chance.random_range(0..1_500));
            self.at(self.now + after, Event::GoOn);
        }
    }

    /// Whoever sees everything reads what has come in.
    fn look(&mut self) {
        let (before, level) = (self.oracle.seq(), self.oracle.engine.level());
        let looked = self.oracle.look(self.now);
        self.require(looked);
        if level > 0 && self.oracle.engine.level() > level {
            self.marks.hit("store: raised");
        }
        for seq in before + 1..=self.oracle.seq() {
            let checked = self.check_entry(seq);
            self.require(checked);
        }
    }

    fn require<T: Default>(&mut self, result: Result<T, Failure>) -> T {
        result.unwrap_or_else(|failure| {
            self.fail(failure.check, failure.text);
            T::default()
        })
    }

    /// Something does not hold. The first of it counts.
    fn fail(&mut self, check: Check, text: impl std::fmt::Display) {
        if self.failure.is_none() {
            let text = format!("at {:.3} s {text}", self.now.as_secs_f64());
            self.failure = Some(Failure { check, text });
        }
    }

    fn node_now(&mut self, node: usize) -> Now {
        let journal_ms = self.nodes[node].as_ref().map_or(0, |node| node.journal.time().now_ms);
        Now { monotonic: self.now, journal_ms }
    }

    /// The node, if it is the one that this was meant for.
    fn node(&mut self, node: usize, id: u64) -> Option<&mut Node> {
        self.nodes[node].as_mut().filter(|node| node.id == id)
    }

    /// What tells this run from others.
    fn note(&mut self, event: &Event) {
        self.now.as_nanos().hash(&mut self.hasher);
        std::mem::discriminant(event).hash(&mut self.hasher);
        match event {
            Event::Turn { node, part, .. } => (node, part).hash(&mut self.hasher),
            Event::TimeOut { node, part, wait, .. } => (node, part, wait).hash(&mut self.hasher),
            Event::Appended { node, result, .. } => {
                (node, result.as_ref().map_or(0, |head| head.seq)).hash(&mut self.hasher);
            }
            Event::Looked { node, result, .. } => {
                (node, result.as_ref().map_or(0, |found| found.entries.len() + 1)).hash(&mut self.hasher);
            }
            Event::Go { person } => person.hash(&mut self.hasher),
            Event::Look { read } => read.hash(&mut self.hasher),
            _ => {}
        }
        if self.is_traced
            && !matches!(event, Event::TimeOut { .. } | Event::Turn { .. } | Event::Beat { .. } | Event::Meet { .. })
        {
            self.tell(&format!("{event:?}"));
        }
    }

    fn tell(&self, what: &str) {
        if self.is_traced {
            let what: String = what.chars().take(400).collect();
            eprintln!("{:>9.4}  {what}", self.now.as_secs_f64());
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Turn { node, id, part } => self.turn(node, id, part),
            Event::TimeOut { node, id, part, wait } => {
                if self.node(node, id).is_some_and(|node| node.waits[part as usize] == Waits::ForWork(wait)) {
                    self.time_out(node, id, part);
                }
            }
            Event::Appended { node, id, result } => self.appended(node, id, result),
            Event::Probed { node, id, result } => {
                let now = self.node_now(node);
                if let Some(found) = self.node(node, id) {
                    found.sequencer.probed(result, now);
                    self.turn(node, id, Part::Sequencer);
                }
            }
            Event::Looked { node, id, result } => {
                let now = self.now;
                if let Some(found) = self.node(node, id) {
                    if result.as_ref().is_ok_and(|found| found.is_current) {
                        found.followed = now;
                    }
                    found.follower.looked(levels::as_read(result, found.level), now);
                    self.turn(node, id, Part::Follower);
                }
            }
            Event::Counted { node, id, result } => {
                if let Some(found) = self.node(node, id) {
                    found.follower.counted(result);
                    self.turn(node, id, Part::Follower);
                }
            }
            Event::Projected { node, id, result } => self.projected(node, id, result),
            Event::Beat { node, id } => self.beat(node, id),
            Event::Meet { node, id } => self.meet(node, id),
            Event::Go { person } => self.go(person),
            Event::Look { read } => self.look_at(read),
            Event::GoOn => self.go_on(),
            Event::Settle => {
                self.database.settle();
                let after = self.takes(0.6);
                self.at(self.now + after, Event::Settle);
            }
            Event::Fault { number } => self.befall(number),
            Event::Back => self.come_back(),
            Event::Start { node } => self.start(node),
            Event::Mend => self.mend(),
            Event::Last => self.last(),
        }
    }

    fn go_on(&mut self) {
        self.goes_on = false;
        let Self { database, chance, marks, .. } = self;
        database.go_on(|withheld| {
            let goes_on = withheld.is_committed || chance.random_bool(0.7);
            if goes_on {
                marks.hit("append: withheld, and went on");
            }
            goes_on
        });
        self.look();
        self.wake_followers();
    }
}
