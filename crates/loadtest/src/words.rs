//! Numbers as people read them.

/// With thousands apart.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Three digits that count, or more where the number is a whole one of thousands.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    let decimals = if size >= 100.0 || size == 0.0 {
        0
    } else if size >= 10.0 {
        1
    } else if size >= 1.0 {
        2
    } else {
        3
    };
    let rounded = format!("{value:.decimals$}");
    let (whole, fraction) = rounded.split_once('.').unwrap_or((&rounded, ""));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("−", whole));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), count);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// A duration in milliseconds, in the unit that suits it.
pub(crate) fn ms(value: f64) -> String {
    if value >= 1_000.0 { format!("{} s", number(value / 1_000.0)) } else { format!("{} ms", number(value)) }
}

/// A size in bytes, in decimal units.
pub(crate) fn bytes(value: f64) -> String {
    let (value, unit) = scaled(value, &["B", "kB", "MB", "GB", "TB"]);
    format!("{} {unit}", number(value))
}

/// A value in a unit of the report.
pub(crate) fn quantity(value: f64, unit: &str) -> String {
    match unit {
        "ms" => ms(value),
        "bytes" => bytes(value),
        "bytes/s" => format!("{}/s", bytes(value)),
        "" => number(value),
        "/s" => format!("{}/s", number(value)),
        "%" => format!("{} %", number(value)),
        unit => format!("{} {unit}", number(value)),
    }
}

/// A reply that is no success: what a problem says of itself (RFC 9457), or how the body begins.
pub(crate) fn refusal(status: u16, body: &[u8]) -> String {
    const CHARACTERS_MAX: usize = 160;
    let problem = serde_json::from_slice::<serde_json::Value>(body).unwrap_or_default();
    let part = |name: &str| problem.get(name).and_then(serde_json::Value::as_str);
    match (part("title"), part("detail").or_else(|| part("message"))) {
        (Some(title), Some(text)) => format!("{status} {title}: {text}"),
        (Some(text), None) | (None, Some(text)) => format!("{status} {text}"),
        (None, None) => {
            let text = String::from_utf8_lossy(body);
            let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let begins: String = text.chars().take(CHARACTERS_MAX).collect();
            format!("{status} {begins}").trim_end().to_owned()
        }
    }
}

/// For the labels of an axis: 12k, 3.5M.
pub(crate) fn short(value: f64) -> String {
    let (value, unit) = scaled(value, &["", "k", "M", "G"]);
    let text = number(value);
    format!("{text}{unit}")
}

/// For the labels of an axis of milliseconds.
pub(crate) fn short_ms(value: f64) -> String {
    if value >= 999.5 { format!("{} s", number(value / 1_000.0)) } else { number(value) }
}

pub(crate) fn short_bytes(value: f64) -> String {
    bytes(value)
}

/// For the labels of an axis of quantiles: p99.9.
pub(crate) fn percentile(quantile: f64) -> String {
    let percent = format!("{:.3}", quantile * 100.0);
    let percent = percent.trim_end_matches('0').trim_end_matches('.');
    format!("p{percent}")
}

/// An RFC 3339 instant in UTC, to the minute.
pub(crate) fn moment(instant: &str) -> String {
    match (instant.get(..10), instant.get(11..16)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        (Some(_) | None, _) => instant.to_owned(),
    }
}

/// Words as a sentence: a capital letter first, a full stop last.
pub(crate) fn sentence(words: &str) -> String {
    let mut letters = words.trim_end_matches('.').chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

fn scaled<'a>(value: f64, units: &[&'a str]) -> (f64, &'a str) {
    let mut value = value;
    let mut unit = 0;
    while value.abs() >= 999.5 && unit + 1 < units.len() {
        value /= 1_000.0;
        unit += 1;
    }
    (value, units[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_count() {
        let texts = [0.0, 0.25, 3.456, 12.34, 46.0, 512.6, 38_000.0, 1_234_567.8, -1.5].map(number);
        assert_eq!(texts, ["0", "0.25", "3.46", "12.3", "46", "513", "38,000", "1,234,568", "−1.5"]);
    }

    #[test]
    fn quantities_come_in_the_unit_that_suits_them() {
        assert_eq!(quantity(1_500.0, "ms"), "1.5 s");
        assert_eq!(quantity(2_500_000.0, "bytes"), "2.5 MB");
        assert_eq!(quantity(99.9, "%"), "99.9 %");
        assert_eq!(quantity(0.61, "cores"), "0.61 cores");
        assert_eq!([short(12_000.0), short(999.9), short(7.0)], ["12k", "1k", "7"]);
        assert_eq!(moment("2026-11-24T16:04:23.046570518Z"), "2026-11-24 16:04 UTC");
        assert_eq!(sentence("at 41,000/s it was late"), "At 41,000/s it was late.");
        assert_eq!([percentile(0.5), percentile(0.999), percentile(0.99999)], ["p50", "p99.9", "p99.999"]);
    }
}
