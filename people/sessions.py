"""Sessions in the database that say whose they are: session and account are read in one question.

Every page of the signed in asks for both. `of_this_request` is how the account that came with the
session reaches people.backends.Accounts, which Django asks by the account's number alone
(docs/adr/0015-session-and-account-together.md).
"""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import cache
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone

from people.models import Session, User

SESSION_FIELDS = [field.attname for field in Session._meta.concrete_fields]
USER_FIELDS = [field.attname for field in User._meta.concrete_fields]

Row = Sequence[Any]


class SessionStore(db.SessionStore):
    """Django's database sessions, with the account beside them."""

    account: User | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Our own table."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row of these data, with the account that they name."""
        row: Session = super().create_model_instance(data)  # type: ignore[assignment]
        row.user_id = data.get(SESSION_KEY)
        return row

    def _get_session_from_db(self) -> Session | None:
        row = _ask(self.session_key or "")
        if row is None:
            self.account = self._session_key = None
            return None
        width = len(SESSION_FIELDS)
        session = Session.from_db(connection.alias, SESSION_FIELDS, row[:width])
        self.account = (
            User.from_db(connection.alias, USER_FIELDS, row[width:]) if session.user_id else None
        )
        return session


def _ask(key: str) -> Row | None:
    """The values of a living session and its account."""
    if not key.isalnum():  # made up; a NUL among them would be an error
        return None
    sql, as_django = _question()
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(sql, [now, key])
        found = cursor.fetchone()
    return as_django(found) if found else None


@cache
def _question() -> tuple[str, Callable[[Row], Row]]:
    """The SQL that reads a session, and what makes Django's values of the database's.

    The ORM writes it once in a process's life: that takes it longer than asking takes the database.
    """
    sessions = Session.objects.select_related("user")
    wanted = sessions.filter(expire_date__gt=timezone.now(), session_key="")
    compiler = wanted.query.get_compiler(connection=connection)
    sql, _ = compiler.as_sql()
    converters = compiler.get_converters([column for column, *_ in compiler.select])
    return sql, lambda row: next(compiler.apply_converters([row], converters))


of_this_request: ContextVar[SessionStore | None] = ContextVar("of_this_request", default=None)
