"""YAML as people write an agreement: plain values, the line of each, and no surprises.

The text is read event by event into ``Node``s that remember where they stand, so that whatever is wrong
with a value can be told with its line. Plain words are read as YAML 1.2 reads them: ``on``, ``no`` and
``14:00`` are text, dates are text, and only ``true`` and ``false`` are truths (YAML 1.1, PyYAML's own
reading, turns Norway into a false). Names are always text. Refused, each with its line: a name that stands
twice, tags, more than one document, nesting beyond 40, and anchors that multiply into more than 100,000
values. Nothing here knows what an agreement is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

MOST_BYTES = 1_000_000
MOST_DEPTH = 40
MOST_VALUES = 100_000

# libyaml's parser where PyYAML was built with it: it reads a long document ten times as fast.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,40}")
_NUMBER = re.compile(r"[-+]?(\.[0-9]{1,40}|[0-9]{1,40}(\.[0-9]{0,40})?)([eE][-+]?[0-9]{1,4})?")

Plain = bool | int | float | str | None


class YamlRefused(ValueError):
    """The text is no YAML that an agreement may be written in.

    Attributes:
        line: Where, counted from 1; null when it is about the whole text.
        message: What is wrong.
        remedy: What to do about it.
    """

    def __init__(self, line: int | None, message: str, remedy: str) -> None:
        super().__init__(f"{message}; {remedy}" if line is None else f"line {line}: {message}; {remedy}")
        self.line = line
        self.message = message
        self.remedy = remedy


@dataclass(slots=True)
class Node:
    """One value of the text: a scalar, a list, or a mapping."""

    line: int
    value: "Plain | list[Node] | dict[str, Node]"
    text: str = ""
    """A scalar as it was written, for remedies that quote it."""
    size: int = 1
    """Values in it, itself included, anchors written out."""
    height: int = 1

    def plain(self) -> object:
        """Return the value without its lines."""
        match self.value:
            case dict() as entries:
                return {name: node.plain() for name, node in entries.items()}
            case list() as items:
                return [node.plain() for node in items]
            case scalar:
                return scalar

    def child(self, key: object) -> "Node | None":
        """Return the value under a name or at an index, or None."""
        if isinstance(self.value, dict):
            return self.value.get(str(key))
        if isinstance(self.value, list) and isinstance(key, int) and 0 <= key < len(self.value):
            return self.value[key]
        return None


def read_yaml(text: str) -> Node:
    """Read a text of one YAML document.

    Raises:
        YamlRefused: The text is too large, no YAML, or uses what is refused (see the module).
    """
    _refuse_unreadable(text)
    reader = _Reader()
    try:
        for event in _events(text):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        raise _from_yaml(error) from error
    except yaml.YAMLError as error:
        message = f"this is no readable text ({str(error).splitlines()[0]})"
        raise YamlRefused(None, message, "save it as UTF-8 without control characters") from error
    if reader.document is None:
        raise YamlRefused(1, "the document is empty", "begin with examples/b2b/agreement.yaml")
    return reader.document


def _refuse_unreadable(text: str) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise YamlRefused(None, "this is no Unicode text", "save it as UTF-8") from error
    if size > MOST_BYTES:
        message = f"the document has {size:,} bytes; {MOST_BYTES:,} is the most"
        raise YamlRefused(None, message, "an agreement takes some 20,000: is this the right file?")


def _events(text: str) -> Iterator[Any]:
    events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
    return events


def _from_yaml(error: yaml.MarkedYAMLError) -> YamlRefused:
    mark = error.problem_mark or error.context_mark
    said = " ".join(part for part in (error.context, error.problem) if part)
    remedy = "look at the indentation, the colons and the quotes on this line and the one before"
    return YamlRefused(mark.line + 1 if mark else None, f"this is no YAML ({said})", remedy)


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    node: Node
    anchor: str | None
    name: str | None = None


@dataclass(slots=True)
class _Reader:
    """Takes one parser event after the other; never recurses, so that depth is a number and no crash."""

    document: Node | None = None
    open: list[_Open] = field(default_factory=list)
    anchors: dict[str, Node] = field(default_factory=dict)

    def take(self, event: Any) -> None:
        """Take the next event."""
        line = event.start_mark.line + 1
        match event:
            case yaml.ScalarEvent():
                self._scalar(event, line)
            case yaml.AliasEvent():
                self._alias(event.anchor or "", line)
            case yaml.SequenceStartEvent():
                self._begin(Node(line, []), event)
            case yaml.MappingStartEvent():
                self._begin(Node(line, {}), event)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                closed = self.open.pop()
                self._place(closed.node, closed.anchor)
            case yaml.DocumentStartEvent() if self.document is not None:
                raise YamlRefused(line, "a second document begins here", "keep one document to a file")

    def _scalar(self, event: Any, line: int) -> None:
        _refuse_tag(event.tag, line)
        if self._wants_name():
            self._name(event.value, line)
        else:
            value = _plain(event.value) if event.implicit[0] else event.value
            self._place(Node(line, value, text=event.value), event.anchor)

    def _alias(self, anchor: str, line: int) -> None:
        if self._wants_name():
            raise YamlRefused(line, "a name is an alias", "write the name out")
        if anchor not in self.anchors:
            raise YamlRefused(
                line, f"nothing before this is called &{anchor}", f"mark a value with &{anchor} first"
            )
        self._place(replace(self.anchors[anchor], line=line), None)

    def _begin(self, node: Node, event: Any) -> None:
        _refuse_tag(event.tag, node.line)
        if self._wants_name():
            raise YamlRefused(node.line, "a name is a list or a mapping", "a name is text")
        if len(self.open) >= MOST_DEPTH:
            raise _too_deep(node.line)
        self.open.append(_Open(node, event.anchor))

    def _wants_name(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].node.value, dict) and self.open[-1].name is None

    def _name(self, name: str, line: int) -> None:
        mapping = self.open[-1].node.value
        assert isinstance(mapping, dict)  # noqa: S101  _wants_name has looked
        if name in mapping:
            raise YamlRefused(line, f"{name!r} stands twice (first on line {mapping[name].line})", "keep one")
        self.open[-1].name = name

    def _place(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self.anchors[anchor] = node
        if not self.open:
            self.document = node
            return
        parent = self.open[-1]
        around = parent.node.value
        if isinstance(around, dict):
            around[parent.name or ""] = node
            parent.name = None
        elif isinstance(around, list):  # pragma: no branch  nothing else is ever open
            around.append(node)
        self._grow(parent.node, node)

    def _grow(self, parent: Node, node: Node) -> None:
        parent.size += node.size
        parent.height = max(parent.height, node.height + 1)
        if parent.size > MOST_VALUES:
            raise YamlRefused(
                node.line, f"there are more than {MOST_VALUES:,} values", "take anchors (&, *) out"
            )
        if parent.height > MOST_DEPTH:
            raise _too_deep(node.line)


def _too_deep(line: int) -> YamlRefused:
    return YamlRefused(line, f"values are nested more than {MOST_DEPTH} deep", "no part of an agreement is")


def _refuse_tag(tag: str | None, line: int) -> None:
    if tag is not None:
        raise YamlRefused(
            line, f"{tag!r} is a tag", "take it out; values are plain text, numbers, lists and mappings"
        )


def _plain(text: str) -> Plain:
    """Read an unquoted word as YAML 1.2's core schema does."""
    if text in _NULL:
        return None
    if text in _TRUTHS:
        return _TRUTHS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
