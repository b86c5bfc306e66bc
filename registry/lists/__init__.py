"""Lists of whom to follow: a topic, the accounts to begin with, and why each of them."""
