//! Bit rot: one bit of a stored file is another. Either the start is refused and says what to do, or nothing that anybody is
//! told has changed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use onsale_testkit::{Call, Client, Shop};
use serde_json::Value;

use crate::setup;
use crate::started::{Started, copy_of, end, files, start};

const PAGE: usize = 4_096;
/// One bit in each of so many pages of a file, spread over it.
const PAGES_MAX: usize = 24;

/// What is asked of the store, and with whose token.
type Questions = Vec<(String, Option<String>)>;

#[tokio::test]
async fn a_bit_of_any_file_is_found_or_does_no_harm() {
    let mut shop = Shop::open(setup()).await;
    let questions = sell(&shop).await;
    // The tables know where the journal ends: a bit of its last transaction alone is like a write that a power cut has torn.
    shop.admin.projected().await;
    // Not stopped in good order, so that there are logs beside the databases.
    shop.server.kill();
    turn_each(shop.server.data(), &questions).await;
}

#[tokio::test]
async fn a_bit_of_a_compacted_store_is_found_or_does_no_harm() {
    let mut shop = Shop::open(setup()).await;
    let questions = sell(&shop).await;
    assert!(shop.server.terminate().success());
    let mut compact = Command::new(env!("CARGO_BIN_EXE_onsale"));
    assert!(compact.args(["compact", "--data"]).arg(shop.server.data()).output().unwrap().status.success());
    turn_each(shop.server.data(), &questions).await;
}

/// Somebody has paid, somebody holds, somebody waits.
async fn sell(shop: &Shop) -> Questions {
    let first = shop.insider_with(1, 1_000_000).await;
    let second = shop.insider_with(2, 70_000).await;
    let viewer = shop.insider(3).await;
    let paid = first.hold(1, 1).await;
    first.pay(paid).await.data();
    second.hold(1, 2).await;
    let mut questions = vec![("/v1/catalog".to_owned(), None)];
    questions.push(("/v1/api/concerts/seat?scheduleId=1".to_owned(), Some(viewer.token().to_owned())));
    for buyer in [&first, &second, &viewer] {
        for path in ["/v1/api/user/amount", "/v1/api/concerts/reservations", "/v1/api/queue/token/check"] {
            questions.push((path.to_owned(), Some(buyer.token().to_owned())));
        }
    }
    questions
}

async fn turn_each(data: &Path, questions: &Questions) {
    let whole = copy_of(data);
    let told = match start(whole.path()) {
        Started::Serves(child, client) => {
            let told = ask(&client, questions).await;
            end(child);
            told
        }
        Started::Refused(status, said) => panic!("{status}: {said}"),
    };
    let (mut refused, mut harmless, mut wrong) = (0, 0, String::new());
    for (file, at, bit) in places(data) {
        let rotten = copy_of(data);
        let path = rotten.path().join(&file);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[at] ^= 1 << bit;
        std::fs::write(&path, bytes).unwrap();
        let place = format!("bit {bit} of byte {at} of {}", file.display());
        match start(rotten.path()) {
            Started::Serves(child, client) => {
                let now = ask(&client, questions).await;
                end(child);
                harmless += 1;
                for (question, answer) in &told {
                    if now[question] != *answer {
                        let _ = writeln!(wrong, "{place}: {question}\n  was {answer}\n  is  {}", now[question]);
                    }
                }
            }
            Started::Refused(status, said) => {
                refused += 1;
                if status.code() != Some(1) || !says_what_to_do(&said, &file) {
                    let _ = writeln!(wrong, "{place}: {status}: {said}");
                }
            }
        }
    }
    eprintln!("{refused} refused, {harmless} without harm");
    assert!(wrong.is_empty(), "{wrong}");
    assert!(refused > 0 && harmless > 0, "{refused} refused, {harmless} without harm");
}

/// One bit in each page that is looked at, among the bytes that are used: the rest are zero, and nobody reads them. What a store
/// holds differs from run to run, and so do the bits; a failure names its own.
fn places(data: &Path) -> Vec<(PathBuf, usize, u32)> {
    let mut files = files(data, Path::new(""));
    // The store's lock is empty, and an index in shared memory is made anew.
    files.retain(|file| !file.to_string_lossy().ends_with("-shm"));
    files.sort();
    let mut places = Vec::new();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for file in files {
        let bytes = std::fs::read(data.join(&file)).unwrap();
        let pages = bytes.len().div_ceil(PAGE);
        for page in (0..pages).step_by(pages.div_ceil(PAGES_MAX).max(1)) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let random = (state >> 33) as usize;
            let end = bytes.len().min((page + 1) * PAGE);
            let used: Vec<usize> = (page * PAGE..end).filter(|&at| bytes[at] != 0).collect();
            if let Some(&at) = used.get(random % used.len().max(1)) {
                places.push((file.clone(), at, (random >> 20) as u32 % 8));
            }
        }
    }
    places
}

/// What a buyer is told, but for what time alone changes.
async fn ask(client: &Client, questions: &Questions) -> BTreeMap<String, String> {
    let mut told = BTreeMap::new();
    for (number, (path, token)) in questions.iter().enumerate() {
        let call = Call::get(path);
        let reply = client.call(token.iter().fold(call, |call, token| call.token(token))).await;
        let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        told.insert(format!("{number} {path}"), format!("{} {body}", reply.status));
    }
    told
}

/// A refusal names the file or what is in it, and what is to be done or kept.
fn says_what_to_do(said: &str, file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let names_it = said.contains(name.trim_end_matches("-wal").trim_end_matches(".db"));
    let helps = ["hint:", "restore", "Do not delete", "move"].iter().any(|words| said.contains(words));
    names_it && helps
}
