//! A gate before a queue that asks for work: visitors do it on the waiting page, or have a place from a desk.

use onsale_testkit::{Admin, Call, Reply};
use serde_json::json;

use super::browser::Browser;
use super::gated;
use crate::proof::solved;

const BITS: u32 = 12;

/// What stands in an attribute of the waiting page.
fn data(page: &Reply, name: &str) -> String {
    let text = String::from_utf8_lossy(&page.body);
    let (_, rest) = text.split_once(&format!(" data-{name}=\"")).unwrap_or_else(|| panic!("data-{name} in {text}"));
    rest.split_once('"').expect("an attribute").0.to_owned()
}

fn is_work(page: &Reply) -> bool {
    String::from_utf8_lossy(&page.body).contains(" id=\"work\"")
}

#[tokio::test]
async fn the_page_has_the_work_done_and_joins_with_it() {
    let mut server = gated().set("queue.active_limit", 1).set("queue.proof_bits", BITS).start();
    let [mut first, mut second] = [(); 2].map(|()| Browser::new(&server));
    let page = first.look("/a?b=c").await;
    assert_eq!((page.status, page.header("refresh")), (200, None), "nobody who works is interrupted: {page}");
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.contains("script-src 'self'; worker-src 'self'"), "{policy}");
    let text = String::from_utf8_lossy(&page.body).into_owned();
    let (_, script) = text.split_once("<script type=\"module\" src=\"").expect("a script");
    let script = server.client().call(Call::get(script.split_once('"').expect("an address").0)).await;
    assert_eq!((script.status, script.header("content-type")), (200, Some("text/javascript; charset=utf-8")));
    // Without a script the browser looks again by itself, and whoever reads knows whom to tell which number.
    let person = data(&page, "person");
    assert!(
        text.contains("<noscript><meta http-equiv=\"refresh\" content=\"30; url=/gate/default?to=%2Fa%3Fb%3Dc\">"),
        "{text}"
    );
    assert!(
        text.contains("allow JavaScript") && text.contains(&format!("<strong id=\"person\">{person}</strong>")),
        "{text}"
    );

    let work = json!({"challenge": data(&page, "challenge")});
    let (next, proof) = (data(&page, "next"), solved(&work, &person, BITS));
    assert_eq!((data(&page, "bits"), next.as_str()), (BITS.to_string(), "/gate/default?to=%2Fa%3Fb%3Dc"));
    // Another's is none, and leads to work again.
    second.look("/").await;
    for wrong in [proof.as_str(), "x"] {
        let again = second.ask_us(Call::get(format!("{next}&proof={wrong}"))).await;
        assert!(again.status == 200 && is_work(&again), "{again}");
    }
    let entered = first.ask_us(Call::get(format!("{next}&proof={proof}"))).await;
    assert!(entered.status == 303 && entered.header("location").is_some_and(|to| to.contains("code=")), "{entered}");
    assert_eq!(first.look("/").await.status, 303, "whoever has a place has it without");

    // The desk gives the second a place, by the number on their page; and a lost cookie loses no place.
    let person = data(&second.look("/").await, "person");
    let admin = Admin::new(server.client());
    let give = Call::post("/v1/admin/queues/default/places")
        .json(&json!({"userId": person.parse::<u64>().expect("a number")}));
    admin.call(give).await.data();
    let page = second.look("/").await;
    let text = String::from_utf8_lossy(&page.body).into_owned();
    assert!(
        page.status == 200 && text.contains("Your place: <strong>1</strong>") && !text.contains("<script"),
        "{text}"
    );
    assert!(page.header("refresh").is_some());
    assert!(server.terminate().success());
    server.assert_audit_clean();
}

#[tokio::test]
async fn an_app_is_told_what_to_solve_and_as_whom() {
    let server = gated().set("queue.proof_bits", BITS).start();
    let mut app = Browser::app(&server);
    let refused = app.look("/a").await.refused(403, "PROOF_REQUIRED");
    let work = &refused["proof"];
    assert_eq!(work["bits"], BITS);
    let proof = solved(work, work["person"].as_str().expect("who it is"), BITS);
    let inside = app.ask_us(Call::get(format!("/gate/default?to=%2Fa&proof={proof}"))).await.data();
    assert_eq!(inside["status"], "PROGRESS");
    // A buyer knows what they are called.
    let buyer = onsale_testkit::Buyer::ask(&server.client(), 7).await.refused(403, "PROOF_REQUIRED");
    assert!(buyer["proof"].get("person").is_none(), "{buyer}");
}
