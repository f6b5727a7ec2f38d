"""What a shop's engineer relies on, against a real server."""

import threading
import time
from collections.abc import Callable
from itertools import islice

import httpx
import pytest

from conftest import Line, Server
from onsale import Buyer, NoAnswer, Onsale, Retry, Shop, TurnOver, problems, solve
from onsale.types import Place


def narrow(onsale: Onsale, shop: Shop, queue: str) -> Buyer:
    """Somebody inside, in a queue that lets in one at a time."""
    shop.api.open_queue({"queue": queue})
    shop.api.change_queue(queue, {"activeLimit": 1})
    return onsale.join(1000, queue=queue)


def after_places(number: int, leave: Callable[[], object], told: list[Place]) -> Callable[[Place], None]:
    """Has whoever is inside leave when so many places were told to us."""

    def on_place(place: Place) -> None:
        told.append(place)
        if len(told) == number:
            leave()

    return on_place


def test_a_refusal_is_an_exception_of_its_code(onsale: Onsale) -> None:
    buyer = onsale.join(1)
    with pytest.raises(problems.BadRequest) as refused:
        buyer.reserve({"scheduleId": 1, "seatId": 0})
    assert (refused.value.code, refused.value.status, refused.value.field) == ("BAD_REQUEST", 400, "seatId")
    with pytest.raises(problems.TokenInvalid):
        onsale.buyer("no.token.of-ours").balance()


def test_who_writes_too_often_waits_as_long_as_they_are_told(server: Server, onsale: Onsale) -> None:
    token = onsale.join(2).token
    with Onsale(server.url, retry=Retry(attempts=1)) as hasty, pytest.raises(problems.RateLimited) as refused:
        for _ in range(100):
            hasty.buyer(token).charge(1)
    assert refused.value.status == 429
    assert refused.value.retry_after is not None and refused.value.retry_after >= 1
    patient = onsale.buyer(token)
    assert patient.charge(1) == patient.balance()


def test_a_payment_whose_answer_was_lost_is_made_once(line: Line, shop: Shop) -> None:
    with Onsale(line.url) as onsale:
        buyer = onsale.join(3)
        hold = buyer.reserve({"scheduleId": 1, "best": {"count": 1}})
        buyer.charge(hold["amount"] + 7)
        line.lose_next_answer_to("/v1/api/concerts/payment")
        paid = buyer.pay(hold["reservationId"])
        assert (line.losses, paid["paymentAmount"], buyer.balance()) == (1, hold["amount"], 7)
        assert [made["paymentId"] for made in shop.payments() if made["userId"] == 3] == [paid["paymentId"]]
        # Whoever comes with another key is somebody's second click.
        with pytest.raises(problems.AlreadyPaid):
            buyer.pay(hold["reservationId"])


def test_a_call_that_nothing_makes_safe_to_repeat_is_sent_once(line: Line) -> None:
    with Onsale(line.url) as onsale:
        buyer = onsale.join(4)
        line.lose_next_answer_to("/v1/api/queue/token/leave")
        with pytest.raises(NoAnswer):
            buyer.leave()
        assert buyer.check()["status"] == "DONE"


def test_a_turn_comes_by_the_stream(server: Server, onsale: Onsale, shop: Shop) -> None:
    inside = narrow(onsale, shop, "by-stream")
    told: list[Place] = []
    asked: list[str] = []
    with httpx.Client(event_hooks={"request": [lambda request: asked.append(request.url.path)]}) as http:
        buyer = Onsale(server.url, http=http).join(5, queue="by-stream")
        place = buyer.wait_for_turn(on_place=after_places(1, inside.leave, told))
    assert asked == ["/v1/api/queue/token", "/v1/api/queue/stream"]
    assert place["status"] == "PROGRESS"
    assert (told[0]["status"], told[0]["queuePosition"], told[-1]["status"]) == ("WAITING", 1, "PROGRESS")


