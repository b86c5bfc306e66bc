"""The digest: what is new among peers, in one mail a week or a month, for those who want it."""
