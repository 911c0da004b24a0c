"""The door that gunicorn knocks on."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ksi.settings")

application = get_wsgi_application()


def preload() -> None:
    """Load what all workers need, once, before gunicorn forks them (preload_app).

    The connections are closed afterwards: a process that inherits one shares its socket.
    """
    from django.db import connections
    from django.urls import get_resolver

    from search import facets, swedish

    get_resolver().url_patterns  # noqa: B018 - imports every view
    facets.warm()
    swedish.warm()
    connections.close_all()


preload()
