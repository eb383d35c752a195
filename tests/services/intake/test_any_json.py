"""No vendor's reading stumbles over a document that is nearly its own: whatever stands anywhere in it."""

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.json_text import JsonRefused, read_tolerantly
from services.intake.registry import vendors
from tests.services.intake.recordings import Recording, recordings

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@cache
def readable(kind: str) -> list[tuple[Recording, Any]]:
    found = []
    for recording in recordings():
        if recording.path.parent.name == kind and recording.document["verdict"] == "authentic":
            try:
                found.append((recording, read_tolerantly(recording.request.content)))
            except JsonRefused:
                continue
    return found


def places(document: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if not isinstance(document, dict | list):
        return [here]
    below = document.items() if isinstance(document, dict) else enumerate(document)
    return [here, *(place for name, inner in below for place in places(inner, (*here, name)))]


def put(document: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    name, *rest = place
    if isinstance(document, dict):
        return {**document, name: put(document[name], tuple(rest), value)}
    return [put(one, tuple(rest), value) if at == name else one for at, one in enumerate(document)]


@pytest.mark.parametrize("kind", vendors())
@settings(max_examples=30)
@given(data=st.data())
def test_a_value_of_any_kind_in_any_place_is_read_or_refused(kind: str, data: st.DataObject) -> None:
    recording, document = data.draw(st.sampled_from(readable(kind)))
    place = data.draw(st.sampled_from(places(document)))
    content = json.dumps(put(document, place, data.draw(ANY))).encode()
    mapping = recording.vendor.mapping.model_validate(recording.document["source"].get("mapping", {}))
    request = replace(recording.request, body=content, content=content)
    assert recording.vendor.facts(request, mapping) == recording.vendor.facts(request, mapping)
