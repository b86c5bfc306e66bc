"""How the addresses of each platform are read: the rules are data, with examples that are also their tests."""
