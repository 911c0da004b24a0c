"""Forms with rows upon rows, which may send more fields than DATA_UPLOAD_MAX_NUMBER_FIELDS."""

from urllib.parse import parse_qsl

from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, QueryDict


def take_in(request: HttpRequest, most: int) -> None:
    """Let `request.POST` hold up to so many fields. Call it before anything reads them.

    Raises TooManyFieldsSent for more. A form with files is left to the usual limit.
    """
    if request.content_type != "application/x-www-form-urlencoded":
        return
    try:
        text = request.body.decode()
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=most)
    except UnicodeDecodeError:
        return  # Django answers
    except ValueError as problem:
        raise TooManyFieldsSent(str(problem)) from problem
    posted = QueryDict(mutable=True)
    for name, value in fields:
        posted.appendlist(name, value)
    posted._mutable = False
    request.POST = posted  # type: ignore[assignment]
