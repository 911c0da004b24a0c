"""Files that somebody sends in: checked, stored under names that nobody guesses, handed out safely.

Forms take them through core.forms.UploadField, models keep them in core.fields.UploadedFileField,
views hand them out with `serve`, workers read them with `pages_of`. Why it is done so:
docs/adr/0012-uploads.md.
"""

from core.uploads.checks import Refused, examine, examine_all
from core.uploads.kinds import AUDIO, DOCUMENTS, IMAGES, KINDS, Kind
from core.uploads.names import RandomName
from core.uploads.pages import Read, Trouble, has_pages, pages_of, read
from core.uploads.serving import serve

__all__ = [
    "AUDIO",
    "DOCUMENTS",
    "IMAGES",
    "KINDS",
    "Kind",
    "RandomName",
    "Read",
    "Refused",
    "Trouble",
    "examine",
    "examine_all",
    "has_pages",
    "pages_of",
    "read",
    "serve",
]
