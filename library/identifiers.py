"""ISBN, ISSN, DOI and URN:NBN: as they are typed or pasted, checked, in the form they are kept in.

Each function answers the kept form, or raises NotThat with a sentence for who typed it.

- ISBN (ISO 2108): ten or thirteen digits with a check digit; kept as thirteen digits.
- ISSN (ISO 3297): eight characters with a check character; kept as 1234-567X.
- DOI (ISO 26324): a prefix and a suffix without check digits; case does not matter, so it is kept
  in lower case, without the resolver's address.
- URN:NBN (RFC 8458): a country and a string that its national library gives out. Whether there is
  a check digit is for each country: the German National Library calculates one over the whole URN,
  the last digit; Kungliga biblioteket and the Finnish National Library have none, so of theirs
  the syntax alone is checked.
"""

import re
from urllib.parse import unquote


class NotThat(ValueError):
    """Not such a number; the text is the sentence for who typed it."""


_DASHES = re.compile(r"[\s\u00a0\u00ad\-\u2010-\u2015\u2212]+")


def _bare(text: str, name: str) -> str:
    """The characters alone, without the number's name and what parts them."""
    return _DASHES.sub("", re.sub(rf"^\s*{name}(-1[03])?\s*:?", "", text, flags=re.I)).upper()


# --- ISBN -----------------------------------------------------------------------------------------


def isbn(text: str) -> str:
    """Thirteen digits."""
    bare = _bare(text, "isbn")
    if re.fullmatch(r"[0-9]{9}[0-9X]", bare):
        if _isbn10_check(bare[:9]) != bare[9]:
            raise NotThat("ISBN stämmer inte: kontrollsiffran är fel. Kontrollera varje siffra.")
        bare = f"978{bare[:9]}"
        return bare + _isbn13_check(bare)
    if not re.fullmatch(r"[0-9]{13}", bare) or not bare.startswith(("978", "979")):
        raise NotThat(
            "Ett ISBN har 13 siffror och börjar på 978 eller 979, eller har 10 tecken i äldre"
            " böcker. Till exempel 978-91-7555-123-4."
        )
    if _isbn13_check(bare[:12]) != bare[12]:
        raise NotThat("ISBN stämmer inte: kontrollsiffran är fel. Kontrollera varje siffra.")
    return bare


def _isbn10_check(nine: str) -> str:
    left = -sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), nine, strict=True))
    return "0123456789X"[left % 11]


def _isbn13_check(twelve: str) -> str:
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return str(-weighed % 10)


# --- ISSN -----------------------------------------------------------------------------------------


def issn(text: str) -> str:
    """Four characters, a hyphen and four more."""
    bare = _bare(text, "e?issn(-l)?")
    if not re.fullmatch(r"[0-9]{7}[0-9X]", bare):
        raise NotThat("Ett ISSN har åtta tecken, till exempel 1234-5679.")
    weighed = sum(
        weight * int(digit) for weight, digit in zip(range(8, 1, -1), bare[:7], strict=True)
    )
    if "0123456789X"[-weighed % 11] != bare[7]:
        raise NotThat("ISSN stämmer inte: kontrollsiffran är fel. Kontrollera varje tecken.")
    return f"{bare[:4]}-{bare[4:]}"


# --- DOI ------------------------------------------------------------------------------------------

_RESOLVER = re.compile(r"^(?:https?://)?(?:dx\.|www\.)?doi\.org/", re.I)
_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[^\s<>\"]+")
LONGEST = 200


def doi(text: str) -> str:
    """Lower case, from 10 on."""
    typed = text.strip()
    if _RESOLVER.match(typed):
        typed = unquote(_RESOLVER.sub("", typed))
    typed = re.sub(r"^doi\s*:?\s*", "", typed, flags=re.I).lower()
    if not _DOI.fullmatch(typed) or not typed.isprintable():
        raise NotThat("En DOI börjar på 10. och har ett snedstreck, till exempel 10.1000/182.")
    if len(typed) > LONGEST:
        raise NotThat(f"En DOI får vara högst {LONGEST} tecken här.")
    return typed


# --- URN:NBN --------------------------------------------------------------------------------------

_URN_RESOLVER = re.compile(
    r"^https?://(?:urn\.kb\.se/resolve\?urn=|(?:urn\.fi|nbn-resolving\.(?:org|de))/)", re.I
)
_URN = re.compile(
    r"urn:nbn:(?P<prefix>[a-z]{2}(?::[a-z0-9]+)*)(?P<parted>[-:])(?P<rest>[a-z0-9()+,\-.:=@;$_!*'%/]+)",
    re.I,
)
# As the German National Library numbers the characters of a URN.
_GERMAN = dict(
    zip("0123456789", ("1", "2", "3", "4", "5", "6", "7", "8", "9", "41"), strict=True)
) | dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz+:/_.-",
        (
            *("18", "14", "19", "15", "16", "21", "22", "23", "24", "25", "42", "26", "27", "13"),
            *("28", "29", "31", "12", "32", "33", "11", "34", "35", "36", "37", "38"),
            *("49", "17", "45", "43", "47", "39"),
        ),
        strict=True,
    )
)


def urn(text: str) -> str:
    """`urn:nbn:` and the country in lower case, the rest as it was given out."""
    typed = text.strip()
    if _URN_RESOLVER.match(typed):
        typed = unquote(_URN_RESOLVER.sub("", typed))
    found = _URN.fullmatch(typed)
    if not found:
        raise NotThat(
            "Ett URN:NBN börjar på urn:nbn: och ett land, till exempel urn:nbn:se:su:diva-12345."
        )
    if len(typed) > LONGEST:
        raise NotThat(f"Ett URN:NBN får vara högst {LONGEST} tecken här.")
    kept = f"urn:nbn:{typed[8:10].lower()}{typed[10:]}"
    if kept.startswith("urn:nbn:de") and german_check(kept[:-1]) != kept[-1]:
        raise NotThat("URN:NBN stämmer inte: kontrollsiffran är fel. Kontrollera varje tecken.")
    return kept


def german_check(urn: str) -> str:
    """The check digit of a German URN, over all before it; "" where it has other characters."""
    try:
        digits = "".join(_GERMAN[letter] for letter in urn.lower())
    except KeyError:
        return ""
    weighed = sum(place * int(digit) for place, digit in enumerate(digits, 1))
    return str(weighed // int(digits[-1]) % 10)
