"""Opens one uploaded file, in a process of its own that has little to lose.

    python -m core.opening pdf < file
    python -m core.opening pages < file > pages     # the text of a PDF, for the search
    python -m core.opening front < file > front     # its first page, as a picture
    python -m core.opening bare < file > file       # a picture without what a camera adds

The verdict is the exit status (`Verdict`). Knows nothing of Django, of the settings or of the
database: whoever takes this process over finds a copy of a file and nothing else. Started by
core.uploads.child; see docs/adr/0012-uploads.md.
"""

from enum import IntEnum

# How much of a PDF's text is read; nobody is helped by a file that buries all others.
MOST_PAGES = 1_000
MOST_LETTERS = 20_000  # on a page
MOST_LETTERS_IN_ALL = 4_000_000
END_OF_PAGE = "\f"
# The first page as a picture: two pixels for each on the page, for screens that are twice as fine.
FRONT_WIDTH, FRONT_HEIGHT = 640, 900
MOST_FRONT_BYTES = 2 * 1024 * 1024


class Verdict(IntEnum):
    """What came of opening a file; any other exit status is a crash."""

    FINE = 0
    BROKEN = 10
    LOCKED = 11
    SCRIPT = 12
    FILES_INSIDE = 13
    MACROS = 14
    TOO_HEAVY = 15
    OLD_FORMAT = 16
    OTHER_KIND = 17
    NOT_TEXT = 18
    NOT_UTF8 = 19
    FETCHES = 20


class Unfit(Exception):
    """The file is not taken in, for this reason."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.name)
        self.verdict = verdict
