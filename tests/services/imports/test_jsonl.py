"""Lines are passed on as they stand, and told their import where that can be done without a doubt."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.wire import write_fact
from schemas.facts import FactEvent
from services.imports.jsonl import jsonl_file, jsonl_stream, lines_of, told
from services.imports.source import Census, Line
from tests.house.tree import ROOT
from tests.services.imports.files import fact, write

EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "1",
    "source": "web",
    "type": "relevo.lead.captured",
    "time": "2026-03-02T09:30:00Z",
    "data": {"subject": {"email": "ana@example.com", "name": "Ñ"}, "fact": {"kind": "captured"}},
}


def line(**data: Any) -> bytes:
    return json.dumps(EVENT | {"data": EVENT["data"] | data}).encode()


@pytest.mark.parametrize(
    "stands", [line(), line(import_id=None), write_fact(FactEvent.model_validate(EVENT))]
)
def test_a_fact_that_names_no_import_is_told_its_import_and_nothing_else(stands: bytes) -> None:
    expected = EVENT | {"data": EVENT["data"] | {"import_id": "i-1"}}
    assert told(stands, "i-1") == FactEvent.model_validate(expected)


@pytest.mark.parametrize(
    "stands",
    [
        line(import_id="another"),
        line(import_id=7),
        line(fact={"kind": "captred"}),
        line(fact={"kind": "captured", "colour": "red"}),
        b"[]",
        b'{"data": {"fact": {"kind": "captured"}',
        line().replace(b'"id"', b'"id": "0", "id"'),
        line().replace(b'"1"', b"NaN"),
        b"[" * 10_000 + b"]" * 10_000,
        b"\xff\xfe\x00",
        json.dumps(
            EVENT
            | {
                "type": "relevo.lead.import_opened",
                "data": {"fact": {"kind": "import_opened", "import_id": "i-0"}},
            }
        ).encode(),
    ],
)
def test_a_line_that_is_no_fact_of_ours_stays_as_it_is_byte_for_byte(stands: bytes) -> None:
    assert told(stands, "i-1") is stands


@given(st.binary(max_size=40))
def test_any_bytes_come_through(stands: bytes) -> None:
    assert told(stands, "i-1") == stands


def test_blank_lines_and_a_byte_order_mark_are_left_out() -> None:
    file = io.BytesIO(b"\xef\xbb\xbf{}\r\n\r\n  \n \xef\xbb\xbf{}\n[]")
    census = Census()
    found = list(lines_of(file, "x.jsonl", "i-1", census))
    assert found == [b"{}", b"\xef\xbb\xbf{}", b"[]"]
    assert [line.where for line in found if isinstance(line, Line)] == ["x.jsonl:1", "x.jsonl:4", "x.jsonl:5"]
    assert (census.row_count, census.ignored) == (3, {})


def test_a_file_is_an_import_named_after_its_content(tmp_path: Path) -> None:
    path = tmp_path / "facts.jsonl"
    path.write_bytes(line() + b"\n" + b"junk")
    source = jsonl_file(path)
    assert source.total == 2
    assert list(source) == list(source) == [told(line(), source.import_id), b"junk"]
    assert re.fullmatch(r"facts\.jsonl-[0-9a-f]{16}", source.import_id)


def test_a_stream_is_the_same_import_as_a_file_of_the_same_content(tmp_path: Path) -> None:
    content = line() + b"\n"
    (tmp_path / "stdin").write_bytes(content)
    with jsonl_stream(io.BytesIO(content)) as source:
        assert (source.import_id, source.total) == (jsonl_file(tmp_path / "stdin").import_id, 1)
        assert list(source) == list(source) == [told(line(), source.import_id)]


def test_a_file_that_is_missing_or_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        jsonl_file(tmp_path / "none.jsonl")
    with pytest.raises(IsADirectoryError):
        jsonl_file(tmp_path)


def test_the_documented_line_is_a_fact(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "imports.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (said,) = jsonl_file(write(tmp_path / "facts.jsonl", block))
    assert fact(said).kind == "engaged"
