"""Changing many accounts at once: chosen, looked at before anything happens, and undone where it was a mistake."""