def test_where_there_is_no_stream_the_place_is_asked_for_and_never_too_early(server: Server, onsale: Onsale, shop: Shop) -> None:
    inside = narrow(onsale, shop, "by-polls")
    token = onsale.join(6, queue="by-polls").token
    asked: list[tuple[str, float]] = []
    http = httpx.Client(event_hooks={"request": [lambda request: asked.append((request.url.path, time.monotonic()))]})
    told: list[tuple[Place, float]] = []

    def on_place(place: Place) -> None:
        told.append((place, time.monotonic()))
        if len(told) == 2:
            inside.leave()

    # The only stream that there is: somebody else has it.
    with httpx.stream("GET", f"{server.url}/v1/api/queue/stream", headers={"Authorization": inside.token}) as taken, http:
        assert taken.is_success
        Onsale(server.url, http=http).buyer(token).wait_for_turn(on_place=on_place)
    assert asked[0][0] == "/v1/api/queue/stream"
    assert len(asked) >= 4 and {path for path, _ in asked[1:]} == {"/v1/api/queue/token/check"}
    for (place, heard), (_, at) in zip(told, asked[2:]):
        assert at - heard >= (place["pollAfterMillis"] or 0) / 1000


def test_who_waits_no_longer_than_they_want_keeps_the_place(onsale: Onsale, shop: Shop) -> None:
    narrow(onsale, shop, "no-patience")
    buyer = onsale.join(10, queue="no-patience")
    with pytest.raises(TimeoutError):
        buyer.wait_for_turn(timeout=0.2)

    def enough(place: Place) -> None:
        raise ValueError(place["queuePosition"])

    with pytest.raises(ValueError, match="1"):
        buyer.wait_for_turn(on_place=enough)
    assert buyer.check()["queuePosition"] == 1


@pytest.mark.parametrize("stream", [True, False])
def test_whoever_has_left_has_nothing_to_wait_for(onsale: Onsale, stream: bool) -> None:
    token = onsale.join(7).token
    onsale.buyer(token).leave()
    with pytest.raises(TurnOver) as over:
        onsale.buyer(token).wait_for_turn(stream=stream)
    assert over.value.place["status"] == "DONE"


def test_a_shop_starts_buyers_moves_money_once_and_follows_what_happens(onsale: Onsale, shop: Shop) -> None:
    started = shop.start_buyer(8)
    assert [shop.credit(8, 50_000, "payment-4711")["replayed"] for _ in range(2)] == [False, True]
    assert shop.debit(8, 1, "fee-4711")["balance"] == 49_999
    with pytest.raises(problems.ReferenceReused):
        shop.credit(8, 1, "payment-4711")
    assert onsale.buyer(started["queueToken"]).balance() == 49_999
    transfers = (event["data"] for event in shop.events(types=["onsale.transfer.made"], limit=1))
    references = (data["reference"] for data in transfers if data.get("reference"))  # type: ignore[typeddict-item]
    assert list(islice(references, 2)) == ["payment-4711", "fee-4711"]
    with pytest.raises(problems.BadRequest) as refused:
        next(shop.event_pages(after="nonsense"))
    assert refused.value.field == "after"


def test_what_is_going_on_while_the_server_hangs_or_dies_is_done_once(server: Server) -> None:
    asked = threading.Semaphore(0)
    http = httpx.Client(timeout=0.3, event_hooks={"request": [lambda request: asked.release()]})
    with http, Onsale(server.url, timeout=0.3, http=http) as onsale:
        buyer = onsale.join(9)
        done: list[int] = []
        for stop, go_on in ((server.pause, server.go_on), (server.kill, server.start)):
            stop()
            while asked.acquire(blocking=False):
                pass
            charge = threading.Thread(target=lambda: done.append(buyer.charge(11)))
            charge.start()
            asked.acquire()
            asked.acquire()
            go_on()
            charge.join()
        assert done == [11, 22]
        assert isinstance(buyer.wait_for_turn(), dict)




def test_the_work_that_a_queue_asks_for_is_done_by_itself_and_for_one_person(onsale: Onsale, shop: Shop) -> None:
    shop.api.open_queue({"queue": "work"})
    shop.api.change_queue("work", {"proofBits": 10})
    assert onsale.join(61, queue="work").check()["status"] == "PROGRESS"
    work = onsale.api.get_proof("work")
    with pytest.raises(problems.ProofRequired) as refused:
        onsale.api.issue_token({"userId": 62, "queue": "work", "proof": solve(work, "63")})
    assert refused.value.document["proof"]["bits"] == 10
    assert solve({"challenge": "5986667.abc", "bits": 12, "validUntil": ""}, "41") == "5986667.abc.4003"
