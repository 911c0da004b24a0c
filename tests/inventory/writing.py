"""Steps that several stories about writing to a function take."""

import html
import re
from typing import Any

from django.test import Client

from inventory.models import Message, Project
from tests.reading import text_of

NUMBER = "19811218-9876"
TYPED = {"text": "Hur började ni?", "email": "bo@example.org", "name": "Bo Ek", "opened": "a1"}


def form_of(project: Project) -> str:
    return f"{project.get_absolute_url()}kontakt/"


def send(client: Client, project: Project, **fields: Any) -> Any:
    return client.post(form_of(project), TYPED | fields)


def kept() -> list[tuple[str, str, str]]:
    """What has been received: name, address, text."""
    return list(Message.objects.order_by("pk").values_list("name", "email", "text"))


def shown(response: Any) -> dict[str, str]:
    """What stands in the form's fields, and what the summary of errors says."""
    markup = response.content.decode()
    (text,) = re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", markup, re.S)
    found = dict(re.findall(r'<input type="(?:text|email)" name="(\w+)" value="(.*?)"', markup))
    summary = re.findall(r'<div class="error-summary".*?</div>', markup, re.S)
    told = text_of(summary[0]).removeprefix("Rätta det här ") if summary else ""
    fields = {name: html.unescape(value) for name, value in found.items()}
    return fields | {"text": html.unescape(text), "told": told}
