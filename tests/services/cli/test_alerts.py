"""``relevo alerts``: what wants attention."""

import re

from tests.services.cli.conftest import Relevo


def test_open_alerts_are_shown_and_resolved_ones_on_request(year: Relevo) -> None:
    found = year("alerts", "--json", "--limit", "1000").json
    every = year("alerts", "--all", "--json", "--limit", "1000").json
    assert found
    assert all(alert["resolved_at"] is None for alert in found)
    assert [alert for alert in every if alert["resolved_at"] is None] == found


def test_alerts_can_be_kept_to_a_kind(year: Relevo) -> None:
    found = year("alerts", "--json", "--limit", "1000").json
    kind = found[0]["kind"]
    assert year("alerts", "--kind", kind, "--json", "--limit", "1000").json == [
        alert for alert in found if alert["kind"] == kind
    ]


def test_a_kind_that_is_none_is_bad_usage(relevo: Relevo) -> None:
    ran = relevo("alerts", "--kind", "fire")
    assert (ran.code, ran.out) == (2, "")
    sentence = "relevo: --kind fire: nothing is called that; there are sla_warning, sla_breach,"
    assert ran.err.startswith(sentence)


def test_a_store_without_alerts_says_so(relevo: Relevo) -> None:
    relevo("say", "captured", "--email", "a@b.es")
    assert relevo("alerts").err == "No alert is open.\n"
    assert relevo("alerts", "--json").json == []


def test_alerts_are_drawn_with_labels_in_one_zone(year: Relevo) -> None:
    drawn = year("alerts", "--all", "--limit", "1000").out
    assert drawn.startswith("Alerts (times in Europe/Madrid)\n")
    assert "Feedback to marketing" in drawn
    assert not re.search(r"\d\dZ|-h\d|sales_qualified|next_touch", drawn)


def test_the_list_says_how_many_are_open(year: Relevo) -> None:
    count = len(year("alerts", "--json", "--limit", "1000").json)
    assert year("alerts", "--limit", "1").err == f"{count} open alerts; 1 shown, --limit {count} shows all.\n"


def test_an_owner_that_nobody_is_is_refused(year: Relevo) -> None:
    ran = year("alerts", "--owner", "foo")
    assert (ran.code, "there are mario, marta, ana" in ran.err) == (2, True)
