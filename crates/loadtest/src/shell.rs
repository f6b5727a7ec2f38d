//! Commands that a profile gives, run by the shell: with an end, and with their own words where they fail.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::interrupt;

const LOOK_EVERY: Duration = Duration::from_millis(20);
/// So much of what a command has written is told: the end says why.
const TOLD_CHARACTERS: usize = 400;

/// A command, and where it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    /// Its key in the profile.
    pub(crate) field: &'a str,
    pub(crate) command: &'a str,
    pub(crate) within: Duration,
    /// Whether a signal to the run ends it. Not one that puts things in order afterwards.
    pub(crate) heeds_signals: bool,
}

/// Runs it to its end, and gives what it wrote to its standard output.
///
/// # Errors
/// When it ends with another status than 0, or not in time: with its field, and the last that it wrote.
pub(crate) fn run(line: Line<'_>, variables: &[(&str, String)]) -> Result<String> {
    let Line { field, command, within, heeds_signals } = line;
    let scratch = || tempfile::tempfile().context("a file for what a command writes");
    // Files and no pipes: what the command leaves running may keep a pipe open for ever.
    let (mut out, mut err) = (scratch()?, scratch()?);
    let mut child = Command::new("sh")
        .args(["-c", command])
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(err.try_clone()?)
        .process_group(0)
        .spawn()
        .with_context(|| format!("{field}: sh cannot be started"))?;
    let ends = Instant::now() + within;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        let is_asked = heeds_signals && interrupt::is_asked();
        if is_asked || Instant::now() >= ends {
            // The whole group: the shell may have started others.
            killpg(Pid::from_raw(i32::try_from(child.id())?), Signal::SIGKILL)?;
            child.wait()?;
            if is_asked {
                interrupt::check()?;
            }
            let told = words(&mut err, &mut out)?;
            bail!("{field}: `{command}` did not end within {} s{told}", within.as_secs_f64());
        }
        std::thread::sleep(LOOK_EVERY);
    };
    let told = words(&mut err, &mut out)?;
    ensure!(status.success(), "{field}: `{command}` ended with {status}{told}");
    whole(&mut out)
}

/// The end of what it wrote: to its standard error, or else to its standard output.
fn words(err: &mut File, out: &mut File) -> Result<String> {
    for file in [err, out] {
        let text = whole(file)?;
        let text = text.trim();
        if !text.is_empty() {
            let skipped = text.chars().count().saturating_sub(TOLD_CHARACTERS);
            return Ok(format!(": {}", text.chars().skip(skipped).collect::<String>()));
        }
    }
    Ok(String::new())
}

fn whole(file: &mut File) -> Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(command: &str, within: Duration) -> Line<'_> {
        Line { field: "hooks.before", command, within, heeds_signals: false }
    }

    #[test]
    fn a_command_gives_what_it_writes_and_knows_what_it_is_told() {
        let within = Duration::from_secs(60);
        let told = run(line("echo \"$ONSALE_X users\"", within), &[("ONSALE_X", "7".to_owned())]).unwrap();
        assert_eq!(told, "7 users\n");
    }

    #[test]
    fn one_that_fails_says_why_in_its_own_words() {
        let error = run(line("echo no such table >&2; exit 3", Duration::from_secs(60)), &[]).unwrap_err().to_string();
        assert!(error.starts_with("hooks.before: ") && error.contains("3: no such table"), "{error}");
    }

    #[test]
    fn one_that_does_not_end_is_ended_with_all_that_it_started() {
        let error = run(line("sleep 600 & sleep 600", Duration::from_millis(50)), &[]).unwrap_err().to_string();
        assert!(error.contains("did not end within 0.05 s"), "{error}");
    }
}
