"""Whether each account is still right: asking its people, telling comms, setting dormant what nobody answers for."""
