"""Names that accounts had, names that look alike, accounts that turned out to be one."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
