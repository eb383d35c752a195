"""The stack's document: it can be read, and its health checks say why a container is not healthy."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import yaml

from tests.house.tree import ROOT, tracked_texts

PORTS = {"scoring": 9461, "intake": 8080}


@contextmanager
def answering(code: int, words: str) -> Iterator[int]:
    """Yield the port of a server that always gives one answer."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(code)
            self.end_headers()
            self.wfile.write(words.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.handle_request).start()
        yield server.server_port


def checked(service: str, port: int) -> "subprocess.CompletedProcess[str]":
    """Run the health check of a service on a port of ours."""
    stack = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    _, _, flags, script = stack["services"][service]["healthcheck"]["test"]
    assert str(PORTS[service]) in script
    command = [sys.executable, flags, script.replace(str(PORTS[service]), str(port))]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)


def test_every_document_in_yaml_can_be_read() -> None:
    texts = [(path, text) for path, text in tracked_texts() if path.suffix in (".yaml", ".yml")]
    assert [path for path, text in texts if yaml.safe_load(text) is None] == []
    assert len(texts) > 10


@pytest.mark.parametrize("service", PORTS)
def test_a_health_check_says_why_a_container_is_not_ready(service: str) -> None:
    with answering(503, "waits for the store") as port:
        ran = checked(service, port)
    assert (ran.returncode, ran.stderr) == (1, "waits for the store\n")


@pytest.mark.parametrize("service", PORTS)
def test_a_health_check_finds_a_container_ready(service: str) -> None:
    with answering(200, "ready") as port:
        ran = checked(service, port)
    assert (ran.returncode, ran.stderr) == (0, "")
