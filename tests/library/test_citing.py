"""References: as one writes them, and as RIS, BibTeX and CSL-JSON that others' readers read."""

import json

import bibtexparser
import pytest
import rispy
from bibtexparser.middlewares import LatexDecodingMiddleware

from library import citing
from library.citing import Person
from library.models import Item
from tests.factories import make_organisation
from tests.library_factories import make_item
from tests.reading import text_of

pytestmark = pytest.mark.django_db

LINK = "https://ksi.example.org/bibliotek/1/boendestod/"
NASTY = [
    "En {ensam klammer",
    "Slut} först {sedan",
    "Vård & stöd: 100 % på #1 för $5_000",
    'Han sa "nej" och ’ja’',
    "Rad ett\nrad två\r\nER  - slut\n\nTY  - RPRT",
    "@article{ond, title = {x}}",
    "Backslash \\ och \\textbf{fet} ~ ^",
    "😀 👩‍👩‍👧 glädje åäö ÅÄÖ é",
    "Ett ord",
    "L" * 250,
    "a\u2028b\x0bc\x85d",
]


def read_ris(text: str) -> list[dict]:
    return rispy.loads(text)


def read_bibtex(text: str, *, decoded: bool = True) -> list[dict[str, str]]:
    more = [LatexDecodingMiddleware()] if decoded else []
    library = bibtexparser.parse_string(text, append_middleware=more)
    assert library.failed_blocks == []
    return [
        {"kind": entry.entry_type, "key": entry.key}
        | {field.key: field.value for field in entry.fields}
        for entry in library.entries
    ]


def flat(text: str) -> str:
    return " ".join(text.split())


def full_item(**fields) -> Item:
    return make_item(
        **{
            "kind": Item.Kind.RESEARCH,
            "title": "Boendestöd på kvällen",
            "authors": "Öberg, Åsa-Lena\nvan der Berg, Bo Carl",
            "corporate_authors": "Forskning och Utveckling",
            "publisher": make_organisation("Socialstyrelsen"),
            "series": "FoU-rapport",
            "number": "2015:3",
            "isbn": "9789175550014",
            "doi": "10.1000/abc_1",
            "url": "https://example.org/r%20a_b?x=1&y=2",
            "year": 2015,
            "themes": ["Boende"],
            "abstract": "En **kort** text.",
        }
        | fields
    )


# --- Names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "family", "given", "brief"),
    [
        ("Öberg, Åsa-Lena", "Öberg", "Åsa-Lena", "Öberg, Å.-L."),
        ("van der Berg, Bo Carl", "van der Berg", "Bo Carl", "van der Berg, B. C."),
        ("Platon", "Platon", "", "Platon"),
        ("Berg ,  Bo , ", "Berg", "Bo", "Berg, B."),
        ("Berg, Bo, jr", "Berg", "Bo, jr", "Berg, B. j."),
    ],
)
def test_a_line_is_a_person(line, family, given, brief):
    person = Person.read(line)
    assert (person.family, person.given, person.brief) == (family, given, brief)


def test_lines_that_say_nothing_are_nobody():
    item = Item(authors="\n , \n\nBerg, Bo\n", corporate_authors="\n\n")
    assert citing.people(item) == [Person("Berg", "Bo")]
    assert citing.organisations(item) == []


# --- In words -----------------------------------------------------------------------------------


def test_a_reference_in_words():
    assert text_of(citing.in_words(full_item())) == (
        "Öberg, Å.-L., van der Berg, B. C. & Forskning och Utveckling (2015). Boendestöd på kvällen"
        " . FoU-rapport 2015:3. Socialstyrelsen."
    )


def test_the_first_of_many_stands_for_them():
    item = full_item(authors="A, A\nB, B\nC, C\nD, D")
    assert text_of(citing.in_words(item)).startswith("A, A. m.fl. (2015).")


def test_without_author_and_year_the_title_stands_first():
    item = full_item(authors="", corporate_authors="", doi="", url="", series="", number="")
    item.year = None
    assert text_of(citing.in_words(item)) == ("Boendestöd på kvällen (u.å.). Socialstyrelsen.")


def test_an_organisation_that_is_author_and_publisher_is_named_once():
    item = full_item(authors="", corporate_authors="Socialstyrelsen", title="Hur går det?")
    assert text_of(citing.in_words(item)).startswith(
        "Socialstyrelsen (2015). Hur går det? FoU-rapport 2015:3."
    )


def test_markup_in_a_title_is_text():
    assert "&lt;b&gt;" in citing.in_words(full_item(title="<b>Fet</b>"))


# --- Read back ----------------------------------------------------------------------------------


