"""Clues: what bytes that nobody could read may know a person by, so that an erasure finds them.

A row of a table, or half a JSON object, names people all the same. Which of its words is an identifier, and
of which system, cannot be told; so each is taken for one, in the form that a person's own identifiers come
to (``clues_of``), and the two meet. An e-mail address is found by its shape, a phone number by the digits at
its end, however it is written, and an id by its letters and digits alone. What is short, or a small number,
is a clue only together with where it stands: behind its system's name, or in what a tool sent that knows the
person by it.

The store keeps keyed hashes of clues (``infra.keyring``), which say nothing by themselves. It is found rather
too much than too little: what is lost by it are the bytes of a letter that could not be read.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple
from unicodedata import decimal, normalize
from urllib.parse import unquote

import phonenumbers

from infra.around import around
from schemas.sequencing import SALESFORCE, Identifier

_SUFFIXES = (7, 9)
"""National numbers have seven digits and more; nine tell people apart, however the country is dialled."""
_LONGEST = 128
"""An id is no longer (``schemas.vocabulary.Name``)."""

_TOKEN = re.compile(r"[^\s\"'`,;|\[\]{}<>()]+")
"""A word with all that may stand within an id: slashes, colons, dots."""
_AT = re.compile("@")
_DOMAIN = re.compile(r"([\w.-]{1,255}+)")
_LOCAL_PART = re.compile(r"([^\s@\"<>()\[\]:;,\\]{1,64})")
_NO_LOCAL_PART = re.compile(r".*[^\w.+-]")
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"\d+(?:[\s./()-]{1,3}\d+)*+")
_CELL = re.compile(r"[^\",;|\t\r\n\[\]{}<>]+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)')
_WORD = re.compile(r"[^\s\"'`,;|\[\]{}<>()=&?:/\\#@]+")
_STANDS_FOR = re.compile("[:=]")
_NAME = re.compile(r"""\s?["']?([\w -]{1,40})""")
_NAMED = re.compile(r"""\s?["']?([^\s"',;|\[\]{}<>()&?#]+)""")
"""A name and what it stands before: a member of an object, a parameter, an assignment."""
_ESCAPE = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")


class Clue(NamedTuple):
    """One thing by which bytes may know a person."""

    kind: str
    """``email``, ``phone`` or ``id``; ``many`` stands for more clues than are filed."""
    value: str


MANY = Clue("many", "")
"""What bytes are filed under that have more clues than ``MOST_CLUES``: each erasure reads them through."""
MOST_CLUES = 256


def clues_in(value: bytes, source: str | None) -> frozenset[Clue]:
    """Return every clue in bytes that could not be read.

    Args:
        value: The bytes, of whatever form and encoding.
        source: Who sent them, if that is known.
    """
    found: set[Clue] = set()
    for text in map(_plain, _readings(value)):
        found.update(Clue("email", address) for address in _addresses(text))
        found.update(Clue("phone", digits) for digits in set(_number_ends(text)))
        found.update(_ids(text, source))
    return frozenset(found)


def clues_of(named: Iterable[Identifier], sources: Collection[str]) -> frozenset[Clue]:
    """Return the clues that a person's identifiers come to.

    Args:
        named: By what the person is known, normalised.
        sources: Which tools know the person by these.
    """
    return frozenset(clue for one in named for clue in _clues_of(one, sources))


def filed(clues: frozenset[Clue]) -> frozenset[Clue]:
    """Return what bytes with these clues are filed under."""
    return clues if len(clues) <= MOST_CLUES else frozenset((MANY,))


def betrayed(found: Collection[Clue], forgotten: Collection[Clue]) -> bool:
    """Say whether bytes with these clues are about somebody who was forgotten.

    A phone number is shared by colleagues: it says nothing where somebody else's e-mail address stands.
    """
    hits = {one for one in found if one in forgotten}
    others = any(one.kind == "email" for one in found)
    return any(one.kind != "phone" for one in hits) or (bool(hits) and not others)


