"""What is concluded arrives: once, in order, again where it may not have arrived, and never for ever."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text

from infra.store.deliveries import HeldElsewhere, deliveries_like, resume, send_again
from infra.store.tables.outbound import destinations
from infra.store.tables.read_model import timeline
from services.outbound.hubspot import HubspotOutlet
from services.outbound.outlet import HttpAnswer, HttpRequest, Outcome
from tests.servers.postgresql import Server
from tests.services.outbound.conftest import NOON, Outside
from tests.services.outbound.receiving import OK, Answer, Came, Receiver
from tests.waiting import wait_for


def test_what_is_concluded_is_sent_once_and_in_order(outside: Outside) -> None:
    for lead_id in ("L1", "L2", "L1", "L1"):
        outside.conclude(lead_id)
    assert outside.deliver() == 4
    assert sorted(outside.receiver.ids) == ["c1.1", "c2.2", "c3.3", "c4.4"]
    first, third, fourth = (outside.receiver.ids.index(one) for one in ("c1.1", "c3.3", "c4.4"))
    assert first < third < fourth
    assert {one.status for one in outside.log()} == {"sent"}


def test_a_new_process_sends_nothing_again(outside: Outside) -> None:
    outside.conclude("L1")
    courier = outside.courier()
    outside.deliver(courier)
    courier.close()
    assert outside.deliver(outside.courier(holder="another")) == 0
    assert len(outside.receiver.came) == 1


def test_killed_before_it_was_written_down_a_message_goes_again_under_its_id(outside: Outside) -> None:
    outside.conclude("L1")
    outside.conclude("L2")

    def cut_off(request: HttpRequest) -> HttpAnswer | Outcome:
        outside.post(request)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outside.deliver(outside.courier(cut_off))
    outside.deliver()
    assert outside.receiver.ids == ["c1.1", "c1.1", "c2.2"]


def test_a_destination_that_is_away_makes_all_wait_ever_longer(outside: Outside) -> None:
    outside.receiver.script(Answer(500), Answer(503))
    for lead_id in ("L1", "L2"):
        outside.conclude(lead_id)
    courier = outside.courier()
    outside.deliver(courier)
    outside.later(seconds=3)
    outside.deliver(courier)
    assert len(outside.receiver.came) == 1
    outside.later(seconds=3)
    outside.deliver(courier)
    outside.later(seconds=7)
    outside.deliver(courier)
    assert len(outside.receiver.came) == 2
    outside.later(seconds=4)
    assert outside.deliver(courier) == 2
    assert [one.attempts for one in outside.log()] == [3, 1]
    assert [words.partition(";")[0] for words in outside.told] == ["hook: 500", "hook: takes messages again"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "600"},
        {"Retry-After": "Mon, 02 Mar 2026 12:10:00 GMT", "Date": "Mon, 02 Mar 2026 12:00:00 GMT"},
    ],
)
def test_a_destination_is_left_alone_for_as_long_as_it_asks(
    outside: Outside, headers: dict[str, str]
) -> None:
    outside.receiver.script(Answer(429, headers))
    outside.conclude("L1")
    courier = outside.courier()
    outside.deliver(courier)
    outside.later(seconds=599)
    assert outside.deliver(courier) == 0
    outside.later(seconds=1)
    assert outside.deliver(courier) == 1


@pytest.mark.parametrize("asked", ["\u00b2", "9" * 25, "9" * 400, "-5", "soon"])
def test_a_wait_that_nobody_can_mean_is_a_day_at_most(outside: Outside, asked: str) -> None:
    outside.receiver.script(Answer(429, {"Retry-After": asked}))
    outside.conclude("L1")
    courier = outside.courier()
    outside.deliver(courier)
    outside.later(days=1)
    assert outside.deliver(courier) == 1


def test_that_messages_are_refused_is_said_once_until_one_is_taken(outside: Outside) -> None:
    outside.receiver.choose = lambda _: Answer(400, body="no such property")
    for lead_id in ("L1", "L2", "L3"):
        outside.conclude(lead_id)
    courier = outside.courier()
    outside.deliver(courier)
    outside.later(minutes=1)
    outside.deliver(courier)
    assert [words.partition(" is refused")[0] for words in outside.told] == ["hook: message 1"]


@pytest.mark.parametrize("status", [423, 477])
def test_who_asks_for_time_is_left_alone_by_all_messages(outside: Outside, status: int) -> None:
    outside.receiver.script(Answer(status, {"Retry-After": "60"} if status == 477 else {}))
    for lead_id in ("L1", "L2"):
        outside.conclude(lead_id)
    outside.deliver()
    assert len(outside.receiver.came) == 1


def test_a_message_that_is_refused_waits_with_its_lead_and_the_others_go_on(outside: Outside) -> None:
    def picky(came: Came) -> Answer:
        return Answer(422, body="no") if came.headers["webhook-id"] == "c1.1" else OK

    outside.receiver.choose = picky
    for lead_id in ("L1", "L1", "L2", "L2"):
        outside.conclude(lead_id)
    courier = outside.courier()
    outside.deliver(courier)
    assert outside.receiver.ids == ["c1.1", "c3.3", "c4.4"]
    outside.receiver.choose = lambda _: OK
    outside.later(seconds=5)
    outside.deliver(courier)
    assert outside.receiver.ids[3:] == ["c1.1", "c2.2"]


def test_410_disables_the_destination_until_it_is_resumed(outside: Outside) -> None:
    outside.receiver.script(Answer(410, body="moved away"))
    outside.conclude("L1")
    courier = outside.courier()
    outside.deliver(courier)
    outside.later(days=1)
    assert outside.deliver(courier) == 0
    assert outside.deliver(outside.courier()) == 0
    assert any("disabled (410 moved away); relevo deliveries resume hook" in words for words in outside.told)
    with outside.database.writing() as connection:
        assert resume(connection, "hook")
        assert not resume(connection, "nobody")
    outside.later(minutes=1)
    assert outside.deliver(outside.courier()) == 1


def test_what_is_not_taken_for_so_long_is_given_up_aloud_and_may_be_sent_again(outside: Outside) -> None:
    outside.route = {"give_up": timedelta(hours=1)}
    outside.receiver.choose = lambda _: Answer(400, body="never")
    for lead_id in ("L1", "L1"):
        outside.conclude(lead_id)
    courier = outside.courier()
    outside.deliver(courier)
    outside.later(hours=1)
    outside.receiver.script(Answer(400, body="never"))
    outside.deliver(courier)
    assert [one.status for one in outside.log()] == ["dead", "sent"]
    assert outside.told == [
        (
            "hook: message 1 is refused: 400 never; it is tried again, its lead's later ones behind it "
            "(relevo deliveries list --destination hook --status waiting)"
        ),
        "hook: message 1 is given up: 400 never; relevo deliveries resend hook 1 sends it again",
    ]
    with outside.database.writing() as connection:
        assert send_again(connection, "hook", 1, outside.now)
        assert not send_again(connection, "hook", 99, outside.now)
    outside.deliver(courier)
    assert outside.receiver.ids[-1] == "c1.1"
    assert courier.tally.dead == 1


def test_only_what_is_wanted_goes(outside: Outside) -> None:
    outside.wants("sla_breached", "stage_changed")
    outside.know("T1", test=True)
    outside.conclude("L1")
    outside.conclude("L1", "score_changed")
    outside.conclude("L1", "sla_breached")
    outside.conclude("T1")
    outside.deliver()
    assert outside.receiver.ids == ["c1.1", "c3.3"]


def test_a_new_destination_begins_with_what_comes_and_old_history_does_not_go(outside: Outside) -> None:
    outside.conclude("L1")
    outside.route = {"from_start": False}
    courier = outside.courier()
    assert outside.deliver(courier) == 0
    outside.conclude("L1")
    assert outside.deliver(courier) == 1
    outside.wants(from_start=True)
    outside.conclude("L1", at=NOON - timedelta(days=400))
    assert outside.deliver() == 1


def test_a_restatement_is_another_message_about_the_same_conclusion(outside: Outside) -> None:
    outside.conclude("L1", conclusion_id="c", version=7)
    outside.conclude("L1", conclusion_id="c", version=8, change="withdrawn", was='{"kind": "stage_changed"}')
    outside.deliver()
    assert outside.receiver.ids == ["c.7", "c.8"]
    data = outside.receiver.came[1].document["data"]
    assert (data["conclusion_id"], data["change"], data["was"]) == (
        "c",
        "withdrawn",
        {"kind": "stage_changed"},
    )


def test_one_process_at_a_time_delivers_until_its_lease_ends(outside: Outside) -> None:
    outside.conclude("L1")
    outside.deliver()
    with pytest.raises(HeldElsewhere, match="another process"):
        outside.deliver(outside.courier(holder="two"))
    outside.later(seconds=31)
    assert outside.deliver(outside.courier(holder="two")) == 0


def test_a_destination_is_held_through_a_batch_that_is_sent_one_by_one(outside: Outside) -> None:
    held: list[bool] = []

    def slow(came: Came) -> Answer:
        with outside.database.reading() as connection:
            held.append(connection.execute(select(destinations.c.held_until)).scalar_one() > outside.now)
        outside.later(seconds=20)
        return Answer(400) if len(came.document["inputs"]) > 1 else OK

    outside.outlet = HubspotOutlet("t", {"a": "stage"}, url=outside.receiver.url.removesuffix("/hook"))
    for number, lead_id in enumerate(("L1", "L2", "L3", "L4")):
        outside.know(lead_id, external_ids=f'{{"hubspot": "{number}"}}')
        outside.conclude(lead_id)
    outside.receiver.choose = slow
    outside.deliver()
    assert held == [True] * 5


def test_a_slow_destination_does_not_hold_up_another(outside: Outside) -> None:
    outside.conclude("L1")
    answered, stop = threading.Event(), threading.Event()

    def slow(_: Came) -> Answer:
        assert answered.wait(30)
        return OK

    outside.receiver.choose = slow
    hanging = threading.Thread(target=outside.deliver)
    hanging.start()
    other = Outside(outside.database, outside.receiver, outlet=outside.courier()._route.outlet)
    route = other.courier()._route
    quick = other.courier(lambda _: HttpAnswer(200))
    quick._route = route.__class__("quick", route.outlet, from_start=True)
    assert quick.deliver(stop) == 1
    answered.set()
    hanging.join()
    with outside.database.reading() as connection:
        assert {one.destination for one in deliveries_like(connection, status="sent")} == {"hook", "quick"}


def test_it_runs_until_it_is_stopped_and_lets_go(outside: Outside) -> None:
    outside.conclude("L1")
    stop = threading.Event()

    def last(_: Came) -> Answer:
        stop.set()
        return OK

    outside.receiver.choose = last
    outside.courier().run(stop)
    assert len(outside.receiver.came) == 1
    assert outside.deliver(outside.courier(holder="two")) == 0


def test_what_was_sent_long_ago_leaves_the_log(outside: Outside) -> None:
    outside.conclude("L1")
    courier = outside.courier()
    outside.deliver(courier)
    outside.later(days=31)
    outside.deliver(courier)
    assert outside.log() == []


@pytest.mark.postgres
def test_what_is_committed_late_under_a_lower_number_is_not_passed_over(
    postgresql: Server, received: Receiver
) -> None:
    with postgresql.store() as database:
        outside = Outside(database, received)
        courier = outside.courier()
        outside.deliver(courier)
        with database.writing() as slow:
            slow.execute(insert(timeline), outside.row("L1"))
            outside.conclude("L2")
            delivering = threading.Thread(target=outside.deliver, args=(courier,))
            delivering.start()
            wait_for("the courier to wait for the timeline", lambda: somebody_waits(outside))
        delivering.join()
        outside.deliver(courier)
        assert sorted(received.ids) == ["c1.1", "c2.2"]


def somebody_waits(outside: Outside) -> bool:
    """Say whether a transaction waits for a lock on the timeline."""
    asked = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'timeline'::regclass")
    with outside.database.reading() as connection:
        return bool(connection.execute(asked).scalar())
