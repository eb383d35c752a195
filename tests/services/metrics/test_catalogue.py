"""The catalogue is complete, and its names say what they name."""

import re

from schemas.metrics import NOW, Measure
from services.metrics.catalogue import CATALOGUE
from services.metrics.metric import Kind, Metric

PROMISED = {
    "captured_count",
    "won_count",
    "won_revenue",
    "captured_to_won_rate",
    "captured_to_won_days",
    "stalled_count",
    "stalled_open_count",
}


def test_every_metric_has_one_name() -> None:
    names = [metric.name for metric in CATALOGUE]
    assert len(set(names)) == len(names)
    assert set(names) >= PROMISED


def test_every_measure_is_in_some_metric() -> None:
    used = {measure for metric in CATALOGUE for measure in (*metric.numerator, *metric.denominator)}
    assert used == set(Measure)


def test_names_end_in_what_they_are() -> None:
    def ending(metric: Metric) -> str:
        match metric.kind:
            case Kind.COUNT:
                return "_count"
            case Kind.RATE:
                return "_rate"
            case Kind.DURATION:
                return "_days" if metric.unit == "day" else "_minutes"
            case Kind.MONEY | Kind.VELOCITY:
                return ""

    assert [metric.name for metric in CATALOGUE if not metric.name.endswith(ending(metric))] == []


def test_metrics_told_apart_say_by_what_in_their_names() -> None:
    told_apart = [(metric.name, metric.by) for metric in CATALOGUE if metric.by not in (None, "model")]
    assert [name for name, by in told_apart if str(by) not in name] == []


def test_what_stands_now_has_no_basis_and_nothing_else_has_none() -> None:
    for metric in CATALOGUE:
        assert metric.now == (set(metric.numerator) <= NOW), metric.name


def test_every_definition_is_one_sentence() -> None:
    for metric in CATALOGUE:
        assert re.fullmatch(r"[A-Z][^|\n]*\.", metric.definition), metric.name
        assert ". " not in metric.definition, metric.name
