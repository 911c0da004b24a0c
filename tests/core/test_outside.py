"""The door to the web: what it asks, and what it refuses to ask."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from core import outside


def resolves_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 80)) for each in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)


def never(*args: Any, **kwargs: Any) -> Any:
    raise AssertionError("Somebody was asked.")


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("10.1.2.3",),
        ("192.168.0.1",),
        ("172.16.0.1",),
        ("169.254.169.254",),
        ("100.64.0.1",),
        ("0.0.0.0",),
        ("224.0.0.1",),
        ("::1",),
        ("fc00::1",),
        ("fe80::1%eth0",),
        ("::ffff:10.0.0.1",),
        ("93.184.215.14", "10.0.0.1"),
    ],
)
def test_what_only_the_inner_network_reaches_is_never_asked(monkeypatch, addresses):
    resolves_to(monkeypatch, *addresses)
    monkeypatch.setattr(socket, "create_connection", never)
    answered = outside.ask("https://example.org/rapport")
    assert answered == outside.Answered(False, "Länken leder till ett slutet nät.")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ftp://example.org/", "Länken är ingen webbadress."),
        ("file:///etc/passwd", "Länken är ingen webbadress."),
        ("javascript:alert(1)", "Länken är ingen webbadress."),
        ("https://namn:ord@example.org/", "Länken är ingen webbadress."),
        ("https://", "Länken är ingen webbadress."),
        ("http://example.org:22/", "Länken leder till en port som inte prövas."),
        ("http://example.org:x/", "Platsen svarar inte."),
        ("http://[::1", "Platsen svarar inte."),
    ],
)
def test_what_is_no_address_of_the_web_is_never_asked(monkeypatch, url, told):
    monkeypatch.setattr(socket, "create_connection", never)
    assert outside.ask(url) == outside.Answered(False, told)


def test_a_name_that_nobody_has_does_not_answer(monkeypatch):
    def unknown(*args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert outside.ask("https://example.org/").told == "Platsen svarar inte."


# --- A site ---------------------------------------------------------------------------------------


class Site(BaseHTTPRequestHandler):
    """Answers each path with what it says: /404, /till/<where>, /bara-get."""

    def answer(self) -> None:
        self.server.asked.append((self.command, self.path))  # type: ignore[attr-defined]
        if self.path.startswith("/till/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/till/"))
        elif self.path == "/bara-get":
            self.send_response(200 if self.command == "GET" else 405)
        else:
            self.send_response(int(self.path.strip("/") or 200))
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = answer  # noqa: N815

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    """A site that the door takes for a public one, and an inner one that it does not."""
    server = HTTPServer(("127.0.0.1", 0), Site)
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def lookup(host: str, port: int) -> str:
        if host != "ute.example.org":
            raise outside.NotAllowed("Länken leder till ett slutet nät.")
        return "127.0.0.1"

    monkeypatch.setattr(outside, "public_address", lookup)
    monkeypatch.setattr(outside, "PORTS", {"http": server.server_port})
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "is_there", "told"),
    [
        ("", True, ""),
        ("200", True, ""),
        ("403", True, ""),
        ("429", True, ""),
        ("bara-get", True, ""),
        ("404", False, "Platsen svarar 404."),
        ("410", False, "Platsen svarar 410."),
        ("500", False, "Platsen svarar 500."),
        ("till//200", True, ""),
        ("till//404", False, "Platsen svarar 404."),
        ("till/http://inne.example.org/", False, "Länken leder till ett slutet nät."),
        ("till/file:///etc/passwd", False, "Länken är ingen webbadress."),
    ],
)
def test_what_a_site_answers(site, path, is_there, told):
    answered = outside.ask(f"http://ute.example.org/{path}")
    assert answered == outside.Answered(is_there, told)


def test_an_address_in_swedish_is_asked_for(site):
    outside.ask("http://ute.example.org/till//r%C3%A5d/\u00e4ldre?q=\u00f6")
    assert [path for _, path in site.asked][:1] == ["/till//r%C3%A5d/%C3%A4ldre?q=%C3%B6"]


def test_a_ring_ends(site):
    answered = outside.ask("http://ute.example.org/till//till//till//till//till//till//200")
    assert answered.told == "Länken leder runt i en ring."


def test_a_page_that_is_there_is_asked_for_once_without_its_content(site):
    outside.ask("http://ute.example.org/200")
    assert site.asked == [("HEAD", "/200")]
