"""What anybody may see: is this account ours, which are, and what has changed."""
