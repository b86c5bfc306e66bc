"""Bringing in files of accounts: reading, judging and writing them, the pages for it, and the way back."""
