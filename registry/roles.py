"""The five roles: what somebody may do beyond their own things."""

import enum


class Role(enum.StrEnum):
    """What somebody may do. Everybody who works here is staff; the others are granted."""

    STAFF = "staff"
    ORGANISER = "organiser"
    COMMS = "comms"
    AUDITOR = "auditor"
    ADMIN = "admin"


#: Roles that are given to people one by one, or through a directory group.
GRANTED = (Role.ORGANISER, Role.COMMS, Role.AUDITOR, Role.ADMIN)
