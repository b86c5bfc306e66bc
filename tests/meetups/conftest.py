"""What the tests of meetups can ask for besides."""

from dovecot import dovecot

__all__ = ["dovecot"]
