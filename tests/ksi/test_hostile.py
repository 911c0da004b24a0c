"""Whatever is thrown at a public address, the answer is a Swedish page or a file, never a fault."""

from urllib.parse import quote, quote_plus

import pytest
from django.test import Client
from hypothesis import example, given, settings
from hypothesis import strategies as st

from search import indexing
from tests.addresses import addresses, routes
from tests.factories import make_document, make_project, make_user
from tests.reading import body

pytestmark = pytest.mark.django_db

STATUSES = {200, 301, 400, 404, 405, 410, 422, 429}
PARAMETERS = [
    *("q", "stadsdel", "omrade", "typ", "lage", "tema", "insats", "malgrupp", "metod"),
    *("uppfoljning", "medverkan", "fran", "till", "sortera", "sida", "id", "p", "section"),
    *("slag", "visa", "ordagrant", "antal", "publikation", "kunskapskalla", "lasare", "sprak"),
    *("utgivare", "aktualitet"),
]

# What is awkward: for a database, for HTML, for a number, for a text read from left to right.
awkward = st.sampled_from(
    [
        *("", " ", "0", "-1", "99999", "abc", "1e9", "NaN", "None", "٣", "²", "½", "1" * 30),
        *("9" * 3000, "å" * 3000, "\0", "a\0b", "\n", "\r\nSet-Cookie: a=b", "\u202eabc", "עברית"),
        *("😀👩‍👩‍👧", "<script>alert(1)</script>", '"><svg onload=x>', "{{ 7*7 }}", "{% now %}"),
        *("' OR 1=1 --", "%", "_", "\\", "%00", "%ff", "../../etc/passwd", "=1+1", "&", ";", "+"),
        *("boende", "bromma", "nyast", "2015", "projekt", "okand", "\ufeff", "\ud7ff", "\ufffe"),
    ]
)
text = (awkward | st.text(st.characters(codec="utf-8"), max_size=40)).map(str.encode)
# Bytes as they are, with lone surrogates and other things that are no UTF-8.
raw = st.binary(max_size=40) | st.sampled_from(
    [b"\xed\xa0\x80", b"\xff", b"\xc3", b"\xf5\x80\x80\x80"]
)
value = text | raw


@st.composite
def queries(draw) -> str:
    """A query string: known and unknown parameters, repeated, escaped or as they are."""
    pairs = draw(
        st.lists(st.tuples(st.sampled_from(PARAMETERS).map(str.encode) | value, value), max_size=6)
    )
    parts = []
    for name, content in pairs:
        escape = draw(st.sampled_from([quote_plus, quote, lambda piece: piece.decode("latin-1")]))
        parts.append(f"{escape(name)}={escape(content)}")
    if draw(st.booleans()) and parts:
        parts *= draw(st.integers(2, 4))
    return draw(st.sampled_from(["&", ";", "&&"])).join(parts)


paths = st.lists(
    value
    | st.sampled_from([b"inventering", b"stadsdelar", b"1", b"filer", b"faktablad.pdf", b"."]),
    max_size=5,
).flatmap(lambda parts: st.sampled_from([b"/".join([b"", *parts]), b"/".join([b"", *parts, b""])]))


@pytest.fixture
def known(monkeypatch, unlimited) -> dict[str, str]:
    monkeypatch.setattr("core.sheets.pdf", lambda html: b"%PDF-1.7")  # slow to make
    project = make_project(title="Stöd", themes=["Boende"], methods=["Motiverande samtal"])
    document = make_document(project)
    indexing.index()
    return addresses(document)


def ask(
    browser: Client,
    path: str,
    query: str = "",
    method: str = "GET",
    kind: str = "",
    sent: bytes = b"",
):
    """Ask as gunicorn would pass it on: bytes of path and query as latin-1."""
    browser.raise_request_exception = False
    environ = {"QUERY_STRING": query, "PATH_INFO": path}
    return browser.generic(method, "/", sent, kind or "text/plain", **environ)


