"""How a shape says that something across its fields is wrong: where exactly, what, and what to do.

A validator of a whole section knows which of its lines is to blame; pydantic only knows the section.
``wrong`` carries the rest of the path, so that a person is sent to the line. Messages raised as plain
``ValueError`` keep to the same form, "what is wrong; what to do", and stand for the section as a whole.
"""

from typing import Any

from pydantic_core import PydanticCustomError


def wrong(at: tuple[str | int, ...], message: str, remedy: str) -> PydanticCustomError:
    """Return the error to raise from a validator.

    Args:
        at: The path from the validated section down to what is wrong.
        message: What is wrong.
        remedy: What to do about it.
    """
    context: dict[str, Any] = {"at": at, "message": message, "remedy": remedy}
    return PydanticCustomError("wrong", "{message}; {remedy}", context)
