//! What `onsale export` writes, for spreadsheets and for the next program.

use std::fs;
use std::process::{Command, Output};

use onsale_testkit::{Call, Shop};
use serde_json::{Value, json};

use crate::setup;

const MARK: &[u8] = b"\xEF\xBB\xBF";
/// What somebody else's words may be, and a spreadsheet would run.
const FORMULA: &str = "=HYPERLINK(\"http://example.com\")";

#[tokio::test]
async fn a_file_is_for_spreadsheets_and_a_stream_for_the_next_program() {
    let shop = Shop::open(setup().in_directory()).await;
    let message = json!({"text": {"en": FORMULA, "ko": "곧 시작합니다."}});
    shop.admin.call(Call::post("/v1/admin/messages").json(&message)).await.data();
    shop.admin.projected().await;
    let data = shop.server.data();
    let export = |format: &str, more: &[&str]| -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onsale"));
        command.args(["export", "--table", "news", "--format", format, "--data"]).arg(data).args(more);
        let output = command.output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output
    };
    let file = data.join("export");
    let to_file = |format: &str, more: &[&str]| {
        export(format, &[&["--output", file.to_str().expect("a path")], more].concat());
        let written = fs::read(&file).expect("it was written");
        fs::remove_file(&file).expect("it is there");
        written
    };
    let by_mark = [
        (to_file("csv", &[]), true),
        (to_file("csv", &["--no-bom"]), false),
        (export("csv", &[]).stdout, false),
        (export("csv", &["--bom"]).stdout, true),
    ];
    for (nth, (written, is_marked)) in by_mark.iter().enumerate() {
        let text = written.strip_prefix(MARK);
        assert_eq!(text.is_some(), *is_marked, "the {nth}th");
        let text = std::str::from_utf8(text.unwrap_or(written)).expect("UTF-8");
        // A field begins behind a comma, in quotes where it has some itself: what follows is no formula.
        let quoted = FORMULA.replace('"', "\"\"");
        assert!(text.contains(&format!(",\"'{quoted}\",곧 시작합니다.\n")), "{text}");
    }
    // No program runs what is in a string of JSON, nor does one expect a mark.
    for written in [to_file("json", &[]), export("json", &[]).stdout] {
        let rows: Value = serde_json::from_slice(&written).expect("JSON");
        assert_eq!(rows[0]["text_en"], FORMULA);
    }
}
