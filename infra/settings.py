"""Settings: one list with name, default and a sentence each, and the environment read against it, once.

A setting is what differs from machine to machine: where the store is, which agreement, which language. What
both teams must agree on stands in the agreement, and what one command is to do stands in its options, which
go before the environment. Read by ``read_settings`` when a command starts, never at import; unknown names
that begin with ``RELEVO_`` are refused, because a misspelt setting is a setting that is silently not there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, cast

Language = Literal["en", "es"]

PREFIX = "RELEVO_"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name, its default as it would be written, and what it is for."""

    name: str
    default: str
    sentence: str
    choices: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper()


SETTINGS = (
    Setting(
        "store",
        "sqlite:///relevo.db",
        "Where the store is: a file, as in sqlite:///relevo.db, or postgresql://user@host/database.",
    ),
    Setting(
        "agreement",
        "",
        "The agreement to sign when it differs from the newest in the store; "
        "empty: keep to the one in the store.",
    ),
    Setting(
        "language",
        "en",
        "The language of the agreement's labels where they are shown.",
        ("en", "es"),
    ),
)
"""Every setting there is; ``docs/operations.md`` says more about each."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force; see ``SETTINGS`` for what each means."""

    store: str
    agreement: str | None
    language: Language


class SettingWrong(ValueError):
    """An environment variable of ours says something that means nothing."""


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from an environment; an empty variable is one that is not set.

    Raises:
        SettingWrong: A variable has a value it may not have, or a name that is no setting's.
    """
    known = {setting.variable for setting in SETTINGS}
    for variable in environment:
        if variable.startswith(PREFIX) and variable not in known:
            raise SettingWrong(f"{variable} is no setting; {_nearest(variable, known)}")
    values = {setting.name: _value(setting, environment) for setting in SETTINGS}
    return Settings(
        store=values["store"],
        agreement=values["agreement"] or None,
        language=cast("Language", values["language"]),
    )


def _value(setting: Setting, environment: Mapping[str, str]) -> str:
    value = environment.get(setting.variable) or setting.default
    if setting.choices and value not in setting.choices:
        raise SettingWrong(f"{setting.variable} is {value!r}; choose from {', '.join(setting.choices)}")
    return value


def _nearest(variable: str, known: set[str]) -> str:
    near = get_close_matches(variable, sorted(known), n=1)
    return f"did you mean {near[0]}?" if near else f"the settings are {', '.join(sorted(known))}"
