"""Asks whether an address on the web answers. The only door that leads there, and a narrow one.

Whoever writes an address into the portal must not be able to have it ask machines that only the
city's own network reaches. So each host is looked up here, every address it has must be a public
one, and it is that address which is connected to, also after a redirect.
"""

import http.client
import ipaddress
import socket
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

SECONDS = 10
MOST_REDIRECTS = 5
PORTS = {"http": 80, "https": 443}
# What an address may hold as it is (RFC 3986), and the sign of what is quoted already.
SAFE = "/%:@!$&'()*+,;=~?-._[]"
HEADERS = {"User-Agent": "KSI-portalen (provar lankar)", "Accept": "*/*"}
# Answers to HEAD that say nothing of the page: some servers take only GET.
ASK_AGAIN = frozenset({400, 401, 403, 404, 405, 406, 429, 500, 501, 503})


class NotAllowed(Exception):
    """An address that is not asked: not of the web, or not public."""


@dataclass(frozen=True)
class Answered:
    """What came of asking."""

    is_there: bool
    told: str


def ask(url: str) -> Answered:
    """Whether the address leads to a page. Raises nothing: what goes wrong is the answer."""
    try:
        status = _status(url, "HEAD")
        if status in ASK_AGAIN:
            status = _status(url, "GET")
    except NotAllowed as problem:
        return Answered(False, str(problem))
    except ssl.SSLError:
        return Answered(False, "Platsens certifikat går inte att lita på.")
    except TimeoutError:
        return Answered(False, f"Inget svar inom {SECONDS} sekunder.")
    except (OSError, http.client.HTTPException, ValueError):
        return Answered(False, "Platsen svarar inte.")
    # Who is asked to log in, or to come back later, has found something.
    is_there = status < 400 or status in {401, 403, 429}
    return Answered(is_there, "" if is_there else f"Platsen svarar {status}.")


def _status(url: str, method: str) -> int:
    for _ in range(MOST_REDIRECTS + 1):
        parts = urlsplit(url)
        connection = _connection(parts)
        try:
            path = quote(
                f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}", safe=SAFE
            )
            connection.request(method, path, headers=HEADERS)
            response = connection.getresponse()
            status, to = response.status, response.getheader("Location")
        finally:
            connection.close()
        if status not in {301, 302, 303, 307, 308} or not to:
            return status
        url = urljoin(url, to)
    raise NotAllowed("Länken leder runt i en ring.")


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    if parts.scheme not in PORTS or not parts.hostname or parts.username is not None:
        raise NotAllowed("Länken är ingen webbadress.")
    port = parts.port or PORTS[parts.scheme]
    if port not in PORTS.values():
        raise NotAllowed("Länken leder till en port som inte prövas.")
    place = public_address(parts.hostname, port)
    kind = _SafeConnection if parts.scheme == "https" else _PlainConnection
    return kind(parts.hostname, port, timeout=SECONDS, place=place)


def public_address(host: str, port: int) -> str:
    """An address of the host. Raises NotAllowed when any of those it has is not public."""
    found = {info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    for each in found:
        address = ipaddress.ip_address(str(each).partition("%")[0])
        inner = getattr(address, "ipv4_mapped", None) or address
        if not inner.is_global or inner.is_multicast:
            raise NotAllowed("Länken leder till ett slutet nät.")
    return str(sorted(map(str, found))[0])


class _PlainConnection(http.client.HTTPConnection):
    """Connects to the address that was looked up, whatever the name means a moment later."""

    def __init__(self, *args: Any, place: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place = place

    def connect(self) -> None:
        """To that address."""
        self.sock = socket.create_connection((self.place, self.port), self.timeout)


class _SafeConnection(_PlainConnection):
    """The same with a certificate, for the name that was asked for."""

    default_port = 443

    def connect(self) -> None:
        """To that address, as that name."""
        super().connect()
        context = ssl.create_default_context()
        self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
