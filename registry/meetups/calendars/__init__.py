"""Meetups in people's calendars: files by mail, what changes in them, answers that come back, and feeds."""
