"""What the worker does for peers each hour: no call for help stays without an answer, nobody waits for a leaver."""

from typing import Final

from registry.config import Settings
from registry.db import db, hold_back_forms
from registry.network import drop_ins, helping

PEERS: Final = "peers"
#: What the overview calls the job.
NAMES: Final = {PEERS: "See after calls for help and drop-ins"}
#: At which minute of an hour it is looked at.
MINUTES: Final = {PEERS: "15"}


def see_after_peers(_settings: Settings) -> str:
    """Ask comms where peers cannot or do not answer; free or take back the slots of those who have left."""
    hold_back_forms()
    asked, freed = helping.ask_comms_instead(), drop_ins.settle_the_left()
    db.session.commit()
    return f"{asked} calls went to comms, {freed} slots of leavers settled"


JOBS: Final = {PEERS: see_after_peers}
