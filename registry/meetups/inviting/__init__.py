"""Inviting by query: whom to ask to a meetup, what to write, a second pair of eyes, and what became of each."""
