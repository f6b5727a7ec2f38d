//! A seat that costs nothing is sold like any other.

use onsale_testkit::{Buyer, Catalog, Shop};

use crate::setup;

#[tokio::test]
async fn a_free_seat_is_sold_and_the_audit_is_content() {
    let mut shop = Shop::open_with(setup(), &Catalog::hall(3, 0)).await;
    let buyer = shop.insider(1).await;
    let reservation = buyer.hold(1, 1).await;
    let paid = buyer.call(Buyer::paying(reservation).key("free")).await.data();
    assert_eq!(paid["paymentAmount"], 0);
    assert_eq!(buyer.status().await, "DONE");
    assert_eq!(buyer.balance().await, 0);
    shop.admin.projected().await;
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}
