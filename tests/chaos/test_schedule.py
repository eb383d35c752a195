"""The seed decides what goes wrong, and the shortest chaos leaves nothing out."""

from tests.chaos.schedule import ROUND_SECONDS, Kind, schedule

BROKER = {Kind.BROKER_CRASH, Kind.BROKER_RESTART}


def test_the_same_seed_is_the_same_schedule() -> None:
    assert schedule(7, 300) == schedule(7, 300)
    assert schedule(7, 300) != schedule(8, 300)


def test_faults_come_in_order_and_within_the_time() -> None:
    at = [fault.at_seconds for fault in schedule(1, 300)]
    assert at == sorted(at)
    assert at[0] >= 0
    assert at[-1] <= 300


def test_two_rounds_hold_every_kind_of_fault() -> None:
    for seed in range(20):
        kinds = {fault.kind for fault in schedule(seed, 2 * ROUND_SECONDS)}
        assert kinds | BROKER == set(Kind)
        assert kinds & BROKER


def test_a_worker_comes_or_goes_in_every_round() -> None:
    faults = [fault for fault in schedule(3, 300) if fault.kind in (Kind.ADD, Kind.REMOVE)]
    assert [int(fault.at_seconds // ROUND_SECONDS) for fault in faults] == list(range(15))


def test_postgresql_stays_away_for_as_long_as_was_said() -> None:
    away = [fault.lasts_seconds for fault in schedule(2, 300, 30) if fault.kind is Kind.STORE_AWAY]
    assert len(away) == 8
    assert all(15 <= seconds <= 30 for seconds in away)
