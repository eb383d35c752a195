"""A real browser for tests, without a window: Chromium or Chrome, as the machine has it.

It is shown pages of a server of its own, and does what they say until the test has seen enough. What a page
wants to tell the test it says with ``fetch("/told?…")``, an error that nobody caught included.
"""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

from tests.servers.serving import serving

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

_TELLING = b"""<!doctype html><meta charset="utf-8"><title>A page</title><script>
const tell = (text) => fetch("/told?" + encodeURIComponent(text));
window.onerror = (message) => { tell("error: " + message); };
window.onunhandledrejection = (event) => { tell("error: " + event.reason); };
</script>
"""


class NoBrowser(Exception):
    """There is no browser here."""


@contextmanager
def browsing(page: bytes, files: Mapping[str, bytes], folder: Path) -> Iterator[list[str]]:
    """Show a page to a browser for as long as the block lasts; give what the page has told, as it grows.

    Args:
        page: What the page holds: HTML that may load ``files``.
        files: What the page's server has beside it, by path (``/sdk.js``).
        folder: Where the browser keeps its profile.

    Raises:
        NoBrowser: None is installed.
    """
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise NoBrowser(f"no browser: install one of {', '.join(NAMES)} (apt install chromium)")
    with _serving({**files, "/": _TELLING + page}) as (address, told):
        # Containers have no user namespaces for its sandbox, and it sees nothing but our own pages.
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"]
        quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update"]
        with (folder / "browser.log").open("wb") as log:
            command = [program, *options, *quiet, f"http://{address}/"]
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield told
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def _serving(files: Mapping[str, bytes]) -> Iterator[tuple[str, list[str]]]:
    """Serve files on loopback; give the address, and what was told."""
    told: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            if path == "/told":
                told.append(unquote(query))
            content = files.get(path)
            self.send_response(HTTPStatus.OK if content is not None else HTTPStatus.NO_CONTENT)
            self.send_header("content-type", "text/javascript" if path.endswith(".js") else "text/html")
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        yield f"127.0.0.1:{port}", told
