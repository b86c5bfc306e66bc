"""Answering by a link, without signing in."""
