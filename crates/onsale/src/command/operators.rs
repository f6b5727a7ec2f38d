//! `onsale operators`.

use std::process::ExitCode;

use clap::ValueEnum as _;

use crate::cli::{Operators, Role};

use super::{output, secret};

pub(super) fn run(operators: &Operators) -> anyhow::Result<ExitCode> {
    match operators {
        Operators::List(running) => {
            let all = secret::enter(running)?.operators()?;
            for operator in all.as_array().into_iter().flatten() {
                let text = |field: &str| operator[field].as_str().unwrap_or_default().to_owned();
                let [name, role, key_id, made_at] = ["name", "role", "keyId", "madeAt"].map(text);
                output::print(&format!("{}  {key_id}  {made_at}  {name}\n", format_args!("{role:8}")))?;
            }
        }
        Operators::Add { name, role, running } => {
            let key = secret::enter(running)?.add_operator(name, &name_of(*role))?;
            output::print(&format!("{key}\n"))?;
            eprintln!("{name}'s key, shown this once: only its SHA-256 is kept");
        }
        Operators::Remove { name, running } => {
            secret::enter(running)?.remove_operator(name)?;
            output::print(&format!("{name}'s key opens nothing any more.\n"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// As the API spells it.
fn name_of(role: Role) -> String {
    role.to_possible_value().expect("no role is skipped").get_name().to_uppercase()
}
