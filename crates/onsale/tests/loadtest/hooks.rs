//! What a profile has done before a run and after it: commands, and users who must be there before they come.

use std::path::Path;
use std::process::Output;

use onsale_testkit::{PlantedServer, Rules, Wire};

use crate::{loadtest, printed, report};

/// A house for members only, and its document.
const PROFILE: &str = include_str!("foreign.toml");
const MEMBERS: &str = r#"
[call.register]
method = "POST"
path = "/api/members"
body = '{"nick":"${user}"}'
out = { user = "/member/id" }
"#;
const PLAN: &str = "[rules]\nat_once = 10\n";

fn house() -> PlantedServer {
    PlantedServer::start(&Rules { wire: Wire::Foreign, members_only: true, active_limit: 30, ..Rules::default() }, None)
}

fn profile(hooks: &str) -> String {
    let prepared = PROFILE.replace("count = 1000000", "count = 1000000\nprepare = 120");
    assert_ne!(prepared, PROFILE);
    format!("{prepared}{MEMBERS}{hooks}")
}

fn run(server: &PlantedServer, directory: &Path, profile: &str, more: &[&str]) -> Output {
    let url = format!("http://{}", server.address());
    std::fs::write(directory.join("mine.toml"), profile).unwrap();
    std::fs::write(directory.join("plan.toml"), PLAN).unwrap();
    let arguments = ["--quick", "--plan", "plan.toml", "--target", &url, "--allow-writes", "--profile", "mine.toml"];
    let arguments = [&arguments[..], &["--only", "rules"], more].concat();
    loadtest(directory, &arguments).output().unwrap()
}

#[test]
fn members_are_made_before_they_come_and_commands_run_around_the_run() {
    let (server, directory) = (house(), tempfile::tempdir().unwrap());
    let hooks = "[hooks]\nbefore = 'echo \"$ONSALE_USERS\" > before'\nafter = 'echo \"$ONSALE_TARGET\" > after'\n";
    let output = run(&server, directory.path(), &profile(hooks), &["--allow-commands"]);
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    let prepared = report(directory.path()).prepared.expect("users were made");
    assert_eq!((prepared.users, prepared.by.as_str()), (120, "call.register"));
    let written = |name: &str| std::fs::read_to_string(directory.path().join(name)).unwrap();
    assert_eq!((written("before").as_str(), written("after")), ("120\n", format!("http://{}\n", server.address())));
}

#[test]
fn nobody_comes_in_where_no_member_was_made() {
    let (server, directory) = (house(), tempfile::tempdir().unwrap());
    let output = run(&server, directory.path(), PROFILE, &[]);
    assert_eq!(output.status.code(), Some(3), "{}", printed(&output));
    assert!(printed(&output).contains("asking for a token"), "{}", printed(&output));
}

#[test]
fn no_command_runs_without_being_allowed() {
    let (server, directory) = (house(), tempfile::tempdir().unwrap());
    for field in ["before", "users", "after"] {
        let hooks = format!("[hooks]\n{field} = 'touch ran'\n");
        let output = run(&server, directory.path(), &profile(&hooks), &[]);
        let text = printed(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(&format!("hooks.{field}")) && text.contains("--allow-commands"), "{text}");
        assert!(!directory.path().join("ran").exists());
    }
}

#[test]
fn a_command_that_fails_ends_the_run_with_its_words() {
    let (server, directory) = (house(), tempfile::tempdir().unwrap());
    for (field, is_tested) in [("before", false), ("users", false), ("after", true)] {
        let hooks = format!("[hooks]\n{field} = 'echo the database is not there >&2; exit 7'\n");
        let output = run(&server, directory.path(), &profile(&hooks), &["--allow-commands"]);
        let text = printed(&output);
        assert_eq!(output.status.code(), Some(3), "{text}");
        assert!(text.contains(&format!("hooks.{field}")) && text.contains("the database is not there"), "{text}");
        assert_eq!(report(directory.path()).audit.is_empty(), !is_tested, "{text}");
    }
}

#[test]
fn one_call_of_each_is_made_by_a_member() {
    let (server, directory) = (house(), tempfile::tempdir().unwrap());
    let url = format!("http://{}", server.address());
    std::fs::write(directory.path().join("mine.toml"), profile("[hooks]\nbefore = 'touch ran'\n")).unwrap();
    let arguments = ["profile", "--check", "mine.toml", "--target", &url];
    let output = loadtest(directory.path(), &arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", printed(&output));
    assert!(printed(&output).contains("hooks.before") && !directory.path().join("ran").exists());
    let output = loadtest(directory.path(), &[&arguments[..], &["--allow-commands"]].concat()).output().unwrap();
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("ok register: POST /api/members") && directory.path().join("ran").exists(), "{text}");
}
