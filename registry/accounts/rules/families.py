"""All rules, in the order in which people meet the platforms, and what each family is called on a page."""

from registry.accounts.rules.blogs import BLOG_RULES
from registry.accounts.rules.closed import CLOSED_RULES
from registry.accounts.rules.code import CODE_RULES
from registry.accounts.rules.communities import COMMUNITY_RULES
from registry.accounts.rules.developers import DEVELOPER_RULES
from registry.accounts.rules.documents import DOCUMENT_RULES, LINK_RULES, PLACE_RULES
from registry.accounts.rules.facebook import FACEBOOK
from registry.accounts.rules.fediverse import BLUESKY, FEDIVERSE_RULES, WEBSITE
from registry.accounts.rules.giving import SUPPORT_RULES
from registry.accounts.rules.messages import MESSAGE_RULES
from registry.accounts.rules.pastimes import PASTIME_RULES
from registry.accounts.rules.pictures import PICTURE_RULES
from registry.accounts.rules.rule import Rule
from registry.accounts.rules.social import INSTAGRAM, THREADS, X
from registry.accounts.rules.sound import SOUND_RULES
from registry.accounts.rules.video import MORE_VIDEO_RULES, TIKTOK, YOUTUBE
from registry.accounts.rules.work import LINKEDIN, WORK_RULES
from registry.accounts.rules.world import WORLD_RULES

FAMILIES: tuple[tuple[str, tuple[Rule, ...]], ...] = (
    ("Used most", (X, FACEBOOK, INSTAGRAM, THREADS, LINKEDIN, YOUTUBE, TIKTOK, BLUESKY)),
    ("The fediverse", FEDIVERSE_RULES),
    ("Pictures", PICTURE_RULES),
    ("Video", MORE_VIDEO_RULES),
    ("Messages", MESSAGE_RULES),
    ("Communities and events", COMMUNITY_RULES),
    ("Blogs and newsletters", BLOG_RULES),
    ("Music and podcasts", SOUND_RULES),
    ("Documents", DOCUMENT_RULES),
    ("Places and reviews", PLACE_RULES),
    ("Pages of links", LINK_RULES),
    ("Code and data", CODE_RULES),
    ("Work and research", WORK_RULES),
    ("At home in one part of the world", WORLD_RULES),
    ("Giving and selling", SUPPORT_RULES),
    ("For developers", DEVELOPER_RULES),
    ("Pastimes and more", PASTIME_RULES),
    ("Other", (WEBSITE,)),
    ("Closed", CLOSED_RULES),
)
