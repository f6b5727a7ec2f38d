//! What all parts of a run share.

use std::cell::Cell;
use std::ops::Range;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::audit::{Rule, Tally};
use crate::cores::{Cores, Placing};
use crate::endpoint::Endpoint;
use crate::load::{Second, Watch};
use crate::plan::{Loaded, Plan};
use crate::process::{Program, Service};
use crate::profile::{Profile, users_from};
use crate::promises::Promises;
use crate::quiet::Quiet;
use crate::report::{Check, LeftOut, Prepared, Status, Step, Threshold, ThresholdKind};
use crate::site::{GOING_MAX, Known, Scrape, Site, Watching, spoken};
use crate::stolen::Stolen;

/// Hears how far a run is.
pub trait Progress: Watch {
    /// A part of the run begins.
    fn part(&mut self, title: &str);
    /// Something worth a line.
    fn note(&mut self, text: &str);
}

/// Tells how far a run is, and keeps what has been made: a part that comes to nothing is not without evidence.
pub struct Told<'a> {
    progress: &'a mut dyn Progress,
    pub(super) steps: Vec<Step>,
    /// Why a load of the part that is under way was late, where one was.
    pub(super) late: Option<String>,
}

impl Told<'_> {
    /// A part of the run begins.
    pub fn part(&mut self, title: &str) {
        self.progress.part(title);
    }

    /// Something worth a line.
    pub fn note(&mut self, text: &str) {
        self.progress.note(text);
    }

    /// A load of this part was late.
    pub(crate) fn late(&mut self, reason: &str) {
        self.late.get_or_insert_with(|| reason.to_owned());
    }
}

impl Watch for Told<'_> {
    fn second(&mut self, second: &Second) {
        self.progress.second(second);
    }

    fn made(&mut self, step: &Step) {
        if let Some(reason) = &step.invalid_reason {
            self.late(reason);
        }
        self.steps.push(step.clone());
    }
}

/// What is tested.
#[derive(Clone, Debug)]
pub enum Target {
    /// Servers that the run starts with this program, on scratch directories.
    Own { program: PathBuf },
    /// A server that runs already. The run writes to it.
    Running {
        endpoint: Endpoint,
        /// The nodes behind it, whose metrics are added up; where there are none, what answers at the URL is asked.
        nodes: Vec<Endpoint>,
        /// What it speaks and promises; found out where it is not said.
        profile: Option<Arc<Profile>>,
    },
}

/// A part of a run, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// POST /queue/token
    Token,
    /// POST /queue/token/check
    Check,
    /// GET /concerts/schedule
    Schedule,
    /// GET /concerts/seat
    Seat,
    /// POST /concerts/reserve
    Reserve,
    /// The whole journey to sell-out, and from its traffic the selection of endpoints
    Journey,
    /// kill -9 under load
    Crash,
    /// More than the server can do
    Overload,
    /// What no crowd would try: the rules, one by one
    Rules,
}

/// How a run is made.
#[derive(Clone, Debug)]
pub struct Options {
    pub plan: Loaded,
    pub quick: bool,
    pub target: Target,
    /// The parts to run; all where it is empty.
    pub only: Vec<Part>,
    /// What the service is judged by.
    pub promises: OnceLock<Promises>,
    /// Which cores to use, where that was said.
    pub cores: Option<Placing>,
    /// Whether the commands of the profile may be run.
    pub allow_commands: bool,
}

/// Settings of a server, key and value.
pub type Settings<'a> = [(&'a str, &'a str)];