def test_ris_is_read_back():
    (read,) = read_ris(citing.ris(full_item(), LINK))
    assert read == {
        "type_of_reference": "RPRT",
        "id": read["id"],
        "title": "Boendestöd på kvällen",
        "authors": ["Öberg, Åsa-Lena", "van der Berg, Bo Carl", "Forskning och Utveckling"],
        "year": "2015",
        "publisher": "Socialstyrelsen",
        "tertiary_title": "FoU-rapport",
        "number": "2015:3",
        "issn": "9789175550014",
        "doi": "10.1000/abc_1",
        "urls": ["https://example.org/r%20a_b?x=1&y=2"],
        "language": "sv",
        "abstract": "En **kort** text.",
        "keywords": ["Boende"],
    }


def test_bibtex_is_read_back():
    text = citing.bibtex(full_item(), LINK)
    (read,) = read_bibtex(text, decoded=False)
    assert read["key"].startswith("ksi")
    del read["key"]
    assert read == {
        "kind": "techreport",
        "title": "{Boendestöd på kvällen}",
        "author": "Öberg, Åsa-Lena and van der Berg, Bo Carl and {Forskning och Utveckling}",
        "year": "2015",
        "institution": "Socialstyrelsen",
        "type": "FoU-rapport",
        "number": "2015:3",
        "isbn": "9789175550014",
        "doi": "10.1000/abc_1",
        "url": "https://example.org/r%20a_b?x=1&y=2",
        "language": "svenska",
    }


def test_csl_json_is_read_back():
    item = full_item()
    text = "".join(citing.FORMS["csl.json"][1]([item, item], "https://ksi.example.org"))
    read, again = json.loads(text)
    assert (
        read
        == again
        == {
            "id": f"ksi{item.pk}",
            "type": "report",
            "title": "Boendestöd på kvällen",
            "author": [
                {"family": "Öberg", "given": "Åsa-Lena"},
                {"family": "van der Berg", "given": "Bo Carl"},
                {"literal": "Forskning och Utveckling"},
            ],
            "issued": {"date-parts": [[2015]]},
            "publisher": "Socialstyrelsen",
            "genre": "Forskningsrapport",
            "collection-title": "FoU-rapport",
            "number": "2015:3",
            "ISBN": "9789175550014",
            "DOI": "10.1000/abc_1",
            "URL": "https://example.org/r%20a_b?x=1&y=2",
            "language": "sv",
            "abstract": "En **kort** text.",
        }
    )


def test_no_reference_is_an_empty_file_of_each_form():
    assert {form: "".join(make([], "")) for form, (_, make) in citing.FORMS.items()} == {
        "ris": "",
        "bib": "",
        "csl.json": "[]\n",
    }


@pytest.mark.parametrize("title", NASTY)
def test_nasty_titles_are_read_back_as_they_are(title):
    item, after = full_item(title=title), full_item(title="Den efter")
    ris, bib, csl = (
        "".join(make([item, after], "https://ksi.example.org")) for _, make in citing.FORMS.values()
    )
    seen = citing.one_line(title)
    assert [read["title"] for read in read_ris(ris)] == [seen, "Den efter"]
    # pylatexenc reads \textasciicircum as a sign of its own.
    read = [
        entry["title"][1:-1] if entry["title"][0] == "{" else entry["title"]
        for entry in read_bibtex(bib)
    ]
    assert [flat(each).replace("ˆ", "^") for each in read] == [flat(seen), "Den efter"]
    assert [read["title"] for read in json.loads(csl)] == [seen, "Den efter"]


@pytest.mark.parametrize("name", ["Berg {, Bo", "Ber%g, B&o", "Sand and Sand, Sam", 'B"erg, Bo\\'])
def test_nasty_names_break_no_file(name):
    item = full_item(authors=name, corporate_authors="A and B {AB")
    assert len(read_bibtex(citing.bibtex(item, LINK))) == 1
    (read,) = read_ris(citing.ris(item, LINK))
    assert read["authors"][1] == "A and B {AB"


@pytest.mark.parametrize("kind", Item.Kind.values)
def test_each_kind_has_its_types(kind):
    item = full_item(kind=kind)
    assert read_ris(citing.ris(item, LINK))[0]["type_of_reference"] == citing.TYPES[kind][0]
    assert read_bibtex(citing.bibtex(item, LINK))[0]["kind"] == citing.TYPES[kind][1]


def test_a_withdrawn_item_says_so_wherever_it_is_cited():
    item = full_item()
    item.withdrawn_at, item.withdrawn_reason = item.published_at, "Fel i tabell 3."
    assert read_ris(citing.ris(item, LINK))[0]["notes"] == ["Tillbakadragen: Fel i tabell 3."]
    assert "note = {Tillbakadragen: Fel i tabell 3.}" in citing.bibtex(item, LINK)
    assert citing.csl(item, LINK)["note"] == "Tillbakadragen: Fel i tabell 3."


def test_the_key_stays_when_the_title_changes():
    item = full_item()
    before = read_bibtex(citing.bibtex(item, LINK))[0]["key"]
    item.title = "Något helt annat"
    assert read_bibtex(citing.bibtex(item, LINK))[0]["key"] == before
