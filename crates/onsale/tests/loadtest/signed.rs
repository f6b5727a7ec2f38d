//! A door that is signed: the load test signs for its users.

use onsale_testkit::{Entry, Fault, PlantedServer, Rules, Setup, Shop};

use crate::{loadtest, printed, report};

/// What only a door that is signed can have wrong.
pub(crate) const FAULTS: [Fault; 1] = [Fault::BelievesUnsignedTokens];

const PROFILE: &str = include_str!("../../../../docs/profiles/onsale-signed.toml");
const SECRET: &str = "a-secret-of-shop-and-service-that-is-long-enough";
/// Few at once: what is tested is that they come in.
const PLAN: &str = "[load]\nreply_max = \"5s\"\n[rules]\nat_once = 12\nwait = \"1s\"\n";

#[tokio::test]
async fn users_come_in_by_what_the_load_test_signs() {
    let setup = Setup::new(env!("CARGO_BIN_EXE_onsale"))
        .set("access.users", "signed")
        .set("entry.issuer", "https://shop.example")
        .set("entry.audience", "tickets")
        .set("entry.secret", SECRET);
    let shop = Shop::open(setup).await;
    let url = format!("http://{}", shop.server.address());
    let run = async |secret: &str, profile: &str| {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("entry.secret"), secret).unwrap();
        std::fs::write(directory.path().join("signed.toml"), profile).unwrap();
        std::fs::write(directory.path().join("plan.toml"), PLAN).unwrap();
        let arguments = ["--quick", "--plan", "plan.toml", "--target", &url, "--allow-writes", "--only", "rules"];
        let arguments = [&arguments[..], &["--profile", "signed.toml"]].concat();
        let mut command = loadtest(directory.path(), &arguments);
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        (output.status.code(), report(directory.path()), printed(&output))
    };
    let (status, judged, text) = run(&format!("{SECRET}\n"), PROFILE).await;
    assert_eq!(status, Some(0), "{text}");
    let one = judged.audit.iter().find(|check| check.id == "one_token_per_user").expect("it was tried");
    assert!(one.passed && one.cases > 0, "{text}");
    assert!(judged.audit.iter().any(|check| check.id == "many_at_once" && check.passed), "{text}");
    for (secret, profile, told) in [
        ("the-secret-of-somebody-else-of-32-bytes-and-more", PROFILE.to_owned(), "entry-token"),
        (SECRET, PROFILE.replace("entry.secret\"", "nowhere\""), "entry.secret_file"),
    ] {
        let (status, _, text) = run(secret, &profile).await;
        assert_eq!(status, Some(3), "{text}");
        assert!(text.contains(told), "{told}: {text}");
    }
}

/// A service of another make with a door, by our profile: each of the bad tokens is tried there, too.
#[test]
fn a_door_that_believes_whoever_signs_is_found() {
    let entry =
        Entry { issuer: "https://shop.example".to_owned(), audience: "tickets".to_owned(), secret: SECRET.to_owned() };
    let house = Rules { active_limit: 60, seats_per_section: 100, entry: Some(entry), ..Rules::default() };
    for (fault, status) in [(None, 0), (Some(FAULTS[0]), 1)] {
        let server = PlantedServer::start(&house, fault);
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("entry.secret"), SECRET).unwrap();
        std::fs::write(directory.path().join("signed.toml"), PROFILE).unwrap();
        let url = format!("http://{}", server.address());
        let arguments =
            ["--quick", "--target", &url, "--allow-writes", "--only", "journey", "--profile", "signed.toml"];
        let output = loadtest(directory.path(), &arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{fault:?}: {}", printed(&output));
        let audit = report(directory.path()).audit;
        let door = audit.iter().find(|check| check.id == "entry_tokens_checked").expect("the door was tried");
        // Nothing but the signature is wrong with two of them: there is none, or it is somebody else's.
        assert_eq!((door.cases, door.wrong), (8, if fault.is_some() { 2 } else { 0 }), "{}", printed(&output));
        assert!(audit.iter().all(|check| check.passed || check.id == door.id), "{}", printed(&output));
    }
}
