"""The guidelines: their versions, and who has signed which."""
