"""How gunicorn serves the portal, in the demonstration and in production. See docs/drift/."""

import gc
import os
from typing import Any

import environ
from gunicorn.workers import gthread

env = environ.Env()
_demo = env("KSI_MODE", default="production") == "demo"

wsgi_app = "ksi.wsgi"
bind = env("KSI_BIND", default="127.0.0.1:8000")

# Threads: a browser that keeps its connection open costs no worker. Two processes use two cores.
worker_class = "gthread"
workers = env.int("WEB_CONCURRENCY", default=2)
threads = 4
keepalive = 15
timeout = 60
# Ctrl-C ends a demonstration at once; production lets running requests finish.
graceful_timeout = 1 if _demo else 20

# Browsers open connections before they know what to ask. gunicorn lets each occupy a thread for
# five seconds before it is set aside; with this it is set aside at once, at no cost.
gthread.DEFAULT_WORKER_DATA_TIMEOUT = 0.05

# The catalogue is read once and shared by all workers (ksi/wsgi.py).
preload_app = True
# Workers are not recycled after so many requests: a count says nothing about memory, and each new
# worker begins without kept pages. What is kept is bounded in bytes (KSI_KEPT_MB), and the
# systemd unit has a limit for the unforeseen.
max_requests = 0

limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
# No header of a visitor's may say where the portal is mounted.
forwarder_headers = ""

# Nothing is written outside var/: no control socket, heartbeats in memory.
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108

# The demonstration tells of trouble only; production writes one JSON object per line.
logger_class = "ksi.logs.GunicornLog"
accesslog = None if _demo else "-"
errorlog = "-"
loglevel = "warning" if _demo else "info"


def when_ready(server: Any) -> None:
    """Set what was loaded aside from garbage collection, so that workers go on sharing it."""
    gc.collect()
    gc.freeze()