/// The state of a run.
pub struct Run<'a> {
    pub options: &'a Options,
    pub progress: Told<'a>,
    program: Option<Program>,
    pub(crate) server_cores: Option<Cores>,
    pub(crate) generator_cores: Cores,
    /// Cores that this process had before it was pinned.
    pub(crate) cores: u32,
    /// Since the start of the run.
    pub(crate) stolen: Stolen,
    pub(crate) quiet: Arc<Quiet>,
    /// The next user that nobody has been yet.
    users: Rc<Cell<u64>>,
    pub checks: Vec<Check>,
    /// Checks that had no case in a part whose load was late, and why it was.
    pub(super) unseen: Vec<(Check, String)>,
    pub thresholds: Vec<Threshold>,
    pub left_out: Vec<LeftOut>,
    /// Why the run says nothing.
    pub invalid: Vec<String>,
    /// Parts that could not be carried out.
    pub broken: Vec<String>,
    /// What failed first, of each call that failed.
    pub failures: Vec<String>,
    /// Whether the server answered after each part, and since when it does not.
    pub(super) life: Tally,
    pub(super) silent_since: Option<String>,
    /// What was said of a server that takes seconds for a single answer.
    pub(crate) crawls_at: Option<String>,
    scrape: Option<Scrape>,
    /// Where the profile has its figures from.
    pub(super) watching: Option<Arc<Watching>>,
    /// A server that runs already, once it was met.
    pub(super) known: Option<Arc<Known>>,
    /// Where in the range of the profile's users those of this run begin.
    pub(super) users_from: u64,
    /// Users that were made for the run.
    pub(super) prepared: Option<Prepared>,
    /// Told by the first server.
    pub(crate) first_site: Option<crate::report::Server>,
    pub(crate) server_version: Option<String>,
}

impl<'a> Run<'a> {
    /// Finds the cores, and pins the generator.
    ///
    /// # Errors
    /// When the kernel does not tell the cores.
    pub fn new(options: &'a Options, progress: &'a mut dyn Progress) -> Result<Self> {
        let available = Cores::available()?;
        let cores = available.count();
        let placed = options.cores.as_ref();
        let (program, server_cores, generator_cores) = match &options.target {
            Target::Own { program } => {
                let (server, generator) = match placed {
                    Some(Placing { generator, server: Some(server) }) => (server.clone(), generator.clone()),
                    Some(Placing { generator, server: None }) => (available.beside(generator)?, generator.clone()),
                    None => available.split()?,
                };
                generator.pin()?;
                (Some(Program::new(program.clone(), server.clone())), Some(server), generator)
            }
            Target::Running { .. } => {
                let generator = placed.map_or(available, |placed| placed.generator.clone());
                if placed.is_some() {
                    generator.pin()?;
                }
                (None, None, generator)
            }
        };
        // On a server that lives on, users that no run before has been.
        let first = match options.target {
            Target::Own { .. } => 1,
            Target::Running { .. } => u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(1) * 1_000,
        };
        let watched = server_cores.iter().chain([&generator_cores]).cloned().collect();
        let quiet = Quiet::new(watched, *options.plan.plan.load.quiet_max);
        Ok(Self {
            options,
            progress: Told { progress, steps: Vec::new(), late: None },
            program,
            server_cores,
            generator_cores,
            cores,
            stolen: Stolen::begin(),
            quiet: Arc::new(quiet),
            users: Rc::new(Cell::new(first)),
            checks: Vec::new(),
            unseen: Vec::new(),
            thresholds: Vec::new(),
            left_out: Vec::new(),
            invalid: Vec::new(),
            broken: Vec::new(),
            failures: Vec::new(),
            life: Tally::new(Rule::StillAnswers),
            silent_since: None,
            crawls_at: None,
            scrape: None,
            watching: None,
            known: None,
            users_from: 0,
            prepared: None,
            first_site: None,
            server_version: None,
        })
    }

