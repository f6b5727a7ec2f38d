//! Part after part.

use std::time::Instant;

use anyhow::Result;

use super::context::{Options, Part, Progress, Run, Unfit};
use super::{answers, environment, judged, verdict};
use crate::http::Refused;
use crate::interrupt;
use crate::journey::Call;
use crate::load::{NotAsExpected, Unanswered};
use crate::plan::{Outlook, Plan};
use crate::profile::Act;
use crate::report::{self, Report, SCHEMA, Step, Target};
use crate::site::raise_limit;
use crate::targets;

/// Descriptors beside the connections of the load.
const DESCRIPTORS_SPARE: u64 = 100;

/// Why a part did not run that nobody wanted.
pub(super) const NOT_ASKED_FOR: &str = "not asked for";

/// Carries the plan out.
///
/// A signal cuts it short: the report has the parts that were done by then.
///
/// # Errors
/// When the kernel does not tell cores and descriptors. Whatever else goes wrong is in the report.
pub fn run(options: &Options, progress: &mut dyn Progress) -> Result<Report> {
    let (started, started_at) = (Instant::now(), jiff::Timestamp::now());
    let load_average = environment::load_average();
    let descriptors_max = raise_limit()?;
    let mut run = Run::new(options, progress)?;
    let mut parts = Parts::default();
    if let Err(unfit) = fit(run.plan(), descriptors_max) {
        run.invalid.push(unfit.to_string());
    } else if let Err(error) = reach(&mut run) {
        run.invalid.push(format!("the server could not be tested: {error:#}"));
    } else {
        warn(&mut run);
        look(&mut run);
        parts.run(&mut run, descriptors_max);
    }
    run.put_in_order();
    parts.name_what_was_watched(&run);
    let cut_short = interrupt::is_asked();
    run.conclude_life();
    judged::leave_out_the_rest(&mut run, cut_short);
    let is_empty = parts.targets.is_empty() && parts.journey.is_none() && run.checks.is_empty();
    let verdict = verdict::of(&run, is_empty);
    Ok(Report {
        schema: SCHEMA.to_owned(),
        name: run.plan().name.clone(),
        quick: options.quick,
        cut_short,
        seed: run.plan().seed,
        started_at: started_at.to_string(),
        duration_s: started.elapsed().as_secs_f64(),
        verdict,
        answers: answers::of(&parts, &run),
        environment: run.environment(load_average, descriptors_max),
        prepared: run.prepared.clone(),
        plan: options.plan.text.clone(),
        selection: parts.selection,
        targets: parts.targets,
        journey: parts.journey,
        crash: parts.crash,
        overload: parts.overload,
        audit: run.checks,
        thresholds: run.thresholds,
        left_out: run.left_out,
    })
}

/// Says before the first request that the on-sale cannot end well. A server that is not ours has a hall of its own.
fn warn(run: &mut Run<'_>) {
    let only = &run.options.only;
    if run.is_own() && (only.is_empty() || only.contains(&Part::Journey)) {
        for warning in Outlook::of(&run.plan().journey).warnings() {
            run.progress.note(&format!("journey: {warning}"));
        }
    }
}

/// A look at a server that runs already: one whose single answers take seconds is told so, and not kept busy for hours.
fn look(run: &mut Run<'_>) {
    match run.crawl() {
        Ok(None) => {}
        Ok(Some(took)) => {
            let (limit, took) = (run.plan().thresholds.p99_ms, took.as_millis());
            let text = format!(
                "POST /v1/api/queue/token took {took} ms without any load, and thresholds.p99_ms is {limit}: of so slow a \
                 server only the arrivals were tried"
            );
            run.progress.note(&text);
            run.broken.push(format!("most of the plan: {text}"));
            run.crawls_at = Some(text);
        }
        Err(_) if interrupt::is_asked() => {}
        Err(error) => {
            let text = format!("the first user got no token: {error:#}");
            run.silent_since = Some(text.clone());
            run.broken.push(format!("any part: {text}"));
        }
    }
}

/// Whether this process may have as many connections as the plan needs.
fn fit(plan: &Plan, descriptors_max: u64) -> Result<(), Unfit> {
    let needs = [
        ("load.connections", plan.load.connections),
        ("token.connections_min", plan.token.connections_min),
        ("journey.connections", plan.journey.connections),
        ("seat.readers", plan.seat.readers.iter().copied().max().unwrap_or(0)),
        ("reserve.contenders", plan.reserve.contenders),
    ];
    let (key, most) = needs.into_iter().max_by_key(|(_, count)| *count).unwrap_or(("load.connections", 0));
    let needed = most as u64 + DESCRIPTORS_SPARE;
    if descriptors_max >= needed {
        return Ok(());
    }
    Err(Unfit(format!(
        "{most} connections cannot be held ({key}): a process may have {descriptors_max} open files here, and {needed} \
         are needed; raise `ulimit -Hn`, or lower the plan"
    )))
}

