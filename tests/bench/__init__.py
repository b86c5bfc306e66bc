"""Measurements beside a reference in the same run; nothing here passes or fails."""
