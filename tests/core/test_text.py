"""Swedish text, and Markdown that cannot do harm."""

import unicodedata

import pytest

from core.text import fold, markdown, plain, sort_key


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Ångest   och\tORO\n", "ångest och oro"),
        (unicodedata.normalize("NFD", "Hägersten-Älvsjö"), "hägersten-älvsjö"),
        ("Hora", "hora"),
        ("Höra", "höra"),
        ("", ""),
    ],
)
def test_folding_ignores_case_and_spacing_but_not_letters(text, expected):
    assert fold(text) == expected


def test_swedish_order_puts_a_ring_a_dots_o_dots_last_and_e_acute_with_e():
    wanted = ["Alm", "Ek", "Én", "Eskil", "Zon", "Åby", "Ås", "Älvsjö", "Änge", "Öby", "Öst"]
    mixed = sorted(wanted, reverse=True)
    assert sorted(mixed, key=sort_key) == wanted


def test_swedish_order_holds_within_words_and_for_decomposed_letters():
    decomposed = [unicodedata.normalize("NFD", word) for word in ("Bö", "Bä", "Bå", "Bz", "Ba")]
    ordered = [unicodedata.normalize("NFC", word) for word in sorted(decomposed, key=sort_key)]
    assert ordered == ["Ba", "Bz", "Bå", "Bä", "Bö"]


def test_danish_and_norwegian_letters_stand_with_their_swedish_ones():
    assert [sort_key(letter) for letter in "æøÆØ"] == [sort_key(letter) for letter in "äöÄÖ"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Ett\n## Två\n### Tre", "<h3>Ett</h3>\n<h4>Två</h4>\n<h4>Tre</h4>\n"),
        ("Ett\n===", "<h3>Ett</h3>\n"),
        ("**fet** och *lutad*", "<p><strong>fet</strong> och <em>lutad</em></p>\n"),
        ("- ett\n- två", "<ul>\n<li>ett</li>\n<li>två</li>\n</ul>\n"),
        (
            "[rapport](https://example.org)",
            '<p><a href="https://example.org" rel="nofollow noopener">rapport</a></p>\n',
        ),
        ("", ""),
    ],
)
def test_markdown_becomes_plain_html_with_headings_below_the_pages_own(text, expected):
    assert str(markdown(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("<b onclick=x>a</b>", "<p>&lt;b onclick=x&gt;a&lt;/b&gt;</p>\n"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ("[a](JaVaScRiPt:alert(1))", "<p>[a](JaVaScRiPt:alert(1))</p>\n"),
        (
            "[a](data:text/html;base64,PHNjcmlwdD4=)",
            "<p>[a](data:text/html;base64,PHNjcmlwdD4=)</p>\n",
        ),
        ("![spion](https://ond.example/p.gif)", "<p></p>\n"),
        (
            "[a](ftp://example.org)",
            '<p><a rel="nofollow noopener">a</a></p>\n',
        ),
        (
            '[a](https://example.org "x\\" onmouseover=alert(1)")',
            '<p><a href="https://example.org" title="x&quot; onmouseover=alert(1)"'
            ' rel="nofollow noopener">a</a></p>\n',
        ),
    ],
)
def test_markdown_cannot_carry_scripts_styles_or_pictures(text, expected):
    assert str(markdown(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Rubrik\n\nEn *bra* [länk](https://example.org).", "Rubrik En bra länk."),
        ("- ett\n- två", "ett två"),
        ("Råd & stöd, 5 < 6", "Råd & stöd, 5 < 6"),
        ("”Det gick bra”", "”Det gick bra”"),
        ("<b>inte html</b>", "<b>inte html</b>"),
        ("", ""),
    ],
)
def test_plain_text_of_markdown_reads_as_it_was_meant(text, expected):
    assert plain(text) == expected
