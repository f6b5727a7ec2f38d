//! `onsale person`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::cli::{Name, Person, Running, Whom};

use super::{bounded, output, secret};

/// Longer than what an entry token can call somebody, and than a line end behind it.
const SUBJECT_BYTES_MAX: u64 = 1 << 10;

pub(super) fn run(person: &Person) -> anyhow::Result<ExitCode> {
    match person {
        Person::Export { whom, running } => {
            let kept = secret::enter(running)?.export_person(&named(whom, running)?)?;
            output::print(&format!("{kept:#}\n"))?;
        }
        Person::Erase { whom, force, running } => {
            let mut body = named(whom, running)?;
            body["force"] = (*force).into();
            let said = match secret::enter(running)?.erase_person(&body)? {
                (Some(user), _) => format!("Erased: nothing leads to number {user} any more.\n"),
                (None, _) => "They were erased before.\n".to_owned(),
            };
            output::print(&said)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// As the API names people.
fn named(whom: &Whom, running: &Running) -> anyhow::Result<Value> {
    let Whom { name: Name { user, subject_file }, issuer } = whom;
    let Some(file) = subject_file else { return Ok(json!({ "userId": user })) };
    let stdin = Path::new("-");
    if file == stdin && running.admin_key_file.as_deref() == Some(stdin) {
        bail!("--subject-file and --admin-key-file cannot both be -, stdin");
    }
    let from = if file == stdin { Path::new("/dev/stdin") } else { file };
    let bytes = bounded::read(from, SUBJECT_BYTES_MAX).with_context(|| format!("{} cannot be read", file.display()))?;
    let text = String::from_utf8(bytes).with_context(|| format!("{} is no text in UTF-8", file.display()))?;
    // The line end is the file's; any other space may be the name's.
    let subject = text.strip_suffix('\n').map_or(&*text, |line| line.strip_suffix('\r').unwrap_or(line));
    let mut body = json!({ "subject": subject });
    if let Some(issuer) = issuer {
        body["issuer"] = issuer.as_str().into();
    }
    Ok(body)
}
