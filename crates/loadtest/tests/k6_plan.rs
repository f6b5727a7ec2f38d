//! The k6 scripts read the plan as JSON: the same as the default plan.

use std::path::Path;

#[test]
fn the_plan_of_the_k6_scripts_is_the_default_plan() {
    let plan: toml::Table = onsale_loadtest::plan::DEFAULT.parse().unwrap();
    let generated = format!("{}\n", serde_json::to_string_pretty(&plan).unwrap());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../loadtest/k6/plan.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &generated).expect("the plan can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == generated,
        "loadtest/k6/plan.json is not loadtest/plan.toml; write it anew with `UPDATE=1 cargo test --release -p \
         onsale-loadtest --test k6_plan`"
    );
}