    /// What the service is judged by.
    #[must_use]
    pub fn promises(&self) -> &'a Promises {
        self.options.promises.get_or_init(Promises::default)
    }

    #[must_use]
    pub fn plan(&self) -> &'a Plan {
        &self.options.plan.plan
    }

    /// Whether the servers are ours, to be configured, killed and audited.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.program.is_some()
    }

    /// Whether the generator may burn a core that the server does not run on, as far as is known. In a quick run speed
    /// decides nothing, and others may want the same core.
    fn has_own_core(&self) -> bool {
        let is_apart = |cores: &Cores| !cores.overlaps(&self.generator_cores);
        !self.options.quick && self.server_cores.as_ref().is_some_and(is_apart)
    }

    /// The program of the servers, where they are ours.
    #[must_use]
    pub fn program(&self) -> Option<&Program> {
        self.program.as_ref()
    }

    /// A server with these settings and this catalog: a new one of our own, or the one that runs already, as it is.
    ///
    /// # Errors
    /// When it does not start, or does not answer.
    pub fn site(&mut self, settings: &Settings<'_>, catalog: &Value) -> Result<Site> {
        let site = match &self.options.target {
            Target::Own { .. } => {
                let program = self.program.as_ref().context("a program to start")?;
                let service = Service::start(program, settings)?;
                service.publish(catalog)?;
                // Nobody publishes a catalog in the second in which its sale begins.
                service.settle()?;
                Site::own(service, self.has_own_core(), Arc::clone(&self.quiet))?
            }
            Target::Running { endpoint, .. } => {
                let known = self.known.clone().context("a server that was met")?;
                let scrape = self.running_scrape().unwrap_or_else(|| Scrape::Nodes(vec![endpoint.clone()]));
                Site::target(known, scrape, Arc::clone(&self.quiet))
            }
        };
        self.note_site(&site);
        Ok(site)
    }

    /// Finds out what a server that runs already speaks and sells, before any part does: where it does not answer, each
    /// part would wait for it anew.
    ///
    /// # Errors
    /// When it does not answer as its profile says.
    pub(crate) fn reach(&mut self) -> Result<()> {
        let Target::Running { endpoint, profile, .. } = &self.options.target else { return Ok(()) };
        let known = match profile {
            Some(profile) => {
                let users_from = users_from(profile);
                let endpoint = spoken(endpoint, profile, users_from);
                self.make_ready(profile, &endpoint, users_from)?;
                self.watching = profile.watch.as_ref().map(Watching::begin).transpose()?.map(Arc::new);
                Known::meet_by(endpoint, Arc::clone(profile))?
            }
            None => Known::meet(endpoint)?,
        };
        if known.endpoint.is_foreign() {
            // Users are numbers of the profile's range; the first one has looked at what is on sale.
            self.users.set(2);
            let dates = &known.catalog.dates;
            let seats: u64 = dates.iter().map(crate::site::Date::free).sum();
            let text = format!("{}: {} dates, {seats} free seats", known.profile.name, dates.len());
            self.progress.note(&text);
        }
        // They may have been given; else they are the profile's.
        self.options.promises.get_or_init(|| known.profile.promises());
        self.known = Some(Arc::new(known));
        Ok(())
    }

    /// The profile of a server that runs already.
    #[must_use]
    pub fn profile(&self) -> Option<&Profile> {
        self.known.as_ref().map(|known| &*known.profile)
    }

    /// Says of a part whose people could not all be sent home in time that they are still there.
    pub(super) fn tell_who_stayed(&mut self, part: &str) {
        let stayed = self.known.as_ref().map_or(0, |known| known.take_stayed());
        if stayed > 0 {
            let within = GOING_MAX.as_secs();
            let why = format!(
                "{stayed} who had come for it were not gone after {within} s, so they stand before those of later parts"
            );
            self.progress.note(&format!("{part}: {why}"));
            self.leave_out(&format!("{part}.leave"), &why);
        }
    }

    /// Where the metrics of a server that runs already come from; `None` where the servers are ours.
    pub(crate) fn running_scrape(&mut self) -> Option<Scrape> {
        let Target::Running { endpoint, nodes, .. } = &self.options.target else { return None };
        if self.scrape.is_none() {
            let watched = self.watching.clone().map(Scrape::Watched);
            let scrape = watched
                .unwrap_or_else(|| if nodes.is_empty() { Scrape::of(endpoint) } else { Scrape::Nodes(nodes.clone()) });
            self.scrape = Some(scrape);
        }
        self.scrape.clone()
    }

    /// The next user that nobody has been yet.
    #[must_use]
    pub fn next_user(&self) -> u64 {
        self.users.get()
    }

    /// So many users that nobody has been yet.
    #[must_use]
    pub fn new_users(&self, count: u64) -> Range<u64> {
        self.user_ranges()(count)
    }

    /// Gives so many users that nobody has been yet, whenever it is called.
    pub(crate) fn user_ranges(&self) -> impl Fn(u64) -> Range<u64> + use<> {
        let users = Rc::clone(&self.users);
        move |count| {
            let first = users.replace(users.get() + count);
            first..first + count
        }
    }

    /// Gives a user that nobody has been yet, whenever it is called.
    pub fn fresh_users(&self) -> impl FnMut() -> u64 + Clone + use<> {
        let users = Rc::clone(&self.users);
        move || users.replace(users.get() + 1)
    }

    /// Adds what one step, or several, say about hidden errors.
    pub fn judge_hidden(&mut self, part: &str, (hidden, answers): (u64, u64)) {
        let mut tally = Tally::new(Rule::NoErrorHidden);
        tally.hold(answers.saturating_sub(hidden));
        for _ in 0..hidden {
            tally.judge(false, || "an answer 200 whose body does not say SUCCESS".to_owned());
        }
        self.checks.push(tally.into_check(part));
    }

    /// Compares with a limit of the plan. In a quick run, and where nothing could be observed, it decides nothing.
    pub fn threshold(&mut self, threshold: Limit<'_>) {
        let Limit { id, title, key, unit, kind, limit, actual } = threshold;
        let holds = actual.is_none_or(|actual| match kind {
            ThresholdKind::AtMost => actual <= limit,
            ThresholdKind::AtLeast => actual >= limit,
        });
        self.thresholds.push(Threshold {
            id: id.to_owned(),
            title: title.to_owned(),
            key: key.to_owned(),
            unit: unit.to_owned(),
            kind,
            limit,
            actual,
            reason: actual.is_none().then(|| "there was nothing to compare".to_owned()),
            status: match actual {
                Some(_) if holds => Status::Pass,
                Some(_) => Status::Fail,
                None => Status::Invalid,
            },
            decides: !self.options.quick,
        });
    }

    /// p99 and failures of one step, against the plan.
    pub fn judge_step(&mut self, id: &str, what: &str, step: &Step) {
        let thresholds = &self.plan().thresholds;
        let first = self.thresholds.len();
        self.threshold(Limit {
            id: &format!("{id}.p99"),
            title: &format!("p99 of {what}"),
            key: "thresholds.p99_ms",
            unit: "ms",
            kind: ThresholdKind::AtMost,
            limit: thresholds.p99_ms,
            actual: (step.latency.count > 0).then_some(step.latency.p99),
        });
        self.threshold(Limit {
            id: &format!("{id}.failures"),
            title: &format!("Failures of {what}"),
            key: "thresholds.failures_percent",
            unit: "%",
            kind: ThresholdKind::AtMost,
            limit: thresholds.failures_percent,
            actual: step.failed_by_server(),
        });
        self.note_failure(what, step);
        if let Some(reason) = &step.invalid_reason {
            // A latency that a late load has measured neither keeps the limit nor misses it; of so easy a load failures
            // are too many all the same, and none says nothing.
            self.thresholds[first].distrust(reason);
            self.thresholds[first + 1].doubt(reason);
            let reason = format!("{what}: {reason}");
            // In a quick run speed decides nothing, so neither does the generator's lateness.
            if self.options.quick { self.progress.note(&reason) } else { self.invalid.push(reason) }
        }
    }

    /// Keeps what failed first in a step, for the reasons of the verdict.
    pub(crate) fn note_failure(&mut self, what: &str, step: &Step) {
        if let Some(first) = step.first_failure.as_ref().filter(|_| step.failed_by_server().unwrap_or(0.0) > 0.0) {
            let asked = step.sent.max(step.completed) + step.unsent;
            self.failures.push(format!("{what}: {} of {asked} failed, the first with {first}", step.failed));
        }
    }

    /// The limit that was compared last rests on a step that is invalid, so it says nothing; nor does a whole run.
    pub(crate) fn distrust_last(&mut self, what: &str, reason: &str) {
        if let Some(last) = self.thresholds.last_mut() {
            last.distrust(reason);
        }
        let reason = format!("{what}: {reason}");
        if self.options.quick { self.progress.note(&reason) } else { self.invalid.push(reason) }
    }

    pub fn leave_out(&mut self, part: &str, reason: &str) {
        self.left_out.push(LeftOut { part: part.to_owned(), reason: reason.to_owned() });
    }
}

/// The machine cannot do what the plan asks for, so the run would say nothing about the server.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unfit(pub String);

/// A limit, and what it is compared with.
#[derive(Clone, Copy, Debug)]
pub struct Limit<'a> {
    pub id: &'a str,
    pub title: &'a str,
    pub key: &'a str,
    pub unit: &'a str,
    pub kind: ThresholdKind,
    pub limit: f64,
    pub actual: Option<f64>,
}
