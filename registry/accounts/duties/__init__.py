"""Who must sign which guidelines: comms write down the rules, and see first how many people they name."""