/// What the parts came to.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) selection: Option<crate::report::Selection>,
    pub(crate) targets: Vec<crate::report::Target>,
    pub(crate) journey: Option<crate::report::Journey>,
    pub(crate) crash: Option<crate::report::Crash>,
    pub(crate) overload: Option<crate::report::Overload>,
}

impl Parts {
    fn run(&mut self, run: &mut Run<'_>, descriptors_max: u64) {
        // Where nobody can leave, those who only came would stand before everybody after them: so they come last.
        // Also after the rules, which need people inside.
        let leaves = run.profile().is_none_or(|profile| profile.has(Act::Leave));
        if leaves {
            self.test_queue(run, descriptors_max);
        }
        self.test(run, Part::Schedule, "schedule", targets::schedule);
        self.test(run, Part::Seat, "seat", targets::seat);
        self.test(run, Part::Reserve, "reserve", targets::reserve);
        if let Some((journey, traffic)) = attempt(run, Part::Journey, "journey", crate::journey::journey) {
            self.journey = Some(journey);
            let select = |run: &mut Run<'_>| crate::selection::selection(run, &traffic);
            self.selection = attempt(run, Part::Journey, "selection", select);
        }
        self.add_targets(run);
        self.crash = attempt(run, Part::Crash, "crash", crate::crash::crash).flatten();
        self.overload = attempt(run, Part::Overload, "overload", crate::overload::overload);
        // Late: what is tried there may end a service for good.
        attempt(run, Part::Rules, "rules", crate::rules::rules);
        if !leaves {
            self.test_queue(run, descriptors_max);
        }
        self.sort();
    }

    /// Figures that a profile says where to find are told with their names there, and none with the name of a service of ours.
    fn name_what_was_watched(&mut self, run: &Run<'_>) {
        const FROM: &str = "/metrics ";
        let Some(watching) = &run.watching else { return };
        let of_targets =
            self.targets.iter_mut().flat_map(|target| &mut target.parts).flat_map(|part| &mut part.figures);
        let of_journey = self.journey.iter_mut().flat_map(|journey| &mut journey.figures);
        for figure in of_targets.chain(of_journey) {
            let Some(names) = figure.source.strip_prefix(FROM) else { continue };
            let theirs: Vec<&str> = names.split(", ").filter_map(|own| watching.name_of(own)).collect();
            if theirs.is_empty() {
                figure.value = None;
                figure.reason = Some("watch.figures of the profile names nothing for it".to_owned());
            }
            figure.source = format!("watch.figures: {}", theirs.join(", "));
        }
    }

    /// Tests the two endpoints of the queue.
    fn test_queue(&mut self, run: &mut Run<'_>, descriptors_max: u64) {
        self.test(run, Part::Token, "token", |run| targets::token(run, descriptors_max));
        self.test(run, Part::Check, "check", targets::check);
    }

    /// Tests one endpoint.
    fn test(&mut self, run: &mut Run<'_>, part: Part, name: &str, work: impl FnOnce(&mut Run<'_>) -> Result<Target>) {
        let before = targets::database::before(run);
        run.progress.steps.clear();
        let Some(mut target) = attempt(run, part, name, work) else {
            self.targets.extend(unfinished(name, std::mem::take(&mut run.progress.steps)));
            return;
        };
        if let Some(before) = before {
            targets::database::add(run, &before, &mut target);
        }
        self.targets.push(target);
    }

    /// Tests what ranks above one of the five.
    fn add_targets(&mut self, run: &mut Run<'_>) {
        let Some(selection) = self.selection.clone() else { return };
        for endpoint in selection.endpoints.iter().filter(|endpoint| endpoint.is_added) {
            if endpoint.id == "payment" && !run.is_own() {
                run.leave_out("payment", "each needs a hold of its own, and the server's seats are not ours");
                continue;
            }
            let add = |run: &mut Run<'_>| targets::added(run, &endpoint.id, &endpoint.reason);
            self.test(run, Part::Journey, &endpoint.id, add);
        }
    }

    /// In the order of their ranks.
    fn sort(&mut self) {
        let Some(selection) = &self.selection else { return };
        let rank =
            |id: &str| selection.endpoints.iter().find(|endpoint| endpoint.id == id).map(|endpoint| endpoint.rank);
        self.targets.sort_by_key(|target| rank(&target.id));
    }
}

/// An endpoint whose test came to no end, with the steps that had been made by then.
fn unfinished(id: &str, steps: Vec<Step>) -> Option<Target> {
    if steps.is_empty() {
        return None;
    }
    let endpoint = Call::ALL.into_iter().find(|call| call.id() == id).and_then(Call::endpoint);
    Some(Target {
        id: id.to_owned(),
        endpoint: endpoint.unwrap_or(id).to_owned(),
        why: "Its test was not finished; why not is among the reasons, or under what did not run.".to_owned(),
        conclusion: "Not finished: the steps that had been made are in the report, and no figure stands on them."
            .to_owned(),
        capacity: None,
        parts: vec![report::Part {
            id: "unfinished".to_owned(),
            title: "What had been done".to_owned(),
            figures: Vec::new(),
            steps,
            notes: Vec::new(),
        }],
    })
}

