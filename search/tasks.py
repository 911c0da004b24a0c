"""What the search has workers do."""

from core.tasks import task
from search import actions, indexing

# Behind what people wait for.
PRIORITY = -10


@task(priority=PRIORITY)
def index() -> None:
    """Read what has been written in the catalogue and not been read."""
    indexing.index()


@task(priority=PRIORITY)
def words_changed(words: list[str]) -> None:
    """Read again what holds these words: what they become has changed."""
    actions.forget_words(words=words)
    # At once: a word that is forgotten is not found in texts that were read before.
    indexing.index()
