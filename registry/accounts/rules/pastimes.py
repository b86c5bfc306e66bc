"""Books, films, sport, games and other pastimes, as data. The notation is that of `rule`."""

import re

from registry.accounts.rules.parts import NUMBER, one_name
from registry.accounts.rules.rule import Example as Is
from registry.accounts.rules.rule import Form, Name
from registry.accounts.rules.rule import Refusal as Not

_GOODREADS = one_name(
    "goodreads",
    "Goodreads",
    "www.goodreads.com/{name}",
    first=(
        Form("user/show/{numbered}/**", "user"),
        Form("author/show/{numbered}/**", "author"),
        Form("group/show/{numbered}/**", "group"),
        Form("book|work|series|list|quotes|review|shelf/**", post="a book"),
    ),
    names_too={"numbered": Name(re.compile(r"([0-9]{1,12})(?:[-.][^/]*)?"), "a number and a name")},
    kinds_too={
        "user": "https://www.goodreads.com/user/show/{name}",
        "author": "https://www.goodreads.com/author/show/{name}",
        "group": "https://www.goodreads.com/group/show/{name}",
    },
    below="a page",
    reserved="user author group book work series list quotes review shelf genres giveaway choiceawards recommendations",
    examples=(
        Is("https://www.goodreads.com/group/show/123-readers", "group 123", "https://www.goodreads.com/group/show/123"),
        Is(
            "https://www.goodreads.com/user/show/1234567-brynmor-libraries",
            "user 1234567",
            "https://www.goodreads.com/user/show/1234567",
        ),
        Is(
            "https://www.goodreads.com/author/show/123.Nia_Example",
            "author 123",
            "https://www.goodreads.com/author/show/123",
        ),
        Is(
            "https://www.goodreads.com/BrynmorLibraries",
            "profile brynmorlibraries",
            "https://www.goodreads.com/BrynmorLibraries",
        ),
    ),
    refused=(
        Not("https://www.goodreads.com/book/show/123", "a book"),
        Not("https://www.goodreads.com/genres", "some other page"),
    ),
)
_LETTERBOXD = one_name(
    "letterboxd",
    "Letterboxd",
    "letterboxd.com/{name}",
    first=(
        Form("{name}/film|list/*/**", "profile", post="a review or a list"),
        Form("film|films|list/**", post="a film"),
    ),
    reserved="film films list lists journal members pro crew actor director activity studio",
    examples=(
        Is("https://letterboxd.com/BrynmorCinema/", "profile brynmorcinema", "https://letterboxd.com/BrynmorCinema"),
        Is(
            "https://letterboxd.com/brynmorcinema/films/",
            "profile brynmorcinema",
            "https://letterboxd.com/brynmorcinema",
        ),
        Is("letterboxd.com/brynmor_cinema", "profile brynmor_cinema", "https://letterboxd.com/brynmor_cinema"),
    ),
    refused=(
        Not("https://letterboxd.com/film/alien/", "a film"),
        Not("https://letterboxd.com/brynmorcinema/film/alien/", "a review or a list", "profile brynmorcinema"),
    ),
)
_STRAVA = one_name(
    "strava",
    "Strava",
    "www.strava.com/clubs/{name}",
    kind="club",
    first=(
        Form("clubs/{name}/group_events|posts|discussions/*/**", "club", post="a post"),
        Form("athletes|pros/{name}/**", "athlete"),
        Form("activities|segments|routes|challenges/**", post="an activity"),
        Form("clubs/search/**", post="a search"),
    ),
    kinds_too={"athlete": "https://www.strava.com/athletes/{name}"},
    examples=(
        Is(
            "https://www.strava.com/clubs/Brynmor-Runners",
            "club brynmor-runners",
            "https://www.strava.com/clubs/Brynmor-Runners",
        ),
        Is("https://www.strava.com/clubs/123456/leaderboard", "club 123456", "https://www.strava.com/clubs/123456"),
        Is("https://www.strava.com/athletes/1234567", "athlete 1234567", "https://www.strava.com/athletes/1234567"),
    ),
    refused=(
        Not("https://www.strava.com/activities/1234", "an activity"),
        Not("https://www.strava.com/clubs/search", "a search"),
    ),
)
_FLIPBOARD = one_name(
    "flipboard",
    "Flipboard",
    "flipboard.com/@{name}",
    shown="@{name}",
    below="a magazine",
    first=(Form("topic|article|redirect|section/**", post="an article"),),
    examples=(
        Is("https://flipboard.com/@BrynmorCouncil", "profile brynmorcouncil", "https://flipboard.com/@BrynmorCouncil"),
        Is(
            "https://www.flipboard.com/@brynmorcouncil?from=share",
            "profile brynmorcouncil",
            "https://flipboard.com/@brynmorcouncil",
        ),
        Is("flipboard.com/@brynmor_council", "profile brynmor_council", "https://flipboard.com/@brynmor_council"),
    ),
    refused=(
        Not("https://flipboard.com/@brynmorcouncil/libraries-abc", "a magazine", "profile brynmorcouncil"),
        Not("https://flipboard.com/topic/libraries", "an article"),
    ),
)
_INTERNET_ARCHIVE = one_name(
    "internetarchive",
    "Internet Archive",
    "archive.org/details/@{name}",
    also=("archiveorg",),
    first=(Form("details|download|stream|embed/(item)/**", post="an item"),),
    names_too={"item": Name(re.compile(r"[^@].*"), "an item")},
    examples=(
        Is(
            "https://archive.org/details/@Brynmor_Archives",
            "profile brynmor_archives",
            "https://archive.org/details/@Brynmor_Archives",
        ),
        Is(
            "https://www.archive.org/details/@brynmor_archives?tab=uploads",
            "profile brynmor_archives",
            "https://archive.org/details/@brynmor_archives",
        ),
        Is(
            "archive.org/details/@brynmor-archives",
            "profile brynmor-archives",
            "https://archive.org/details/@brynmor-archives",
        ),
    ),
    refused=(
        Not("https://archive.org/details/brynmor-map", "an item"),
        Not("https://archive.org/search?query=x", "a search"),
    ),
)
_ODYSEE = one_name(
    "odysee",
    "Odysee",
    "odysee.com/@{name}",
    shown="@{name}",
    below="a video",
    hosts=("lbry.tv",),
    shape=Name(re.compile(r"([^\s/@:#?&<>\"]{1,60})(?::[0-9a-f]{1,40})?"), "a name"),
    first=(Form("$/**", post="a page"),),
    examples=(
        Is("https://odysee.com/@BrynmorCouncil:3", "profile brynmorcouncil", "https://odysee.com/@BrynmorCouncil"),
        Is("https://www.odysee.com/@brynmorcouncil", "profile brynmorcouncil", "https://odysee.com/@brynmorcouncil"),
        Is("https://lbry.tv/@brynmorcouncil:3f", "profile brynmorcouncil", "https://odysee.com/@brynmorcouncil"),
    ),
    refused=(
        Not("https://odysee.com/@brynmorcouncil:3/a-day:1", "a video", "profile brynmorcouncil"),
        Not("https://odysee.com/$/search?q=x", "a page"),
    ),
)
_TRUTH = one_name(
    "truthsocial",
    "Truth Social",
    "truthsocial.com/@{name}",
    shown="@{name}",
    icon=False,
    first=(
        Form("@{name}/posts|statuses/*/**", "profile", post="a post"),
        Form("@{name}/#/**", "profile", post="a post"),
    ),
    examples=(
        Is(
            "https://truthsocial.com/@BrynmorCouncil",
            "profile brynmorcouncil",
            "https://truthsocial.com/@BrynmorCouncil",
        ),
        Is(
            "https://truthsocial.com/@brynmorcouncil/media",
            "profile brynmorcouncil",
            "https://truthsocial.com/@brynmorcouncil",
        ),
        Is("truthsocial.com/@brynmor_council", "profile brynmor_council", "https://truthsocial.com/@brynmor_council"),
    ),
    refused=(
        Not("https://truthsocial.com/@brynmorcouncil/posts/123", "a post", "profile brynmorcouncil"),
        Not("https://truthsocial.com/explore", "a search"),
    ),
)
_STEAM = one_name(
    "steam",
    "Steam",
    "steamcommunity.com/id/{name}",
    icon=True,
    first=(
        Form("profiles/{number}/**", "profile", url="https://steamcommunity.com/profiles/{name}"),
        Form("groups/{name}/announcements|discussions|events/*/**", "group", post="a post"),
        Form("groups/{name}/**", "group"),
        Form("app|sharedfiles|market|workshop|games|discussions/**", post="a game"),
    ),
    names_too={"number": NUMBER},
    kinds_too={"group": "https://steamcommunity.com/groups/{name}"},
    reserved="profiles groups app sharedfiles market workshop games discussions",
    examples=(
        Is(
            "https://steamcommunity.com/id/BrynmorMuseum/",
            "profile brynmormuseum",
            "https://steamcommunity.com/id/BrynmorMuseum",
        ),
        Is(
            "https://steamcommunity.com/profiles/76561198014898339",
            "profile 76561198014898339",
            "https://steamcommunity.com/profiles/76561198014898339",
        ),
        Is("https://steamcommunity.com/groups/brynmor", "group brynmor", "https://steamcommunity.com/groups/brynmor"),
    ),
    refused=(
        Not("https://steamcommunity.com/app/12345", "a game"),
        Not("https://steamcommunity.com/market/", "a game"),
    ),
)
_CHESS = one_name(
    "chesscom",
    "Chess.com",
    "www.chess.com/member/{name}",
    also=("chess",),
    first=(Form("club/{name}/**", "club"), Form("game|news|forum|blog|lessons/**", post="a page")),
    kinds_too={"club": "https://www.chess.com/club/{name}"},
    examples=(
        Is("https://www.chess.com/member/NiaExample", "profile niaexample", "https://www.chess.com/member/NiaExample"),
        Is("http://chess.com/member/niaexample/stats", "profile niaexample", "https://www.chess.com/member/niaexample"),
        Is(
            "https://www.chess.com/club/brynmor-chess", "club brynmor-chess", "https://www.chess.com/club/brynmor-chess"
        ),
    ),
    refused=(Not("https://www.chess.com/news/view/x", "a page"), Not("https://www.chess.com/game/live/1", "a page")),
)
_LICHESS = one_name(
    "lichess",
    "Lichess",
    "lichess.org/@/{name}",
    shape=Name(re.compile(r"[A-Za-z0-9_\-]{2,30}"), "letters, digits, dashes and underscores"),
    first=(
        Form("team/{name}/**", "team"),
        Form("@{name}/**", "profile"),
        Form("study|training|tournament|forum|broadcast/**", post="a page"),
    ),
    kinds_too={"team": "https://lichess.org/team/{name}"},
    examples=(
        Is("https://lichess.org/@/NiaExample", "profile niaexample", "https://lichess.org/@/NiaExample"),
        Is("https://lichess.org/@/niaexample/all", "profile niaexample", "https://lichess.org/@/niaexample"),
        Is("https://lichess.org/team/brynmor-chess", "team brynmor-chess", "https://lichess.org/team/brynmor-chess"),
    ),
    refused=(
        Not("https://lichess.org/AbCdEfGh", "some other page"),
        Not("https://lichess.org/study/AbCdEfGh", "a page"),
    ),
)
_TRELLO = one_name(
    "trello",
    "Trello",
    "trello.com/{name}",
    below="a page",
    first=(
        Form("b|c|invite|templates/**", post="a board"),
        Form("u|w/{name}/**", "profile"),
        Form("{name}/boards|activity|cards|profile|members", "profile"),
    ),
    reserved="b c invite templates u w power-ups guide platforms enterprise e inspiration",
    examples=(
        Is("https://trello.com/BrynmorCouncil", "profile brynmorcouncil", "https://trello.com/BrynmorCouncil"),
        Is("https://trello.com/u/brynmorcouncil/boards", "profile brynmorcouncil", "https://trello.com/brynmorcouncil"),
        Is("https://trello.com/w/brynmor", "profile brynmor", "https://trello.com/brynmor"),
    ),
    refused=(Not("https://trello.com/b/AbCdEf/our-plan", "a board"), Not("https://trello.com/templates/x", "a board")),
)

PASTIME_RULES = (
    _GOODREADS, _LETTERBOXD, _STRAVA, _FLIPBOARD, _INTERNET_ARCHIVE, _ODYSEE, _TRUTH, _STEAM, _CHESS, _LICHESS, _TRELLO,
)  # fmt: skip
