"""What the search has workers do."""

from core.tasks import task
from search import indexing

# Behind what people wait for.
PRIORITY = -10


@task(priority=PRIORITY)
def index() -> None:
    """Read what has been written in the catalogue and not been read."""
    indexing.index()
