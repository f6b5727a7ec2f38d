//! The scrape, in the format that the scraper asks for.

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::header::{ACCEPT, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue};

use crate::answer::Done;
use crate::app::App;
use crate::metrics::CONTENT_TYPE as OPEN_METRICS;

/// Prometheus' own text format.
const CLASSIC: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) async fn scrape(State(app): State<App>, headers: HeaderMap) -> Done {
    let metrics = &app.shared.metrics;
    let (media_type, text) = if takes_open_metrics(&headers) {
        (OPEN_METRICS, metrics.render_with_traces())
    } else {
        (CLASSIC, classic(&metrics.render()))
    };
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// Scrapers that know OpenMetrics name it; to all others it is plain text.
fn takes_open_metrics(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case("application/openmetrics-text"))
            && !parts.any(|parameter| matches!(parameter, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// The text format 0.0.4 from OpenMetrics: there a counter's type and help carry the name that its samples have, and
/// neither units nor an end are told.
fn classic(open_metrics: &str) -> String {
    let lines: Vec<&str> = open_metrics.lines().collect();
    let counters: Vec<&str> =
        lines.iter().filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" counter")).collect();
    let mut text = String::with_capacity(open_metrics.len() + 64 * counters.len());
    for line in lines {
        if line == "# EOF" || line.starts_with("# UNIT ") {
            continue;
        }
        let renamed = ["# TYPE ", "# HELP "].iter().find_map(|keyword| {
            let (name, rest) = line.strip_prefix(keyword)?.split_once(' ')?;
            counters.contains(&name).then(|| format!("{keyword}{name}_total {rest}"))
        });
        text.push_str(renamed.as_deref().unwrap_or(line));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_named_as_their_samples_are() {
        let open = "# HELP a_seconds Time.\n# TYPE a_seconds counter\n# UNIT a_seconds seconds\na_seconds_total 1\n\
                    # HELP b Size.\n# TYPE b gauge\nb 2\n# EOF\n";
        let expected = "# HELP a_seconds_total Time.\n# TYPE a_seconds_total counter\na_seconds_total 1\n\
                        # HELP b Size.\n# TYPE b gauge\nb 2\n";
        assert_eq!(classic(open), expected);
    }

    #[test]
    fn open_metrics_is_for_those_who_name_it() {
        let takes = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
            takes_open_metrics(&headers)
        };
        assert!(takes("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"));
        assert!(!takes("text/plain;version=0.0.4;q=0.5,*/*;q=0.1"));
        assert!(!takes("application/openmetrics-text;q=0, text/plain"));
        assert!(!takes("*/*"));
    }
}
