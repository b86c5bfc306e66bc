"""What the public may expect of an account: when it is staffed, how soon it answers, and what it is not for."""
