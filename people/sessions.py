"""Sessions in the database that say whose they are: session and account are read in one question.

Every page of the signed in asks for both. `of_this_request` is how the account that came with the
session reaches people.backends.Accounts, which Django asks by the account's number alone
(docs/adr/0015-session-and-account-together.md).
"""

from contextvars import ContextVar
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

from people.models import Session, User


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
        row: Session | None = super()._get_session_from_db()  # type: ignore[misc]
        self.account = row.user if row else None
        return row


of_this_request: ContextVar[SessionStore | None] = ContextVar("of_this_request", default=None)
