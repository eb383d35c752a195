"""Seeing to it that an agreement is in force before facts are said, and telling what that was.

What was named with ``--agreement`` is signed when it differs from the newest. A store that has none takes
``agreement.yaml`` of the working folder, or else the default that comes with Relevo. A history that has an
agreement of its own takes that one: under another it may be in the wrong currency.
"""

from pathlib import Path

from services.agreement.loader import DEFAULT, example, read
from services.cli.terminal import tell
from services.line import OpenLine, Signed

HERE = Path("agreement.yaml")


def put_in_force(line: OpenLine, named: Path | None, otherwise: str = DEFAULT) -> Signed | None:
    """Sign the agreement that is to hold, if it does not hold already.

    Args:
        line: The line.
        named: The file that was named, or None.
        otherwise: Which of the agreements that come with Relevo a new store takes; any but the default goes
            before ``agreement.yaml``.

    Returns:
        What was signed, or None: nothing had to be.
    """
    if named is not None:
        return _said(line.sign(read(named), str(named)))
    if line.newest() is not None:
        return None
    if otherwise == DEFAULT and HERE.is_file():
        return _said(line.sign(read(HERE), str(HERE)))
    return _said(line.sign(example(otherwise), f"the {otherwise} agreement that comes with Relevo"))


def tell_of_name(signed: Signed) -> None:
    """Say that a version has the name of another, if it has."""
    if signed.is_name_taken:
        version = signed.agreement.version
        tell(f"Other words were signed as {version} before, and what names {version} may mean either.")
        tell("Give the document a version of its own, and sign it again.")


def _said(signed: Signed | None) -> Signed | None:
    if signed is not None:
        tell(f"Signed {signed.where}: {signed.agreement.title} (version {signed.agreement.version}).")
        tell_of_name(signed)
    return signed
