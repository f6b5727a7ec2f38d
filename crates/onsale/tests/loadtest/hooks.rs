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
/// Little, as what it comes to is not asked here.
const PLAN: &str = "
[load]
connections = 16
step = \"300ms\"
warm_up = \"100ms\"
rate_start = 100
rate_max = 200
[seat]
readers = [4]
consistency = \"500ms\"
[rules]
at_once = 10
";

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

/// What a command prints becomes the figures of the run, by the names that the profile gives; a name that is not there is told
/// before any load.
#[test]
fn a_command_tells_the_figures_of_the_service() {
    let (server, directory) = (house(), tempfile::tempdir().unwrap());
    let watch = "[watch]\ncommand = 'echo \"db_commits_total{db=\\\"a\\\"} 40\"; echo \"in_use 3\"'\nevery = \"100ms\"\n\
                 figures = { transactions = \"db_commits_total\", inside = \"IN\" }\n";
    let run = |inside: &str, more: &[&str]| {
        let profile = profile(&watch.replace("IN\"", &format!("{inside}\"")));
        run(&server, directory.path(), &profile, more)
    };
    let output = run("in_use", &[]);
    assert_eq!(output.status.code(), Some(2), "{}", printed(&output));
    assert!(printed(&output).contains("watch.command") && printed(&output).contains("--allow-commands"));
    let output = run("nowhere", &["--allow-commands"]);
    assert_eq!(output.status.code(), Some(3), "{}", printed(&output));
    assert!(printed(&output).contains("watch.figures.inside: there is no sample `nowhere`"), "{}", printed(&output));
    let output = run("in_use", &["--allow-commands", "--only", "seat"]);
    let report = report(directory.path());
    let seat = report.targets.iter().find(|target| target.id == "seat").expect("the lists were asked for");
    let figures: Vec<_> = seat.parts.iter().flat_map(|part| &part.figures).collect();
    let transactions = figures.iter().find(|figure| figure.id == "transactions").expect("the database is watched");
    assert_eq!((transactions.value, transactions.source.as_str()), (Some(0.0), "watch.figures: db_commits_total"));
    let rows = figures.iter().find(|figure| figure.id == "rows").expect("a figure of ours");
    assert_eq!(
        rows.reason.as_deref(),
        Some("watch.figures of the profile names nothing for it"),
        "{}",
        printed(&output)
    );
    let steps = seat.parts.iter().flat_map(|part| &part.steps);
    assert!(steps.flat_map(|step| &step.resources.queue_active).any(|&inside| inside == Some(3.0)));
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
