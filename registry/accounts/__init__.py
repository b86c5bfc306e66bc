"""The catalogue: every social media account of the organisation, with its platform, handle, owner and standing."""
