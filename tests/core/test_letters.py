"""How a message looks, as text and as HTML, from one template."""

import re

import pytest

from core import letters
from core.letters import BadSubject, plain

TEMPLATE = "tests/letter.html"

TEXT = """\
Hej Åke Öberg!

Åsa har godkänt din ansökan. Nu kan du skriva i enhetens namn.

Att göra

- Läs om portalen: http://localhost:8000/om/.
- Fråga: ksi@example.org

1. Först
2. Sedan

Hälsningar
KSI

--
KSI – Kunskap om sociala insatser
http://localhost:8000/

Vill du inte ha sådana här mejl? Avsluta här:
http://localhost:8000/avsluta/x/
"""

BODY = """\
<p style="margin:0 0 16px">Hej Åke Öberg!</p>
<p style="margin:0 0 16px">Åsa har godkänt din ansökan. <strong>Nu</strong> kan du
skriva i enhetens namn.</p>
<h2 style="margin:28px 0 8px;font-size:19px;line-height:1.3">Att göra</h2>
"""


def test_one_template_gives_subject_text_and_html():
    unsubscribe = "http://localhost:8000/avsluta/x/"
    letter = letters.write(TEMPLATE, {"name": "Åke Öberg"}, unsubscribe=unsubscribe)

    assert letter.subject == "Välkommen, Åke Öberg"
    assert letter.text == TEXT
    assert BODY in letter.html
    assert '<html lang="sv">' in letter.html
    assert '<a href="http://localhost:8000/om/">om portalen</a>' in letter.html
    assert f'<a href="{unsubscribe}">Avsluta dem</a>' in letter.html


def test_without_a_way_out_nothing_is_said_of_one():
    letter = letters.write(TEMPLATE, {"name": "Åke"})
    assert "Avsluta" not in letter.text + letter.html


def test_nothing_is_fetched_from_anywhere():
    letter = letters.write(TEMPLATE, {"name": "Åke"})
    assert re.findall(r"<(?:img|link|script|style|iframe)|src=|url\(", letter.html) == []


def test_a_value_is_text_whatever_it_holds():
    name = '<a href="http://evil.example">& "du"</a>'
    letter = letters.write(TEMPLATE, {"name": name})

    assert letter.subject == f"Välkommen, {name}"
    assert letter.text.startswith(f"Hej {name}!\n")
    assert "Hej &lt;a href=&quot;http://evil.example&quot;&gt;&amp; &quot;du&quot;" in letter.html


@pytest.mark.parametrize(
    "name", ["a\nBcc: alla@example.org", "a\r\nX: y", "a\rb", "a\u2028b", "a\0b", "x" * 200]
)
def test_a_value_cannot_break_the_subject(name):
    with pytest.raises(BadSubject):
        letters.write(TEMPLATE, {"name": name})


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("", ""),
        ("bara ord", "bara ord"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<p>a &lt;b&gt; &amp; c</p>", "a <b> & c"),
        ("<ul><li>a</li><li>b</li></ul><p>c</p>", "- a\n- b\n\nc"),
        ("<p>a<br>b</p>", "a\nb"),
        ('<p><a href="http://x.se">http://x.se</a></p>', "http://x.se"),
        ("<p><a>inget</a></p>", "inget"),
        ("<li>löst</li>", "- löst"),
    ],
)
def test_plain_text_is_derived(body, text):
    assert plain(body) == text
