"""`make bench ROOM=drafts`: what units and curators wait for while something is written.

alike       "Finns det redan?", each time of another draft, whose text nobody has asked about
autosave    an answer that is saved by itself, each in another draft or field
desk        the curators' queue

All of it just after something was published, by eight at once who are signed in.
"""

from collections.abc import Iterator
from functools import partial
from itertools import cycle

from tests.bench.client import Outcome
from tests.bench.goals import COLD, QUERIES, Row
from tests.bench.measuring import CONNECTIONS, Bench
from tests.bench.servers import request, wait_for_quiet

ROOM = "drafts"


class DraftsBench(Bench):
    """The pages of drafts on one database."""

    def pages(self) -> Iterator[Row]:
        """Each in turn."""
        self.say(f"{self.database.engine} {self.database.rows}: utkast …")
        for page, asked in self.inside.ask(do="drafts").items():
            self.disturbed.append(wait_for_quiet())
            self.say(f"{self.database.engine} {self.database.rows} {page}")
            yield self.row(page, COLD, QUERIES, asked["queries"])
            requests = cycle(
                request(path, cookie=asked["cookies"], method=method, body=body)
                for method, path, body in asked["requests"]
            )
            yield from self.loaded(page, COLD, asked["size"], partial(self.after_news, requests))

    def after_news(self, requests: Iterator[bytes]) -> Outcome:
        """The next of them, each batch just after a publication."""
        whole = Outcome()
        for _ in range(self.effort.batches):
            self.inside.ask(do="publish")
            count = 2 * CONNECTIONS
            asked = [next(requests) for _ in range(count)]
            outcome = self.client.load(self.portal.port, asked, connections=CONNECTIONS, most=count)
            whole.seconds += outcome.seconds
            whole.latencies += outcome.latencies
        return whole
