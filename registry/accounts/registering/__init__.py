"""From a proposal to a decision: the line manager's nod, the clocks of both, and what is there to paste meanwhile."""
