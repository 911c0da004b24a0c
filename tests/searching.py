"""What is published, read by the search; and its page as a visitor reads it."""

import html
import re
from functools import cache
from typing import Any

from django.db import transaction
from django.test import Client

from inventory.models import Project
from search import indexing, swedish
from search.models import Entry, Synonyms
from search.passages import put_pages
from tests.factories import make_project
from tests.reading import page, text_of

# Dividing a word takes up to 30 ms, and each test has to begin with an empty list of words.
compound = cache(swedish.compound)


def publish(title: str, summary: str = "Ett sätt att arbeta.", **fields: Any) -> Project:
    """A project in whose texts nothing but what is given here is likely to be found."""
    quiet = dict.fromkeys(("need", "activities", "contact_function"), "Uppgift.")
    made = make_project(**{"title": title, "plain_summary": summary, **quiet, **fields})
    indexing.index()
    return made


def publish_all(*titles: str, **fields: Any) -> None:
    """Many projects at once, alike but for their titles."""
    for title in titles:
        make_project(title=title, **fields)
    indexing.index()


def put_file(project: Project, *pages: str, title: str = "Slutrapport") -> None:
    """A PDF file of the project's with these pages."""
    address = f"/inventering/{project.public_id}/filer/1/"
    with transaction.atomic():
        number = project.public_id
        put_pages("projekt", number, file="1", title=title, address=address, pages=pages)
    indexing.index()


def mean_the_same(*words: str, leads_to: tuple[str, ...] = ()) -> None:
    """Synonyms that a curator has written."""
    Synonyms.objects.create(words="\n".join(words), leads_to="\n".join(leads_to))


def searched(client: Client, query: str, **extra: Any) -> str:
    """The search page for a query string."""
    return page(client, f"/sok/{query}", **extra)


def hits(markup: str) -> list[str]:
    """Titles of the hits on a page, in order, those with some of the words last."""
    rows = re.findall(r'<li class="row">.*?<h[34]><a href="[^"]*">(.*?)</a></h[34]>', markup, re.S)
    return [text_of(row.replace("<mark>", "").replace("</mark>", "")) for row in rows]


def marks(markup: str) -> list[str]:
    """What is marked on a page."""
    return [html.unescape(found) for found in re.findall(r"<mark>(.*?)</mark>", markup)]


def told(markup: str) -> list[str]:
    """The sentences of how the question was understood."""
    found = re.search(r'<div class="told">(.*?)</div>', markup, re.S)
    return [text_of(line) for line in re.findall(r"<p>(.*?)</p>", found[1])] if found else []


def heading(markup: str) -> str:
    """How many hits the page says that there are."""
    found = re.search(r'<h2 id="antal">(.*?)</h2>', markup, re.S)
    return text_of(found[1]) if found else ""


def choices(markup: str, facet: str) -> dict[str, int]:
    """What can be chosen of a facet, and how many hits it gives."""
    box = rf'name="{facet}" value="[^"]*"[^>]*> <span>(.*?)</span> <span class="n">(\d+)'
    return {text_of(name): int(count) for name, count in re.findall(box, markup)}


def entry_of(project: Project) -> Entry:
    """The project's row in the catalogue."""
    return Entry.objects.get(kind="projekt", object_id=project.public_id)
