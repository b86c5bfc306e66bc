"""Who works here: people and teams from the directory, their roles, and how they sign in."""
