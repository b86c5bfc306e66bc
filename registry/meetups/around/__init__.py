"""What stands around a meetup: questions and their answers, links, who was there, thanks, and cards of what worked."""
