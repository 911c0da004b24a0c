"""gunicorn's log as JSON lines that hold nothing about the visitor.

An access line tells what was asked and how it went. Address, browser, referring page and query
string (in which people write names) are left out; the request's number ties it to the portal's
own log.
"""

import json
import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from gunicorn.glogging import Logger

# What follows these lets somebody in.
TOKEN = re.compile(
    r"^(/konto/(?:inbjudan|engangslank)/|/beratta/min/|/laslistor/delad/|/inventering/stammer/"
    r"|/foljer/avsluta/|/(?:inventering|bibliotek)/export/)[^/]+"
)


def access_line(resp: Any, environ: dict[str, Any], took: timedelta) -> str:
    """One request as a JSON object."""
    # Not PATH_INFO, which Django overwrites with a text of another encoding.
    path = unquote(environ["RAW_URI"].partition("?")[0], errors="replace")
    numbers = [value for name, value in resp.headers if name.lower() == "x-request-id"]
    return json.dumps(
        {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "name": "access",
            "method": environ.get("REQUEST_METHOD"),
            "path": TOKEN.sub(r"\1…", path),
            "status": int(str(resp.status).split(None, 1)[0]),
            "ms": round(took / timedelta(milliseconds=1)),
            "bytes": resp.sent,
            "request_id": numbers[0] if numbers else "",
        },
        ensure_ascii=False,
    )


class JsonLine(logging.Formatter):
    """gunicorn's own messages: workers that start, end or crash."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a JSON object on one line."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "name": record.name,
            "level": record.levelname,
            "message": record.getMessage(),
            "process": record.process,
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class GunicornLog(Logger):
    """Replaces gunicorn's log formats, and the two messages in which it names the visitor."""

    def setup(self, cfg: Any) -> None:
        """Write JSON where there is an access log, that is in production."""
        super().setup(cfg)
        if cfg.accesslog:
            for handler in self.error_log.handlers:
                handler.setFormatter(JsonLine())

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Write the line of one request."""
        if self.access_log_enabled:
            self.access_log.info("%s", access_line(resp, environ, request_time))

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Leave out requests that no HTTP server understands: the message is their address."""
        if msg.startswith("Invalid request from ip="):
            return
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Leave the address, with its query string, out of what goes wrong."""
        if msg.startswith("Error handling request %s"):
            msg, args = "Error handling a request", ()
        super().exception(msg, *args, **kwargs)
