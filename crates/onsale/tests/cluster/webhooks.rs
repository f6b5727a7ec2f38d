//! Webhooks where many nodes could send them: one does, and when it is gone another.

use std::collections::BTreeMap;

use onsale_testkit::postgres::Database;
use onsale_testkit::{Call, Receiver, Tongue, eventually};
use serde_json::json;

use crate::nodes::Nodes;

#[tokio::test]
async fn one_node_sends_and_another_goes_on_when_it_is_killed() {
    let database = Database::fresh();
    let mut nodes = Nodes::open(&[database.url().to_owned()], |setup| setup.set("webhooks.private", "allow")).await;
    let mut receiver = Receiver::start(Tongue::Python);
    let new = json!({"url": receiver.url(), "from": "OLDEST", "types": ["onsale.message.sent"]});
    let id = nodes.admin(0).call(Call::post("/v1/admin/webhooks").json(&new)).await.data()["id"].clone();
    let say = async |nodes: &Nodes, node: usize, text: &str| {
        let message = json!({"text": {"en": text}});
        nodes.admin(node).call(Call::post("/v1/admin/messages").json(&message)).await.data();
    };
    let holder = async |nodes: &Nodes, node: usize| {
        nodes.admin(node).call(Call::get(format!("/v1/admin/webhooks/{id}"))).await.data()["node"].clone()
    };
    let texts = |receiver: &mut Receiver| {
        let mut times: BTreeMap<String, u32> = BTreeMap::new();
        for message in receiver.messages(&[]) {
            if let Some(text) = message["event"]["data"]["text"]["en"].as_str() {
                *times.entry(text.to_owned()).or_default() += 1;
            }
        }
        times
    };
    for at in 0..30 {
        say(&nodes, at % 3, &format!("{at:02}")).await;
    }
    eventually("all are there", async || texts(&mut receiver).len() == 30).await;
    assert!(texts(&mut receiver).values().all(|&times| times == 1), "by one node, while nobody fails");

    let held = holder(&nodes, 0).await;
    let mut names = Vec::new();
    for node in 0..3 {
        let now = nodes.admin(node).call(Call::get("/v1/admin/ops/now")).await.data();
        names.push(now["nodes"][0]["node"].clone());
    }
    let at = names.iter().position(|name| *name == held).unwrap_or_else(|| panic!("{held} is none of {names:?}"));
    let rest = (at + 1) % 3;
    eventually("that is kept", async || {
        let shown = nodes.admin(rest).call(Call::get(format!("/v1/admin/webhooks/{id}"))).await.data();
        shown["pending"] == 0 && shown["cursor"].is_string()
    })
    .await;
    // Asked of a node that sends none, one event is sent once more by the one that does.
    let first = receiver.messages(&[]).into_iter().find(|message| message["event"]["data"]["text"]["en"] == "00");
    let event = json!({"event": first.expect("the first message")["id"]});
    nodes.admin(rest).call(Call::post(format!("/v1/admin/webhooks/{id}/send")).json(&event)).await.data();
    eventually("it came once more", async || texts(&mut receiver)["00"] == 2).await;
    assert_eq!(holder(&nodes, rest).await, held);
    nodes.servers[at].kill();
    for text in 30..60 {
        say(&nodes, rest, &format!("{text:02}")).await;
    }
    eventually("another sends them", async || texts(&mut receiver).len() == 60).await;
    assert_ne!(holder(&nodes, rest).await, held);
}
