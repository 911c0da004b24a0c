"""Asks ClamAV's clamd about a file, where KSI_CLAMAV names one (INSTREAM, see man clamd)."""

import socket
import time
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files import File

CONNECT_SECONDS = 3
SECONDS = 15  # for the whole of it
CHUNK = 256 * 1024
LONGEST_ANSWER = 4096


class NoAnswer(Exception):
    """clamd is not there, takes too long or cannot say."""


def scan(file: File) -> str:
    """The name of what was found in the file; "" for nothing, or when no clamd is set up.

    Raises NoAnswer when one is set up and the file therefore must not be taken in unseen.
    """
    if not settings.CLAMAV:
        return ""
    try:
        answer = _ask(file, time.monotonic() + SECONDS)
    except OSError as problem:
        raise NoAnswer(str(problem)) from problem
    told = answer.removeprefix("stream: ")
    if told == "OK":
        return ""
    if told.endswith(" FOUND"):
        return told.removesuffix(" FOUND")
    raise NoAnswer(f"answered {told!r}")


def _ask(file: File, deadline: float) -> str:
    with _connected() as line:

        def within_time() -> socket.socket:
            line.settimeout(max(deadline - time.monotonic(), 0.001))
            return line

        within_time().sendall(b"zINSTREAM\0")
        file.seek(0)
        while chunk := file.read(CHUNK):
            within_time().sendall(len(chunk).to_bytes(4, "big") + chunk)
        within_time().sendall(bytes(4))
        answer = b""
        while b"\0" not in answer and len(answer) < LONGEST_ANSWER:
            part = within_time().recv(1024)
            if not part:
                break
            answer += part
    return answer.partition(b"\0")[0].decode("utf-8", "replace")


def _connected() -> socket.socket:
    place = urlsplit(settings.CLAMAV)
    if place.scheme == "tcp":
        return socket.create_connection((place.hostname, place.port), timeout=CONNECT_SECONDS)
    line = socket.socket(socket.AF_UNIX)
    try:
        line.settimeout(CONNECT_SECONDS)
        line.connect(place.path)
    except OSError:
        line.close()
        raise
    return line
