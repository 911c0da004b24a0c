"""Who is asking, as far as rate limits need to know, and the limits themselves."""

import hashlib
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


def address(request: HttpRequest) -> str:
    """The visitor's network address.

    Behind N proxies (KSI_PROXIES) it is the Nth from the right in X-Forwarded-For, the last one
    that a proxy of ours wrote; anything further left can be made up by the visitor.
    """
    if settings.PROXY_COUNT:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if len(hops) >= settings.PROXY_COUNT and hops[-settings.PROXY_COUNT]:
            return hops[-settings.PROXY_COUNT]
    return request.META.get("REMOTE_ADDR", "")


@dataclass(frozen=True)
class Limit:
    """At most `times` requests per `seconds` for one key, counted in fixed windows.

    The count lives in the shared cache under a digest, so that no address is stored.
    """

    name: str
    times: int
    seconds: int

    def wait(self, key: str) -> int:
        """Count one request; 0 if it may go on, otherwise the seconds until the next window."""
        now = int(time.time())
        window, passed = divmod(now, self.seconds)
        digest = hashlib.blake2b(
            key.encode(), key=settings.SECRET_KEY.encode()[:64], digest_size=16
        ).hexdigest()
        entry = f"limit:{self.name}:{window}:{digest}"
        cache.add(entry, 0, timeout=self.seconds)
        try:
            count = cache.incr(entry)
        except ValueError:  # culled between the two calls: the window starts again
            cache.set(entry, 1, timeout=self.seconds)
            count = 1
        return self.seconds - passed if count > self.times else 0
