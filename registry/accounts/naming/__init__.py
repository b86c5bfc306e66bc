"""What an account is called, and was; which two are one; whose consent it takes, and who sees it."""
