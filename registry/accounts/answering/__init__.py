"""Who answers for an account, and what becomes of it when they cannot: hand-overs, custody, access, loss, closing."""