def assert_well_answered(response) -> None:
    content = body(response)
    assert response.status_code in STATUSES
    if response.status_code == 301:
        location = response["Location"]
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))
    elif response.status_code == 200 and not response["Content-Type"].startswith("text/html"):
        assert response["Content-Type"].split(";")[0] in {
            *("text/csv", "text/plain", "application/json", "application/xml", "application/pdf"),
            *("application/opensearchdescription+xml", "application/atom+xml"),
            *("application/x-research-info-systems", "application/x-bibtex"),
            "application/vnd.citationstyles.csl+json",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    elif response.request["REQUEST_METHOD"] != "HEAD":
        page = content.decode()
        assert '<html lang="sv">' in page
        assert page.count("<h1") == 1
        assert "<script>alert" not in page
        assert "<svg onload" not in page


# Those that read their query, and the rest.
READERS = [
    *("inventory:list", "inventory:compare", "inventory:export-csv", "inventory:export-json"),
    *("inventory:export-xlsx", "sitemap-section", "search"),
]
OTHERS = sorted(set(routes()) - {*READERS, "favicon", "search-json"})


@pytest.mark.parametrize("name", READERS)
def test_any_query_where_queries_are_read_is_well_answered(known, name):
    @settings(max_examples=25)
    @given(queries())
    def throw(query: str) -> None:
        assert_well_answered(ask(Client(), known[name], query))

    throw()


def test_any_query_of_suggestions_is_answered_with_rows_or_a_sentence(known):
    @settings(max_examples=25)
    @given(queries())
    def throw(query: str) -> None:
        response = ask(Client(), "/sok.json", query)
        if response["Content-Type"] == "application/json":
            kind = {200: list, 400: dict}[response.status_code]
            assert isinstance(response.json(), kind)
        else:
            assert_well_answered(response)

    throw()


def test_any_query_at_any_other_address_is_well_answered(known):
    @settings(max_examples=50)
    @given(st.sampled_from(OTHERS), queries())
    def throw(name: str, query: str) -> None:
        assert_well_answered(ask(Client(), known[name], query))

    throw()


def test_any_query_is_well_answered_for_somebody_signed_in(known):
    member = Client()
    member.force_login(make_user())

    @given(
        queries(),
        st.sampled_from(["search", "inventory:list", "inventory:compare", "inventory:project"]),
    )
    def throw(query: str, name: str) -> None:
        assert_well_answered(ask(member, known[name], query))

    throw()


def test_any_path_is_well_answered(known):
    @settings(max_examples=120)
    @given(paths)
    @example(b"//ond.example/")
    @example(b"//ond.example")
    @example(b"/\\ond.example")
    @example(b"/%2f%2fond.example")
    @example(b"/inventering/\xff/")
    @example(b"/inventering/1/\xed\xa0\x80/")
    @example(b"/inventering/" + b"9" * 5000 + b"/")
    @example(b"/inventering\r\nSet-Cookie: a=b")
    @example(b"")
    def throw(path: bytes) -> None:
        assert_well_answered(ask(Client(), path.decode("latin-1")))

    throw()


def test_any_method_with_any_content_is_well_answered(known):
    methods = st.sampled_from(
        [
            "GET",
            "HEAD",
            "POST",
            "PUT",
            "DELETE",
            "PATCH",
            "OPTIONS",
            "TRACE",
            "CONNECT",
            "FOO",
            "get",
            "Å",
        ]
    )
    kinds = st.sampled_from(
        [
            *("application/x-www-form-urlencoded", "multipart/form-data", "application/json"),
            *("multipart/form-data; boundary=x", "multipart/form-data; boundary=\xff", "text/xml"),
            *("text/html; charset=finns-inte", "x", "/", "a/b; c=d; c=d", "application/pdf"),
        ]
    )

    @settings(max_examples=100)
    @given(
        st.sampled_from(sorted(set(known) - {"favicon"})), methods, kinds, st.binary(max_size=60)
    )
    def throw(name: str, method: str, kind: str, sent: bytes) -> None:
        assert_well_answered(ask(Client(), known[name], "", method, kind, sent))

    throw()


def test_any_header_is_well_answered(known):
    names = st.sampled_from(
        [
            *(
                "HTTP_ACCEPT_ENCODING",
                "HTTP_IF_NONE_MATCH",
                "HTTP_IF_MODIFIED_SINCE",
                "HTTP_COOKIE",
            ),
            *("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_HOST", "HTTP_HX_REQUEST"),
            *("HTTP_HX_CURRENT_URL", "HTTP_ACCEPT_LANGUAGE", "HTTP_RANGE", "HTTP_REFERER"),
        ]
    )
    contents = st.sampled_from(
        [
            *(
                "",
                "*",
                '"x"',
                "gzip;q=nan",
                "ksi_session=x",
                "ksi_session=",
                "a=b; ksi_session=\xff",
            ),
            *("ond.example", "[::1", "localhost:99999999", "a b", "\xff", "9" * 5000, "bytes=0-"),
        ]
    )

    @given(st.sampled_from(["start", "inventory:list", "inventory:document"]), names, contents)
    def throw(name: str, header: str, content: str) -> None:
        browser = Client()
        browser.raise_request_exception = False
        response = browser.get(known[name], **{header: content})
        assert_well_answered(response)

    throw()


@pytest.mark.parametrize("name", ["inventory:list", "inventory:export-csv", "inventory:compare"])
def test_more_parameters_than_anybody_means_are_refused_with_a_page(known, name):
    query = "&".join(f"id={number}" for number in range(2001))
    response = ask(Client(), known[name], query)
    assert response.status_code == 400
    assert_well_answered(response)
