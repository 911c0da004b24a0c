"""ClamAV is asked where the settings name it, and without its answer nothing is taken in."""

import logging
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.core.files.base import ContentFile

from core.uploads import child, clamav
from core.uploads.checks import INFECTED, NOT_NOW
from tests import files
from tests.files import refusal
from tests.processes import free_port


def read_stream(line: socket.socket) -> bytes:
    """What a client streams: a command, then pieces with their lengths, then one of no length."""
    reader, content = line.makefile("rb"), b""
    assert reader.read(10) == b"zINSTREAM\0"
    while size := int.from_bytes(reader.read(4), "big"):
        content += reader.read(size)
    return content


@contextmanager
def clamd(settings, answer: bytes | Callable[[socket.socket], None]) -> Iterator[list[bytes]]:
    """A clamd that answers so; yields what it was sent."""
    received: list[bytes] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            if callable(answer):
                answer(self.request)
                return
            received.append(read_stream(self.request))
            self.request.sendall(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        settings.CLAMAV = f"tcp://127.0.0.1:{server.server_address[1]}"
        try:
            yield received
        finally:
            server.shutdown()


def test_without_the_setting_nobody_is_asked(settings):
    settings.CLAMAV = ""
    assert clamav.scan(ContentFile(b"x")) == ""


def test_a_clean_file_is_sent_whole_and_then_opened(settings, monkeypatch):
    monkeypatch.setattr(clamav, "CHUNK", 100)
    with clamd(settings, b"stream: OK\0") as received:
        assert refusal("rapport.pdf", files.pdf()) == ""
    assert received == [files.pdf()]


def test_a_virus_is_refused_and_told_to_the_log_but_not_whose(settings, monkeypatch, caplog):
    monkeypatch.setattr(child, "open_file", lambda file, key: pytest.fail("opened"))
    with clamd(settings, b"stream: Eicar-Signature FOUND\0"):
        assert refusal("rapport.pdf", files.pdf()) == INFECTED
    told = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert [record.getMessage() for record in told] == ["ClamAV found Eicar-Signature in an upload"]


@pytest.mark.parametrize(
    "answer",
    [
        b"INSTREAM size limit exceeded. ERROR\0",
        b"",
        b"stream: ",
        lambda line: None,  # hangs up before it has read
        lambda line: line.recv(1) and line.close(),
    ],
)
def test_an_answer_that_is_none_refuses_for_now_and_is_logged(settings, caplog, answer):
    with clamd(settings, answer):
        assert refusal("rapport.pdf", files.pdf()) == NOT_NOW
    told = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.getMessage().partition(":")[0] for record in told] == [
        "ClamAV does not answer, an upload was refused"
    ]


def test_a_clamd_that_never_answers_is_not_waited_for(settings, monkeypatch):
    monkeypatch.setattr(clamav, "SECONDS", 0.2)
    done = threading.Event()
    with clamd(settings, lambda line: done.wait(60) and None):
        assert refusal("rapport.pdf", files.pdf()) == NOT_NOW
        done.set()


def test_where_nobody_listens_the_file_is_refused_for_now(settings, tmp_path):
    for address in (f"tcp://127.0.0.1:{free_port()}", f"unix://{tmp_path}/clamd"):
        settings.CLAMAV = address
        assert refusal("rapport.pdf", files.pdf()) == NOT_NOW


def test_a_clamd_on_a_socket_of_the_machine_is_asked(settings, tmp_path):
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            read_stream(self.request)
            self.request.sendall(b"stream: Test FOUND\0")

    with socketserver.ThreadingUnixStreamServer(str(tmp_path / "clamd"), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        settings.CLAMAV = f"unix://{tmp_path}/clamd"
        assert clamav.scan(ContentFile(b"x")) == "Test"
        server.shutdown()
