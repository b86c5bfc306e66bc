"""Peer meetups and training: series and single meetups, agenda, replies, invitations, and what is left of them."""
