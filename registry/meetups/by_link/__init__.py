"""Answering a meetup by the link in an invitation, without signing in."""
