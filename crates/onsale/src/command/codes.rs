//! `onsale codes`.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use indicatif::{ProgressBar, ProgressStyle};
use onsale_domain::codes::CODES_AT_ONCE_MAX;
use onsale_http::token::PlainCode;

use crate::admin::Refused;
use crate::cli::Codes;
use crate::failure::Hint;

use super::{bounded, output, secret};

/// Four million codes of sixty-four characters.
const FILE_BYTES_MAX: u64 = 512 << 20;
/// Letters and digits that nobody takes for others (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARS: usize = 12;

pub(super) fn run(codes: &Codes) -> anyhow::Result<ExitCode> {
    match codes {
        Codes::Make { count } => make(*count)?,
        Codes::Add { campaign, file, first, running } => {
            let text =
                bounded::read(file, FILE_BYTES_MAX).with_context(|| format!("{} cannot be read", file.display()))?;
            let text = String::from_utf8(text).with_context(|| format!("{} is no text in UTF-8", file.display()))?;
            let codes = read(file, &text)?;
            let admin = secret::enter(running)?;
            let style = ProgressStyle::with_template("adding {bar:40} {pos}/{len} codes, {eta} to go")?;
            let bar = ProgressBar::new(codes.len() as u64).with_style(style);
            let mut added = 0;
            for (place, piece) in codes.chunks(CODES_AT_ONCE_MAX).enumerate() {
                let number = first + (place * CODES_AT_ONCE_MAX) as u32;
                added += admin
                    .add_codes(campaign, number, piece)
                    .map_err(|error| not_added(error, campaign, number, place))?;
                bar.inc(piece.len() as u64);
            }
            bar.finish_and_clear();
            output::print(&format!("Added {added} of {} codes to {campaign}.\n", codes.len()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What was not added of a file, of which so many pieces were.
fn not_added(error: anyhow::Error, campaign: &str, number: u32, pieces: usize) -> anyhow::Error {
    let is_of_first = error.downcast_ref::<Refused>().is_some_and(|refused| refused.field.as_deref() == Some("first"));
    let error = match pieces {
        0 => error.context(format!("no code was added to {campaign}")),
        _ => error
            .context(format!("the codes from number {number} on were not added to {campaign}; those before them were")),
    };
    if pieces > 0 || !is_of_first {
        return error;
    }
    error.context(Hint(
        "--first is the number of the file's first code: 1, and for a second file one more than the campaign has"
            .into(),
    ))
}

fn make(count: u32) -> anyhow::Result<()> {
    let mut text = String::new();
    for _ in 0..count {
        let mut bytes = [0; CHARS];
        getrandom::fill(&mut bytes).context("the system gives no random numbers")?;
        for (place, byte) in bytes.iter().enumerate() {
            let dash = if place > 0 && place % 4 == 0 { "-" } else { "" };
            write!(text, "{dash}{}", char::from(ALPHABET[usize::from(byte % 32)]))?;
        }
        text.push('\n');
    }
    output::print(&text)?;
    Ok(())
}

/// One code a line. What is no code, and what is there twice, is told before anything is sent.
fn read<'a>(file: &Path, text: &'a str) -> anyhow::Result<Vec<&'a str>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = (1..).zip(text.lines().map(|line| line.trim().trim_matches('"')));
    let (mut codes, mut lines_of) = (Vec::new(), HashMap::new());
    for (number, line) in lines {
        if line.is_empty() || number == 1 && line.eq_ignore_ascii_case("code") {
            continue;
        }
        let Some(plain) = PlainCode::of(line) else {
            bail!(
                "{}: line {number} is no code: 4 to 64 letters and digits, beside spaces, dashes and dots",
                file.display()
            );
        };
        if let Some(other) = lines_of.insert(plain, number) {
            bail!("{}: lines {other} and {number} are the same code", file.display());
        }
        codes.push(line);
    }
    if codes.is_empty() {
        return Err(anyhow::anyhow!("{} has no codes", file.display()))
            .context(Hint("onsale codes make 5000 > FILE makes some".into()));
    }
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_and_its_mistakes_are_named_by_line() {
        let check = |text: &str, expected: Result<&[&str], &str>| {
            let read = read(Path::new("f"), text).map_err(|error| format!("{error:#}"));
            match expected {
                Ok(codes) => assert_eq!(read.as_deref(), Ok(codes)),
                Err(part) => assert!(read.as_ref().is_err_and(|error| error.contains(part)), "{read:?}"),
            }
        };
        check("\u{feff}code\nABCD-1\r\n\n\"efgh 2\"\n", Ok(&["ABCD-1", "efgh 2"]));
        check("ABCD\nCODE\n", Ok(&["ABCD", "CODE"]));
        check("ABCD\nx!\n", Err("line 2 is no code"));
        check("ABCD\nEFGH\nab-cd\n", Err("lines 1 and 3 are the same code"));
        check("code\n", Err("has no codes"));
    }
}
