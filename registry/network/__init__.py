"""The peer network: what colleagues do, offer and ask for."""