/// Asks a server that runs already whether it answers; a signal meanwhile is no answer of it.
fn reach(run: &mut Run<'_>) -> Result<()> {
    run.reach().or_else(|error| if interrupt::is_asked() { Ok(()) } else { Err(error) })
}

/// Carries one part out. A part that fails does not keep the others from running; a signal does.
fn attempt<T>(run: &mut Run<'_>, part: Part, name: &str, work: impl FnOnce(&mut Run<'_>) -> Result<T>) -> Option<T> {
    if !run.options.only.is_empty() && !run.options.only.contains(&part) {
        run.leave_out(name, NOT_ASKED_FOR);
        return None;
    }
    if let Some(why) = run.crawls_at.clone().filter(|_| part != Part::Token) {
        run.leave_out(name, &why);
        return None;
    }
    if let Some(since) = &run.silent_since {
        let flag = format!("{part:?}").to_ascii_lowercase();
        let reason = format!(
            "the server answers nothing any more: {since}; once it is started again, `--only {flag}` tries this"
        );
        run.leave_out(name, &reason);
        return None;
    }
    let before = judged::begin(run);
    let result = when_quiet(run).and_then(|()| work(run));
    judged::leave_out_what_came_late(run, before);
    run.tell_who_stayed(name);
    run.ask_for_life(name);
    match result {
        Ok(result) => {
            if interrupt::is_asked() {
                run.leave_out(name, "a signal cut this part short: what it had seen by then is judged, and no more");
            }
            Some(result)
        }
        Err(_) if interrupt::is_asked() => {
            run.leave_out(name, "a signal cut the run short before this part was done");
            None
        }
        Err(error) => {
            let text = format!("{name}: {error:#}");
            run.progress.note(&text);
            if is_machine(&error) {
                run.invalid.push(text);
            } else if run.is_own() || is_servers_doing(&error) {
                run.broken.push(text);
            } else {
                run.leave_out(name, &format!("not observable: {error:#}"));
            }
            None
        }
    }
}

/// Whether a part failed because the server failed: it did not answer, or said that it had an error. A refusal may be
/// right, by rules that are not known here.
pub(crate) fn is_servers_doing(error: &anyhow::Error) -> bool {
    // What was added to an error as its context is no cause of its chain, and is found by the error itself.
    error.is::<Unanswered>()
        || error.chain().any(|cause| {
            let replies =
                cause.downcast_ref::<NotAsExpected>().map(|wrong| wrong.status.is_none_or(|status| status >= 500));
            let reply = cause.downcast_ref::<Refused>().map(|refused| refused.status >= 500);
            cause.is::<Unanswered>() || replies.or(reply).unwrap_or(false)
        })
}

/// Waits until others leave the cores.
///
/// # Errors
/// When the run was asked to stop.
fn when_quiet(run: &mut Run<'_>) -> Result<()> {
    interrupt::check()?;
    let waited = run.quiet.waited();
    run.quiet.wait()?;
    let waited = run.quiet.waited() - waited;
    if !waited.is_zero() {
        run.progress.note(&format!("waited {} s while others had the cores", waited.as_secs()));
    }
    Ok(())
}

/// Whether it was this machine, not the server, that could not do it.
pub(crate) fn is_machine(error: &anyhow::Error) -> bool {
    const TOO_MANY_FILES: [i32; 2] = [23, 24];
    error.chain().any(|cause| {
        let os = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::raw_os_error);
        cause.is::<Unfit>() || os.is_some_and(|code| TOO_MANY_FILES.contains(&code))
    })
}

#[cfg(test)]
mod tests {
    use std::io;

    use anyhow::Context as _;

    use super::*;
    use crate::load::TookNoMore;

    #[test]
    fn silence_is_the_servers_doing_however_it_is_told() {
        let unanswered = || Unanswered("POST /v1/api/queue/token".to_owned());
        assert!(is_servers_doing(&unanswered().into()));
        let told = anyhow::anyhow!("no reply within 10 s").context(unanswered());
        assert!(is_servers_doing(&told));
        assert!(is_servers_doing(&told.context("the check of places")));
        assert!(!is_servers_doing(&anyhow::anyhow!("nobody was let in")));
    }

    #[test]
    fn descriptors_that_run_out_are_this_machines() {
        let error = |code: i32| {
            let source = Err::<(), _>(io::Error::from_raw_os_error(code)).context("connecting").unwrap_err();
            anyhow::Error::from(TookNoMore { opened: 5, wanted: 9, source })
        };
        assert!(is_machine(&error(24)));
        assert!(!is_machine(&error(111)));
    }
}
