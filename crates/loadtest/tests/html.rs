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
