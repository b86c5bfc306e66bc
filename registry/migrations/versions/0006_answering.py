"""Hand-overs, custody, access to withdraw, how an account is got at."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
