//! The page: it needs nothing from elsewhere, shows what is in the report, and writes text as text.

use onsale_loadtest::html::render;
use onsale_loadtest::report::{Report, Status};

fn sample() -> Report {
    Report::from_json(include_str!("data/report.json")).unwrap()
}

#[test]
fn the_page_needs_no_other_host_and_no_script() {
    let page = render(&sample());
    for outside in ["<script", "<link", "src=", "@import", "url(", "<iframe", "http-equiv"] {
        assert!(!page.contains(outside), "{outside}");
    }
    // Names of XML name spaces and the server's own address are told, and nothing is fetched from them.
    let links = page.match_indices("href=\"").filter(|(at, _)| !page[at + 6..].starts_with('#')).count();
    assert_eq!(links, 0);
}

#[test]
fn the_page_shows_every_part_of_the_report() {
    let report = sample();
    let page = render(&report);
    let targets = report.targets.iter().map(|target| format!("id=\"target-{}\"", target.id));
    let sections = ["verdict", "selection", "journey", "crash", "overload", "audit", "thresholds", "environment"];
    let sections = sections.map(|id| format!("id=\"{id}\""));
    let checks = report.audit.iter().map(|check| check.id.clone());
    let thresholds = report.thresholds.iter().map(|threshold| threshold.key.clone());
    for expected in targets.chain(sections).chain(checks).chain(thresholds) {
        assert!(page.contains(&expected), "{expected}");
    }
    for answer in
        [&report.answers.arrivals, &report.answers.sell_out, &report.answers.breaks_first, &report.answers.death]
    {
        assert!(page.contains(&answer.question));
    }
    assert!(page.matches("<svg").count() > 20);
}

#[test]
fn every_link_of_the_page_leads_somewhere() {
    let page = render(&sample());
    for (at, _) in page.match_indices("href=\"#") {
        let id = page[at + 7..].split('"').next().unwrap();
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
    }
}

#[test]
fn text_of_the_report_is_no_markup() {
    let mut report = sample();
    report.verdict.status = Status::Fail;
    report.verdict.reasons = vec!["<img src=x> & \"so on\"".to_owned()];
    report.targets[0].parts[1].steps[0].name = "<b>1,000/s</b>".to_owned();
    let page = render(&report);
    assert!(page.contains("&lt;img src=x&gt; &amp; &quot;so on&quot;"), "{}", &page[..2_000]);
    assert!(!page.contains("<b>1,000/s"));
}

#[test]
fn a_report_of_which_much_is_missing_is_a_page_too() {
    let mut report = sample();
    (report.selection, report.journey, report.crash, report.overload) = (None, None, None, None);
    report.targets.truncate(1);
    report.targets[0].capacity = None;
    for part in &mut report.targets[0].parts {
        part.steps.iter_mut().for_each(|step| *step = Default::default());
        part.figures.iter_mut().for_each(|figure| (figure.value, figure.reason) = (None, Some("why".to_owned())));
    }
    let page = render(&report);
    assert!(page.contains("not observable") && !page.contains("NaN") && !page.contains("inf"));
}

/// Every step of the report as one that the generator was late for.
fn late() -> Report {
    let mut report = sample();
    let reason = Some("the generator was late".to_owned());
    let parts = report.targets.iter_mut().flat_map(|target| &mut target.parts);
    let steps = parts.flat_map(|part| &mut part.steps).chain(report.journey.iter_mut().flat_map(|one| &mut one.steps));
    let multiples = report.overload.iter_mut().flat_map(|one| &mut one.multiples).map(|multiple| &mut multiple.step);
    for step in steps.chain(multiples).chain(report.crash.iter_mut().map(|crash| &mut crash.step)) {
        (step.valid, step.invalid_reason) = (false, reason.clone());
    }
    report.overload.as_mut().unwrap().capacity_invalid = reason;
    report
}

#[test]
fn no_picture_is_drawn_of_what_a_late_load_has_measured() {
    let page = render(&late());
    assert_eq!(page.matches("<svg").count(), 0);
    assert!(page.contains("by a load that was late, so how long it took is not shown"));
    assert!(page.matches("nothing is drawn of them").count() > 5);
}

#[test]
fn one_late_multiple_of_the_capacity_is_marked_and_not_drawn() {
    let mut report = sample();
    let row = |page: &str| page.matches("tr class=\"invalid\"").count();
    let before = row(&render(&report));
    report.overload.as_mut().unwrap().multiples[1].step.valid = false;
    let page = render(&report);
    assert_eq!(row(&page), before + 1);
    assert!(page.contains("the load was late in 1 of 3 steps, which are not drawn"));
}

#[test]
fn a_verdict_promises_no_more_than_was_shown() {
    let heading = |report: &Report| {
        let page = render(report);
        let title = page.split("<title>").nth(1).unwrap().split(" ·").next().unwrap().to_owned();
        assert!(page.split("</h1>").next().unwrap().ends_with(&title), "{title}");
        title
    };
    let mut report = sample();
    report.thresholds[0].status = Status::Invalid;
    assert_eq!(heading(&report), "Correct; speed not shown");
    report.verdict.status = Status::Invalid;
    report.cut_short = true;
    assert_eq!(heading(&report), "Cut short");
    assert!(render(&report).contains("cut short by a signal"));
    report.verdict.status = Status::Fail;
    assert_eq!(heading(&report), "Fail");
}

#[test]
fn two_points_are_no_curve() {
    let mut report = sample();
    for multiple in &mut report.overload.as_mut().unwrap().multiples {
        let seconds = &mut multiple.step.seconds;
        for column in [&mut seconds.at_s, &mut seconds.p50_ms, &mut seconds.p99_ms, &mut seconds.max_ms] {
            column.truncate(2);
        }
        for column in [&mut seconds.sent, &mut seconds.completed, &mut seconds.failed] {
            column.truncate(2);
        }
    }
    let section = |report: &Report| {
        let page = render(report);
        page.split("id=\"overload\"").nth(1).unwrap().split("</section>").next().unwrap().to_owned()
    };
    let (whole, short) = (section(&sample()), section(&report));
    assert!(whole.contains("<b>Latency</b>") && !short.contains("<b>Latency</b>"));
    assert!(short.contains("<b>Useful work</b>"));
}
