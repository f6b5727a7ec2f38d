//! Which checks judge the server: not those of what it does not promise, and not those that had nothing to judge for a reason
//! that is not the server's.

use super::context::Run;
use crate::audit::Rule;
use crate::report::Check;

/// A part begins: how many checks there are before it.
pub(super) fn begin(run: &mut Run<'_>) -> usize {
    run.progress.late = None;
    run.checks.len()
}

/// A part has ended that began with so many checks. Where one of its loads was late, a check of it without a case says
/// nothing of the server: it may just never have been asked.
pub(super) fn leave_out_what_came_late(run: &mut Run<'_>, before: usize) {
    let Some(reason) = run.progress.late.take() else { return };
    for check in run.checks.split_off(before.min(run.checks.len())) {
        if check.cases == 0 {
            run.unseen.push((check, reason.clone()));
        } else {
            run.checks.push(check);
        }
    }
}

/// What is not promised is not judged. What did not happen, on a server whose settings are its own or in a run that was cut
/// short, could not be observed; on a server of our own it should have happened, unless the load was late. A rule that no
/// other part has judged leaves a run without a verdict then.
pub(super) fn leave_out_the_rest(run: &mut Run<'_>, cut_short: bool) {
    for (check, late) in std::mem::take(&mut run.unseen) {
        if !is_promised(run, &check) {
            run.leave_out(&check.id, &format!("{}: not promised", check.part));
            continue;
        }
        let reason = format!("{}: not judged, as no case came up: {late}", check.part);
        run.leave_out(&check.id, &reason);
        let is_judged_elsewhere = run.checks.iter().any(|other| other.id == check.id && other.cases > 0);
        // On another's server nobody knows whether it would have come up.
        if run.is_own() && !is_judged_elsewhere && !cut_short {
            run.invalid.push(format!("{} ({reason})", check.title));
        }
    }
    let may_be_unseen = !run.is_own() || cut_short;
    for check in std::mem::take(&mut run.checks) {
        if !is_promised(run, &check) {
            run.leave_out(&check.id, &format!("{}: not promised", check.part));
        } else if check.cases == 0 && may_be_unseen {
            run.leave_out(&check.id, &format!("{}: not observable, as no case came up", check.part));
        } else {
            run.checks.push(check);
        }
    }
}

fn is_promised(run: &Run<'_>, check: &Check) -> bool {
    Rule::named(&check.id).is_none_or(|rule| run.promises().include(rule))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::OnceLock;

    use super::super::context::{Options, Progress, Target};
    use super::super::verdict;
    use super::*;
    use crate::load::{Second, Watch};
    use crate::plan;
    use crate::report::{Status, Step};

    struct Deaf;

    impl Watch for Deaf {
        fn second(&mut self, _: &Second) {}
    }

    impl Progress for Deaf {
        fn part(&mut self, _: &str) {}
        fn note(&mut self, _: &str) {}
    }

    /// A run of our own server whose load had these reasons to be late, one for each part, and in which each part judged so
    /// many answers: its status, and the parts whose checks are left out.
    fn status(parts: &[(Option<&str>, u64)]) -> (Status, usize) {
        let options = Options {
            plan: plan::from_text(None, true, None).unwrap(),
            quick: true,
            target: Target::Own { program: PathBuf::from("never-started") },
            only: Vec::new(),
            promises: OnceLock::new(),
            cores: None,
            allow_commands: false,
        };
        let mut deaf = Deaf;
        let mut run = Run::new(&options, &mut deaf).unwrap();
        for (late, answers) in parts {
            let before = begin(&mut run);
            let step = Step { invalid_reason: late.map(str::to_owned), ..Step::default() };
            run.progress.made(&step);
            run.judge_hidden("a part", (0, *answers));
            leave_out_what_came_late(&mut run, before);
        }
        leave_out_the_rest(&mut run, false);
        (verdict::of(&run, false).status, run.left_out.len())
    }

    #[test]
    fn a_check_that_had_no_case_as_the_load_was_late_is_not_judged() {
        assert_eq!(status(&[(Some("late"), 0)]), (Status::Invalid, 1));
        // Another part's load was late: this one has no such excuse.
        assert_eq!(status(&[(Some("late"), 0), (None, 0)]), (Status::Fail, 1));
        assert_eq!(status(&[(None, 0)]), (Status::Fail, 0));
    }

    #[test]
    fn a_rule_that_another_part_has_judged_is_judged() {
        assert_eq!(status(&[(Some("late"), 0), (None, 7)]), (Status::Pass, 1));
        assert_eq!(status(&[(Some("late"), 7)]), (Status::Pass, 0));
    }
}
