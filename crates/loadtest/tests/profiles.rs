//! The worked examples of the documentation are profiles.

use std::path::Path;

use onsale_loadtest::profile::{Act, Profile};

fn example(name: &str) -> Profile {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/profiles").join(name);
    Profile::load(&path).unwrap()
}

#[test]
fn the_examples_can_be_used() {
    let (points, dates) = (example("nest-points.toml"), example("uuid-dates.toml"));
    assert!(points.ends_with_reserve() && !points.users.fresh && !points.has(Act::Cancel));
    assert_eq!((dates.stage.dates.len(), dates.queue.inside), (2, Some(50)));
    let promises = points.promises();
    assert!(!promises.idempotency && promises.asks_for_a_token(Act::Reserve) && promises.list_staleness.as_secs() == 5);
}

#[test]
fn the_schema_knows_every_key_of_the_examples() {
    let schema = Profile::schema();
    let known = schema.to_string();
    for text in [
        include_str!("../../../docs/profiles/nest-points.toml"),
        include_str!("../../../docs/profiles/onsale-signed.toml"),
        include_str!("../../../docs/profiles/uuid-dates.toml"),
    ] {
        let table: toml::Table = text.parse().unwrap();
        for key in table.keys() {
            assert!(schema["properties"].get(key).is_some(), "{key}");
        }
        for call in table["call"].as_table().unwrap().values() {
            for key in call.as_table().unwrap().keys() {
                assert!(known.contains(&format!("\"{key}\"")), "{key}");
            }
        }
    }
}