def _clues_of(one: Identifier, sources: Collection[str]) -> Iterator[Clue]:
    match one.kind:
        case "email":
            yield Clue("email", _plain(one.value))
        case "phone":
            yield Clue("phone", _end_of(one.value))
        case "external_id":
            system, _, key = one.value.partition(":")
            contexts = [_bare(_plain(context)) for context in (system, *sources)]
            for written in {key, key[:15]} if system == SALESFORCE else {key}:
                yield from _id_clues(_plain(written), contexts)
        case _:
            yield from _id_clues(_plain(one.value), [_bare(_plain(context)) for context in sources])


@lru_cache(maxsize=1024)
def _end_of(e164: str) -> str:
    national = str(phonenumbers.parse(e164, None).national_number)
    known = national if len(national) >= _SUFFIXES[0] else e164.removeprefix("+")
    return known[-max(length for length in (0, *_SUFFIXES) if length <= len(known)) :]


# --- what stands in a text


def _readings(value: bytes) -> Iterator[str]:
    """Yield the texts that bytes may be: it is not known which."""
    texts = []
    try:
        texts.append(value.decode())
    except UnicodeDecodeError:
        texts += [value.decode(errors="replace"), value.decode("latin-1")]
    if b"\0" in value:  # each character two bytes wide
        texts.append(value.replace(b"\0", b"").decode("latin-1"))
    for text in texts:
        yield text
        if "\\u" in text:
            yield _ESCAPE.sub(_unescaped, text)
        if "%" in text:
            yield unquote(text)


def _unescaped(found: re.Match[str]) -> str:
    text: str = json.loads(f'"{found.group()}"')
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _plain(text: str) -> str:
    return normalize("NFKC", text).casefold()


def _bare(text: str) -> str:
    """Return the letters and digits of a text: how an id is punctuated does not matter."""
    return "".join(filter(str.isalnum, text)) or text.strip()


def _addresses(text: str) -> Iterator[str]:
    for local, written in around(text, _AT, _LOCAL_PART, _DOMAIN):
        domain = _named_domain(written.strip(".-"))
        yield f"{local}@{domain}"
        if cut := _NO_LOCAL_PART.sub("", local):  # as in ?mail=ana@example.com
            yield f"{cut}@{domain}"


def _named_domain(domain: str) -> str:
    if "xn--" not in domain:
        return domain
    try:
        return domain.encode().decode("idna")
    except UnicodeError:
        return domain


def _number_ends(text: str) -> Iterator[str]:
    """Yield the last digits of whatever may be a phone number, wherever one may end."""
    for run in _NUMBER.finditer(text):
        digits = ""
        for group in _DIGITS.findall(run.group()):
            plain = group if group.isascii() else "".join(str(decimal(char)) for char in group)
            digits = (digits + plain)[-max(_SUFFIXES) :]
            yield from (digits[-length:] for length in _SUFFIXES if len(digits) >= length)


def _ids(text: str, source: str | None) -> Iterator[Clue]:
    known = [] if source is None else [_bare(_plain(source))]
    for part in (*_CELL.findall(text), *_QUOTED.findall(text)):
        yield from _id_clues(part, known)
    for word in (*_WORD.findall(text), *_TOKEN.findall(text)):
        if not word.isalpha():  # a word among others that has no digit is no id
            yield from _id_clues(word, known)
    for name, word in around(text, _STANDS_FOR, _NAME, _NAMED):
        yield from _id_clues(word, [_bare(name)])


def _id_clues(text: str, contexts: Collection[str]) -> Iterator[Clue]:
    bare = _bare(text)
    if not bare or len(bare) > _LONGEST:
        return
    if len(bare) >= 7 or (len(bare) >= 4 and not bare.isdigit()):
        yield Clue("id", bare)
    else:
        yield from (Clue("id", f"{context}\n{bare}") for context in contexts if context)
