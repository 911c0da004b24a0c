"""Hands a stored file out so that it can do no harm in the browser of who reads it."""

from pathlib import PurePosixPath

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header

from core.uploads.kinds import kind_of

UNKNOWN_TYPE = "application/octet-stream"
# It can load nothing, run nothing, and belongs to no site: not to ours, with its cookies.
POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


def serve(field_file: FieldFile, name: str, *, request: HttpRequest) -> HttpResponseBase:
    """The stored file under the name it was sent with; 404 when the storage has lost it.

    Whether the visitor may see it is asked before. The type comes from the stored name, which only
    a file that was opened as that kind can have. Nobody keeps it: it may be withdrawn at any time.
    """
    stored = field_file.name or ""
    if not stored:
        raise Http404
    kind = kind_of(stored)
    content_type = kind.content_type if kind else UNKNOWN_TYPE
    attachment = not (kind and kind.inline)
    shown = name or PurePosixPath(stored).name
    headers = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    if request.method == "HEAD":  # without fetching it from where it is stored
        if not field_file.storage.exists(stored):
            raise Http404
        headers["Content-Length"] = str(field_file.size)
        headers["Content-Disposition"] = content_disposition_header(attachment, shown) or ""
        return HttpResponse(content_type=content_type, headers=headers)
    try:
        file = field_file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(
        file,
        as_attachment=attachment,
        filename=shown,
        content_type=content_type,
        headers=headers,
    )
