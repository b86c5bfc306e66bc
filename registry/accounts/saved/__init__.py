"""Saved views: a list of the catalogue under a name, kept or shared, and the columns that somebody likes."""
