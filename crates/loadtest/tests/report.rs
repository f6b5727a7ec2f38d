//! The form of `report.json`: what was written by this version can be read, and an error names its field.

use onsale_loadtest::report::Report;

const SAMPLE: &str = include_str!("data/report.json");

#[test]
fn a_report_reads_back_as_it_was_written() {
    let report = Report::from_json(SAMPLE).unwrap();
    let again = Report::from_json(&report.to_json().unwrap()).unwrap();
    assert_eq!(again, report);
}

#[test]
fn another_version_is_refused_by_name() {
    let other = SAMPLE.replace("onsale-loadtest/1", "onsale-loadtest/2");
    let error = Report::from_json(&other).unwrap_err().to_string();
    assert!(error.contains("schema") && error.contains("onsale-loadtest/2"), "{error}");
}

#[test]
fn a_wrong_field_is_named() {
    let wrong = SAMPLE.replacen("\"exit_status\": 0", "\"exit_status\": \"zero\"", 1);
    let error = Report::from_json(&wrong).unwrap_err().to_string();
    assert!(error.starts_with("verdict.exit_status"), "{error}");
}
