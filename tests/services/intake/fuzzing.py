"""Coverage-guided bytes for every vendor's parser, by libFuzzer through atheris, for so many seconds.

``python -m tests.services.intake.fuzzing SECONDS FOLDER``: the first byte chooses a recorded request, the
rest is its body; the corpus begins with the recorded bodies and grows in the folder. Whatever a parser lets
out but a ``Reading`` ends the process, and libFuzzer prints the bytes. A process of its own, because
libFuzzer ends the one it runs in.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["services.intake", "infra.json_text", "infra.misfit"]):
    from services.intake.compression import BadEncoding, TooMuch
    from services.intake.reading import read
    from services.intake.vendor import Reading
    from tests.services.intake.recordings import Recording, recordings

MOST_RECORDINGS = 256
"""As many as a byte can choose among."""


def chosen() -> list[Recording]:
    """Return recordings that are read, every vendor's first ones before anybody's second."""
    by_kind: dict[str, list[Recording]] = {}
    for one in recordings():
        if one.document["verdict"] == "authentic":
            by_kind.setdefault(one.vendor.kind, []).append(one)
    rounds = range(max(map(len, by_kind.values())))
    return [some[place] for place in rounds for some in by_kind.values() if place < len(some)][
        :MOST_RECORDINGS
    ]


def main(seconds: int, folder: Path) -> None:
    """Fuzz, and end the process."""
    recorded = chosen()
    mappings = [
        one.vendor.mapping.model_validate(one.document.get("source", {}).get("mapping", {}))
        for one in recorded
    ]
    for place, one in enumerate(recorded):
        (folder / f"recorded-{place}").write_bytes(bytes([place]) + one.request.body)

    def try_one(data: bytes) -> None:
        if not data:
            return
        place = data[0] % len(recorded)
        one = recorded[place]
        try:
            request = one.with_body(data[1:])
        except (BadEncoding, TooMuch):
            return
        one.vendor.authenticate(request, one.secrets, one.now)
        if not isinstance(read(one.vendor, request, mappings[place]), Reading):
            raise TypeError(one.vendor.kind)

    limits = ("-timeout=10", "-rss_limit_mb=1500", "-max_len=65536", "-print_final_stats=1")
    arguments = [
        sys.argv[0],
        f"-max_total_time={seconds}",
        f"-artifact_prefix={folder}/",
        *limits,
        str(folder),
    ]
    atheris.Setup(arguments, try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
