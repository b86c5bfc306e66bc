"""Connections to PostgreSQL that keep what they have prepared: planning takes longer than answering most questions."""

from typing import Any

import psycopg
from psycopg.pq import TransactionStatus


class Connection(psycopg.Connection[Any]):
    """A connection that ends with COMMIT what only read, however it is ended.

    SQLAlchemy ends with ROLLBACK what nobody committed, as with each page that is looked at. After a ROLLBACK psycopg
    has the server forget all statements that it has prepared, since a table of theirs may be gone with it: each page
    then has all its statements planned anew, which takes the server twice as long as answering them.
    """

    def rollback(self) -> None:
        """End the transaction; what failed, or might have written, is taken back."""
        if self.read_only and self.pgconn.transaction_status == TransactionStatus.INTRANS:
            self.commit()
        else:
            super().rollback()
