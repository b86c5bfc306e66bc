"""Every field of every form, with all that people and programs send: a sentence beside it, or kept exactly."""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from functools import cache
from itertools import count
from typing import Any
from urllib.parse import quote

import cast
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from databases import SERVER, Databases
from flask import Flask
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.fields.core import UnboundField
from wtforms.validators import DataRequired

from registry.accounts import forms as accounts
from registry.accounts.answering import forms as answering
from registry.accounts.answering import hand_overs
from registry.accounts.answering.models import HandOver
from registry.accounts.answering.models import OfferState as HandOverState
from registry.accounts.bulk.forms import SeveralForm
from registry.accounts.bulk.queries import stamps
from registry.accounts.duties.forms import RulesForm
from registry.accounts.expectations import forms as expectations
from registry.accounts.importing import actions as imports_actions
from registry.accounts.importing import forms as imports
from registry.accounts.importing.models import ImportState
from registry.accounts.models import Account, Standing, Visibility
from registry.accounts.naming import forms as naming
from registry.accounts.platforms import Resolved, resolve
from registry.accounts.queries import Sight
from registry.accounts.registering import forms as registering
from registry.accounts.registering.models import Nod, NodAnswer
from registry.accounts.saved.forms import ColumnsForm, ViewForm
from registry.api import token_forms
from registry.db import db, now, today
from registry.digest.views import OftenForm
from registry.discovery import actions as sighting_actions
from registry.discovery import asked_links, campaigning, noting
from registry.discovery import campaign_forms as campaigns
from registry.discovery import forms as discovery
from registry.discovery import text_forms as texts
from registry.discovery.campaign_models import Asked
from registry.discovery.models import Claim, How, Sighting, SightingState
from registry.discovery.sweeping import forms as sweeping
from registry.fields import Form, StampedForm, lined, trimmed
from registry.footprint import actions as footprint_actions
from registry.footprint import forms as footprint
from registry.footprint import models as footprint_models
from registry.footprint.models import PlatformRequest
from registry.guidelines import actions as guidelines_actions
from registry.guidelines import forms as guidelines
from registry.guidelines import signing_forms
from registry.guidelines import writing_forms as writing
from registry.guidelines.models import Decline, Document, SigningRule, Version, VersionState
from registry.lists import actions as lists_actions
from registry.lists import forms as lists
from registry.lists.models import Audience
from registry.meetups import actions as meetup_actions
from registry.meetups import forms as meetups
from registry.meetups import speaking
from registry.meetups.actions import Plan
from registry.meetups.around import asking, attending
from registry.meetups.around import forms as around
from registry.meetups.by_link import links
from registry.meetups.inviting import actions as inviting_actions
from registry.meetups.inviting import forms as inviting
from registry.meetups.inviting import queries as inviting_queries
from registry.meetups.inviting.choosing import Choice as InvitingChoice
from registry.meetups.inviting.models import Fate as PersonFate
from registry.meetups.inviting.models import Hand, Round
from registry.meetups.models import (
    AgendaItem,
    Invitation,
    Kind,
    Meetup,
    MeetupState,
    OfferState,
    Series,
    SpeakingOffer,
    Way,
)
from registry.network import drop_ins, helping, voices
from registry.network import forms as network
from registry.network import peer_forms as peers
from registry.network.models import DropIn, HelpCall, Voice, VoiceState
from registry.people import forms as people
from registry.people import guest_forms, guests, run_forms
from registry.people import queries as people_queries
from registry.people.models import GuestKind, Person, SyncResult, SyncRun
from registry.roles import Role

LONG = 1_000_000
VALUES = (
    "", "   ", "\x00", "a\x00b", "a\udc80b", "x" * LONG, "<script>alert(1)</script>", "{{7*7}}", "\u202eolleh\u202c",
    "\u0085", "\x1b[31m", "ফরিদা বেগম 🦊 ‘quotes’ Łucja", "=1+1", "' OR 1=1 --", 'a "b" \\c', "a\r\nb\rc", "-1",
    "9" * 30, "%s %(x)s {0}", "\ufeffx", "👩‍👩‍👧",
)  # fmt: skip


#: What a database may choke on; all else is the same on both.
HARD_TO_KEEP = ("a\x00b", "a\udc80b", "x" * LONG, "9" * 30)
#: What a choice hears: it refuses one nonsense as any other.
NONSENSE = ("", "\x00", "\ud83d", "x" * LONG, "<script>alert(1)</script>", "a\r\nb\rc", "-1", "9" * 30)


@dataclass(frozen=True)
class Case:
    """Where a form is sent, and what is right in each of its fields."""

    path: str
    right: Callable[[int], dict[str, Any]]
    #: Fields whose text is kept as it is; the others stand for something else (a person, a list of topics, a choice).
    kept: tuple[str, ...] = ()
    #: Fields that the page does not show, so that nobody can be told of them; a program that sends nonsense is refused.
    #: Texts that are read and then gone.
    unkept: tuple[str, ...] = ()
    hidden: tuple[str, ...] = field(default=("next", "version", "platform", "address", "begun", "stamp"))


def account(number: int) -> dict[str, str]:
    """A new account, each time another."""
    return {
        "address": f"https://www.facebook.com/dunmorebadinput{number}", "platform": "", "title": "Dunmore Libraries",
        "purpose": "What is on.", "standing": "official", "owner": "all.doors", "deputy": "",
    }  # fmt: skip


WEEKDAYS = expectations.WEEKDAYS
TEXT = {
    "title": "Using social media at work", "about": "For everybody.", "principles": "Be kind: Thank people.",
    "text": "# Be kind", "questions": "Kind?\n[x] Yes\n[ ] No", "summary": "Shorter.", "material": "yes", "due_on": "",
}  # fmt: skip


def next_draft(_number: int) -> dict[str, str]:
    """The next version, with the stamp of the draft as it is now."""
    draft = db.session.scalars(sa.select(Version).where(Version.state == VersionState.DRAFT)).one()
    stamp = draft.stamp
    db.session.rollback()
    return TEXT | {"begun": stamp}


def a_draft(number: int) -> str:
    """The stamp of a draft that somebody else wrote on last and nobody has looked at."""
    comms = cast.comms_officer()
    document = db.session.scalars(sa.select(Document)).one()
    draft = guidelines_actions.draft(
        document=document, text=f"Be brief, {number}.", summary="", material=False, actor=comms
    )
    db.session.flush()
    draft.changed_by_id, stamp = comms.id, draft.stamp
    db.session.commit()
    return stamp


def publishing(number: int) -> dict[str, str]:
    """A draft that goes out without a second look."""
    return {"version": a_draft(number), "when": "now", "from_on": "", "unseen_reason": "It cannot wait."}


def retiring(_number: int) -> dict[str, str]:
    """Guidelines that hold are retired."""
    db.session.execute(sa.update(Document).values(retired_at=None))
    db.session.commit()
    return {"reason": "Others hold instead."}


def an_answer(_number: int) -> dict[str, str]:
    """What comms answer to somebody who does not sign, and whom nobody has answered yet."""
    db.session.execute(sa.update(Decline).values(settled_at=None))
    db.session.commit()
    return {"answer": "We have talked.", "then": "settled"}


def new_guest(number: int) -> dict[str, str]:
    """A new guest, each time another."""
    return {
        "name": f"Guest {number}", "mail": f"guest{number}@paths.example", "title": "Path warden", "team": "Corporate",
        "kind": "volunteer", "sponsor": "all.doors", "ends_on": today().isoformat(), "another": "",
    }  # fmt: skip


def closed_days(number: int) -> dict[str, str]:
    """A day on which we are closed, each time another."""
    day = today() + timedelta(days=number)
    return {"first": day.isoformat(), "last": f"{day:%d/%m/%Y}", "words": "Staff conference"}


OTHER = "https://www.facebook.com/dunmoreother"


def columns(number: int) -> dict[str, str]:
    """Which column of the file is which; another one each time, so that each has something to do."""
    return {"columns-0": "url", "columns-1": ("title", "purpose")[number % 2]}


def several(number: int) -> dict[str, str]:
    """A change of one account, with the stamp that it has now."""
    shared = sa.select(Account.id).where(Account.standing != Standing.PERSONAL)
    account_id = db.session.scalars(shared.order_by(Account.id)).first()
    assert account_id is not None
    stamp = stamps([account_id])[account_id]
    db.session.rollback()
    return {
        "seen": f"{account_id}.{stamp}", "asks": "q=library", "owner": "all.doors", "deputy": "", "team": "Corporate",
        "standing": "official", "topics": "libraries", "how": "add", "principle": "", "place": f"Dunmore {number}",
        "review_on": "",
    }  # fmt: skip


def against(_number: int) -> dict[str, str]:
    """What a line manager says, who has not answered yet."""
    db.session.execute(sa.update(Nod).values(answer=NodAnswer.WAITING))
    db.session.commit()
    return {"reason": "Who answers in the holidays?"}


def advice(_number: int) -> dict[str, str]:
    """An answer to who asked for a platform, and has none yet."""
    db.session.execute(sa.update(PlatformRequest).values(answer=footprint_models.Answer.WAITING))
    db.session.commit()
    return {"answer": "no", "advice": "Not yet.", "trial_until": ""}


def a_profile(_number: int) -> dict[str, Any]:
    """A profile, each part of which everybody sees."""
    said = {"about": "I run our pages.", "topics": "libraries", "offers": "cake", "asks": "writing", "place": "Canal",
            "reach": "Ring.", "common": ["video"]}  # fmt: skip
    return said | {f"{name}_for": "colleagues" for name in ("about", "topics", "offers", "asks", "place", "reach")}


def a_voice(_number: int) -> dict[str, str]:
    """Somebody whom nobody has asked to be a voice yet."""
    db.session.execute(sa.delete(Voice).where(Voice.state == VoiceState.ASKED))
    db.session.commit()
    return {"colleague": "all.doors", "subject": "Doors.", "topics": "doors"}


def unsettled(_number: int) -> dict[str, str]:
    """Thanks for what is not settled yet."""
    db.session.execute(sa.update(HelpCall).values(settled_at=None))
    db.session.commit()
    return {"thanks": "Thank you."}


def new_slots(number: int) -> dict[str, str]:
    """Slots on a day, each time another."""
    day = today() + timedelta(days=1 + number % 300)
    return {"day": day.isoformat(), "first": "12:00", "which": "", "slots": "1", "minutes": "15", "place": "Room 2"}


def unbooked(_number: int) -> dict[str, str]:
    """What to talk about in a slot that nobody has booked yet."""
    db.session.execute(sa.update(DropIn).values(booked_by_id=None, booked_at=None, about=""))
    db.session.commit()
    return {"about": "Alt text."}


def rules(number: int) -> dict[str, str]:
    """Who must sign, with other times each time; the first press of the button shows whom that is."""
    kept = db.session.scalars(sa.select(SigningRule.id).order_by(SigningRule.id)).first()
    db.session.rollback()
    return {
        "seen": "", "begun": "", "kept": str(kept), "whom": "owners", "standing": "official", "platform": "x",
        "team": "Corporate", "names": "all.doors", "grace_days": str(number % 300 + 1), "again_months": "12",
    }  # fmt: skip


def a_plan(_number: int) -> dict[str, str]:
    """A meetup in a fortnight."""
    return {
        "kind": "meetup", "title": "Lunch", "about": "For all.", "day": (today() + timedelta(days=14)).isoformat(),
        "at": "12:30", "which": "", "seen": "", "minutes": "60", "place": "Room 4", "online_link": "https://meet.example",
        "capacity": "20", "page": "https://event.example", "leader": "all.doors",
    }  # fmt: skip


def a_series(number: int) -> dict[str, str]:
    """A series that gives a meetup a year."""
    rule = {"nth": "1", "weekday": "3", "every_months": "12", "from_on": today().isoformat(), "leaders": "all.doors"}
    return {
        name: text for name, text in a_plan(number).items() if name not in ("day", "which", "seen", "page", "leader")
    } | rule


def another_series(number: int) -> dict[str, str]:
    """The same without its rule, which stays."""
    rule = ("nth", "weekday", "every_months", "from_on", "at")
    return {name: text for name, text in a_series(number).items() if name not in rule}


def a_line(_number: int) -> dict[str, str]:
    """A line of an agenda that has none."""
    db.session.execute(sa.delete(AgendaItem))
    db.session.commit()
    return {"title": "Tea", "minutes": "10", "is_talk": "y", "speaker": "all.doors"}


def unasked(_number: int) -> dict[str, str]:
    """Somebody who was not asked about an account that waits."""
    db.session.execute(sa.delete(Claim).where(Claim.person_id == cast.library_officer().id))
    db.session.execute(sa.update(Sighting).where(Sighting.handle == "@Seen").values(state=SightingState.NEW))
    db.session.commit()
    return {"colleague": "nia.okafor"}


def unanswered(_number: int) -> dict[str, str]:
    """What somebody says who was asked and has not answered."""
    db.session.execute(sa.update(Claim).values(answer=None, answered_at=None))
    db.session.execute(sa.update(Sighting).where(Sighting.handle == "@Mine").values(state=SightingState.ASKED))
    db.session.commit()
    return {"answer": "no", "colleague": "nia.okafor"}


def again(model: type[HandOver | Meetup | SpeakingOffer], **values: Any) -> Callable[[int], dict[str, Any]]:
    """Makes what is there as it was before a form was sent; the last of ``values`` is what that form says."""
    asked = {name: values.pop(name) for name in list(values)[1:]}

    def right(_number: int) -> dict[str, Any]:
        db.session.execute(sa.update(model).values(values))
        db.session.commit()
        return dict(asked)

    return right


def a_link(_number: int) -> dict[str, str]:
    """The one invitation, as it is now."""
    state = links.state_of(db.session.scalars(sa.select(Invitation)).one())
    db.session.rollback()
    return {"state": state, "fresh": "y"}


def how_many(_number: int) -> dict[str, str]:
    """The number of invitations that the draft is for."""
    draft = db.session.scalars(sa.select(Round)).one()
    hands: dict[Hand, list[int]] = {Hand.OUT: [], Hand.ADDED: []}
    listed = inviting_queries.on_list(InvitingChoice.of(draft.choice), Sight(comms=True), hands)
    number = inviting_queries.counts(listed, draft.meetup_id)[PersonFate.QUEUED]
    db.session.rollback()
    return {"expected": str(number)}


#: What a form carries that shows what is kept.
SHOWN = {"stamp": ""}
CASES: dict[type[FlaskForm], Case] = {
    registering.RefuseForm: Case("/accounts/{nodded}/nod/no", against, ("reason",)),
    footprint.UseForm: Case(
        "/platforms/x/decide", lambda _: {"use": "in use", "purpose": "For news.", "trial_until": ""}, ("purpose",)
    ),
    footprint.AskForm: Case(
        "/platforms/ask",
        lambda _: {"platform": "TikTok", "audience": "The young.", "purpose": "To show pools.", "hours": "4"},
        ("audience", "purpose"),
    ),
    footprint.AnswerForm: Case("/platforms/requests/{request}", advice, ("advice",)),
    ViewForm: Case(
        "/accounts/views/new",
        lambda number: {"asks": "q=library", "name": f"View {number}", "shared": "no"},
        ("name",),
        hidden=("asks",),
    ),
    ColumnsForm: Case(
        "/accounts/columns", lambda _: {"asks": "q=library", "columns": "owner"}, hidden=("asks", "columns")
    ),
    SeveralForm: Case("/accounts/several/change", several, ("place",), hidden=("seen", "asks")),
    accounts.NewAccountForm: Case("/accounts/new", account, ("title", "purpose")),
    accounts.ChangeAccountForm: Case(
        "/accounts/{account}/change",
        lambda number: (
            account(number)
            | {"language": "en", "topics": "libraries", "place": "Dunmore", "state": "", "principle": "", "stamp": ""}
        ),
        ("title", "purpose", "place"),
    ),
    accounts.SendBackForm: Case(
        "/accounts/{proposed}/send-back", lambda _: {"reason": "Please say more."}, ("reason",)
    ),
    naming.AddressForm: Case(
        "/accounts/{account}/rename",
        lambda number: {"address": f"https://www.facebook.com/dunmorerenamed{number}"},
        hidden=(),
    ),
    naming.OtherAccountForm: Case("/accounts/{account}/merge", lambda _: {"address": OTHER}, hidden=()),
    naming.TakenForm: Case("/accounts/{account}/handle-taken", lambda _: {"since": "1/5/2026", "then": "ask"}),
    naming.KeepForm: Case("/accounts/{account}/merge/{other}", lambda _: {"keep": "one"}),
    naming.ConsentForm: Case("/accounts/{asked}/consent", lambda _: {"visibility": "colleagues"}),
    naming.VisibilityForm: Case("/accounts/{account}/visibility", lambda _: {"visibility": "comms"}),
    naming.AskForm: Case("/accounts/{asked}/ask", lambda _: {"colleague": "all.doors"}),
    naming.WriteForm: Case("/accounts/ask-comms", lambda _: {"address": OTHER, "words": "Is this ours?"}),
    accounts.ButtonForm: Case("/accounts/{account}/review", lambda _: {}),
    expectations.HoursForm: Case(
        "/accounts/{account}/expectations/hours", lambda _: dict.fromkeys(WEEKDAYS, "9-5") | SHOWN
    ),
    expectations.BankHolidaysForm: Case(
        "/accounts/{account}/expectations/bank-holidays", lambda _: {"answer": "scotland"} | SHOWN
    ),
    expectations.ReplyForm: Case("/accounts/{account}/expectations/reply", lambda _: {"answer": "one-day"} | SHOWN),
    expectations.OutOfHoursForm: Case(
        "/accounts/{account}/expectations/out-of-hours", lambda _: {"answer": "ring 01632 960100"} | SHOWN, ("answer",)
    ),
    expectations.NotForForm: Case(
        "/accounts/{account}/expectations/not-for", lambda _: {"answer": "emergencies: ring 999"} | SHOWN, ("answer",)
    ),
    expectations.ClosureForm: Case("/accounts/expectations/closures/new", closed_days, ("words",)),
    imports.UploadForm: Case(
        "/accounts/imports", lambda _: {"file": (io.BytesIO(b"url,title\nhttps://x.com/dunmore,Dunmore\n"), "list.csv")}
    ),
    imports.ColumnsForm: Case("/accounts/imports/{file}/columns", columns),
    imports.ConfirmForm: Case("/accounts/imports/{held_file}/confirm", lambda _: {"closing": "3"}),
    answering.OfferForm: Case(
        "/accounts/{account}/hand-over",
        lambda _: {"colleague": "nia.okafor", "note": "It is in the vault.", "stays_on": ""},
        ("note",),
    ),
    answering.DeclineForm: Case(
        "/accounts/{offered}/hand-over/decline",
        again(HandOver, state=HandOverState.WAITING, reason="Not now."),
        ("reason",),
    ),
    answering.ContributorForm: Case("/accounts/{account}/contributors", lambda _: {"colleague": "nia.okafor"}),
    answering.MailboxForm: Case(
        "/accounts/{account}/mailbox", lambda number: {"mailbox": f"team{number}@dunmore.example"} | SHOWN, ("mailbox",)
    ),
    answering.AccessForm: Case(
        "/accounts/{account}/access",
        lambda _: (
            {"kept": "not known", "place": "Entry 7", "two_step": "on", "recovery": "corporate", "tools": ""} | SHOWN
        ),
        ("place", "tools"),
    ),
    answering.CustodyForm: Case("/accounts/{account}/custody", lambda _: {"reason": "They are away."}, ("reason",)),
    answering.LostForm: Case("/accounts/{account}/lost", lambda _: {"tried": "All of it."} | SHOWN, ("tried",)),
    answering.CloseForm: Case(
        "/accounts/{account}/close", lambda _: {"reason": "It is over.", "name": "kept"} | SHOWN, ("reason",)
    ),
    writing.DraftForm: Case("/guidelines/{slug}/draft", next_draft, ("title", "about", "text", "summary")),
    writing.LookForm: Case("/guidelines/{slug}/preview/ask", lambda number: {"version": a_draft(number)}),
    writing.SendBackForm: Case(
        "/guidelines/{slug}/preview/send-back",
        lambda number: {"version": a_draft(number), "reason": "Say more."},
        ("reason",),
    ),
    writing.RetireForm: Case("/guidelines/{slug}/retire", retiring, ("reason",)),
    writing.BringBackForm: Case("/guidelines/{slug}/bring-back", lambda _: {}),
    RulesForm: Case("/guidelines/{slug}/who", rules, hidden=("seen", "begun", "kept", "whom")),
    guidelines.SignForm: Case("/guidelines/{slug}", lambda _: {"version": "1", "agreed": "y"}),
    writing.PublishForm: Case("/guidelines/{slug}/preview", publishing, ("unseen_reason",)),
    signing_forms.WhyNotForm: Case(
        "/guidelines/{slug}/decline", lambda _: {"version": "1", "reason": "Not for us."}, ("reason",)
    ),
    signing_forms.SettleForm: Case("/guidelines/declines/{declined}", an_answer, ("answer",)),
    signing_forms.EnterForm: Case(
        "/guidelines/{slug}/enter",
        lambda _: {
            "colleague": "nia.okafor",
            "version": "1",
            "day": today().isoformat(),
            "method": "on paper",
            "consent": "Sheet 7.",
        },
    ),
    signing_forms.SureForm: Case(
        "/guidelines/{slug}/enter/sure",
        lambda _: {
            "whom": "2",
            "version": "1",
            "day": today().isoformat(),
            "method": "on paper",
            "consent": "Sheet 7.",
            "sure": "y",
        },
        hidden=("whom", "version", "day", "method", "consent"),
    ),
    meetups.MeetupForm: Case(
        "/meetups/new", a_plan, ("title", "about", "place", "online_link", "page"), hidden=("which", "seen")
    ),
    meetups.SeriesForm: Case("/meetups/series/new", a_series, ("title", "about", "place", "online_link")),
    meetups.SeriesChangeForm: Case(
        "/meetups/series/{series}/change", another_series, ("title", "about", "place", "online_link")
    ),
    meetups.CallOffForm: Case(
        "/meetups/{doomed}/call-off", again(Meetup, state=MeetupState.PLANNED, reason="Snow."), ("reason",)
    ),
    meetups.AnswerForm: Case(
        "/meetups/{meetup}/answer",
        lambda _: {"answer": "yes", "needs": "A ramp.", "shown": "y"},
        ("needs",),
        hidden=("answer", "shown"),  # The answers are buttons.
    ),
    meetups.RevokeForm: Case("/meetups/{meetup}/link-of/{librarian}", a_link, hidden=("state",)),
    meetups.OfferForm: Case(
        "/meetups/{meetup}/speak", lambda _: {"title": "Our cat", "pitch": "It works."}, ("title", "pitch")
    ),
    meetups.SettleForm: Case(
        "/meetups/{meetup}/speak/{librarian}/accept", again(SpeakingOffer, state=OfferState.OFFERED, reply="Do.")
    ),
    meetups.AgendaForm: Case("/meetups/{meetup}/agenda", a_line, ("title",)),
    around.QuestionForm: Case(
        "/meetups/{meetup}/questions", lambda _: {"text": "May I block them?", "unnamed": "y"}, ("text",)
    ),
    around.NoteForm: Case(
        "/meetups/{meetup}/questions/{question}/answer", lambda _: {"answer": "You may."}, ("answer",)
    ),
    around.LinkForm: Case(
        "/meetups/{meetup}/links", lambda _: {"title": "Slides", "url": "https://slides.example"}, ("title", "url")
    ),
    around.CardForm: Case(
        "/meetups/cards/new",
        lambda _: {
            "title": "Asked",
            "for_whom": "All",
            "result": "Answers.",
            "how": "",
            "campaign": "",
            "account": OTHER,
        },
        ("title", "for_whom", "result", "how", "campaign"),
    ),
    around.WalkInForm: Case("/meetups/{meetup}/door", lambda _: {"person": "nia.okafor"}),
    around.ThanksForm: Case(
        "/meetups/{over}/thanks", again(Meetup, thanked_at=None, what_next="More."), ("what_next",)
    ),
    discovery.TellForm: Case("/discover/tell", lambda _: {"seen": "saw @Dunmore tweeting", "platform": ""}),
    texts.LookForm: Case(
        "/discover/text",
        lambda _: {"text": "saw @Dunmore tweeting", "platform": ""},
        unkept=("text",),  # What is pasted is read, and kept nowhere.
    ),
    discovery.AskForm: Case("/discover/{seen}/ask", unasked),
    discovery.ReasonForm: Case("/discover/{seen}/not-ours", lambda _: {"reason": "A resident’s."}, ("reason",)),
    discovery.StepForm: Case("/discover/{fake}/steps", lambda _: {"what": "Reported."}, ("what",)),
    discovery.YoursForm: Case("/discover/yours/{mine}", unanswered),
    campaigns.CampaignForm: Case(
        "/discover/campaigns/new",
        lambda _: {"title": "Do you?", "team": "Corporate", "text": "Kindly."},
        ("title", "text"),
    ),
    campaigns.BeginForm: Case("/discover/campaigns/{campaign}/begin", lambda _: {"count": "7"}, hidden=("count",)),
    campaigns.AskedForm: Case(
        "/asked/{asked_token}", lambda _: {"use": "yes", "said": "A group.", "readiness": "willing"}, ("said",)
    ),
    sweeping.FilesForm: Case(
        "/discover/sweeps/new",
        lambda _: {"title": "Website", "files": (io.BytesIO(b"<a href='https://x.com/dunmore'>X</a>"), "a.html")},
        ("title",),
    ),
    sweeping.IgnoreForm: Case(
        "/discover/sweeps/ignored",
        lambda _: {"what": "https://x.com/newspaper", "reason": "A newspaper."},
        ("reason",),
    ),
    OftenForm: Case("/digest", lambda _: {"often": "weekly"}),
    inviting.WhoForm: Case(
        "/meetups/{meetup}/invite",
        lambda _: {
            "draft": "",
            "among": "running",
            "part": "owner",
            "platform": "x",
            "standing": "official",
            "place": "",
            "topic": "",
            "team": "Corporate",
            "under": "all.doors",
            "since": "1/5/2026",
            "came": "never",
            "lone": "lone",
            "signed": "",
        },
        hidden=("draft",),
    ),
    inviting.AddForm: Case("/meetups/{meetup}/invite/{draft}/people", lambda _: {"person": "nia.okafor"}),
    inviting.WordsForm: Case(
        "/meetups/{meetup}/invite/{draft}/words",
        lambda _: {"subject": "Come, {given name}", "text": "On {when}."},
        ("subject", "text"),
    ),
    inviting.CommentForm: Case("/meetups/{meetup}/invite/{draft}/comments", lambda _: {"text": "Fine."}, ("text",)),
    inviting.SendForm: Case("/meetups/{meetup}/invite/{draft}/send", how_many, hidden=("expected",)),
    network.ProfileForm: Case("/people/me/profile", a_profile, ("about", "place", "reach")),
    network.ChoicesForm: Case("/people/me/introductions", lambda _: {"introductions": "y", "calls": "y"}),
    peers.OfferVoiceForm: Case(
        "/people/me/voice", lambda _: {"subject": "Books.", "topics": "libraries"}, ("subject",)
    ),
    peers.AskVoiceForm: Case("/people/voices/new", a_voice, ("subject",)),
    peers.TrainedForm: Case("/people/voices/{voice}", lambda _: {"day": "31/03/2026"}),
    peers.HelpForm: Case(
        "/people/help", lambda _: {"words": "How?", "platform": "", "topic": "", "sure": ""}, hidden=("sure",)
    ),
    peers.AnswerForm: Case("/people/help/{asked_call}/answer", lambda _: {"answer": "can"}, hidden=("answer",)),
    peers.SettleForm: Case("/people/help/{own_call}/settle", unsettled, ("thanks",)),
    peers.SlotsForm: Case("/people/drop-ins/new", new_slots, ("place",), hidden=("which",)),
    peers.BookForm: Case("/people/drop-ins/{slot}", unbooked, ("about",)),
    lists.ListForm: Case(
        "/lists/{list}/change",
        lambda _: {"title": "Libraries", "topic": "reading", "about": "For all.", "audience": "colleagues"},
        ("title", "topic", "about"),
    ),
    lists.WhyForm: Case("/lists/{list}/entries/{entry}", lambda _: {"why": "It answers."}, ("why",)),
    lists.MoveForm: Case("/lists/{list}/entries/{entry}/move", lambda _: {"direction": "up"}, hidden=("direction",)),
    token_forms.TokenForm: Case(
        "/api-tokens/new", lambda _: {"name": "Website", "scopes": "people", "lifetime": "30"}, ("name",)
    ),
    people.SignOutForm: Case("/sign-ins/end", lambda _: {"sign_in": "1"}, hidden=("sign_in",)),
    guest_forms.GuestForm: Case("/guests/new", new_guest, ("name", "mail", "title")),
    guest_forms.LastDayForm: Case(
        "/guests/{guest}", lambda _: {"ends_on": today().isoformat(), "sponsor": "all.doors"}
    ),
    guest_forms.MergeForm: Case("/guests/{guest}/merge", lambda _: {"colleague": "all.doors"}),
    run_forms.AcceptForm: Case("/directory/{held}", lambda _: {"leavers": "7"}),
    people.SignInForm: Case("/sign-in", lambda _: {"login": "nia.okafor", "password": "quiet-please", "next": "/"}),
}


def form_classes(base: type[FlaskForm] = Form) -> Iterator[type[FlaskForm]]:
    """Every form of the register."""
    for one in base.__subclasses__():
        if one.__module__.startswith("registry.") and not one.__name__.startswith("_"):
            yield one
        yield from form_classes(one)


def fields(form: type[FlaskForm]) -> dict[str, UnboundField]:
    """The fields of a form by name."""
    return {name: getattr(form, name) for name in dir(form) if isinstance(getattr(form, name), UnboundField)}


@pytest.fixture(scope="module")
def filled(databases: Databases) -> Iterator[tuple[str, dict[str, object]]]:
    """A database that is copied for each test here, and the addresses of what is in it."""
    with databases.filling() as url:
        found = fill()
    yield url, found
    databases.drop(url)


@pytest.fixture
def database_url(databases: Databases, filled: tuple[str, dict[str, object]]) -> Iterator[str]:
    """A new database with all that the forms change."""
    url = databases.new(template=filled[0])
    yield url
    databases.drop(url)


@pytest.fixture
def places(client: Browser, filled: tuple[str, dict[str, object]]) -> dict[str, object]:
    """The addresses of what the forms change, with somebody signed in who may change it all."""
    client.as_(db.session.scalars(sa.select(Person).where(Person.username == "all.doors")).one())
    return filled[1]


def fill() -> dict[str, object]:
    """Make all that the forms change, and somebody who may; the addresses."""
    someone = cast.a_person("all.doors", name="Alba Doors", team=("Corporate",), roles=tuple(Role)[1:])
    asked = cast.an_account("https://x.com/alba", owner=cast.library_officer(), standing=Standing.PERSONAL, live=False)
    asked.owner_id, asked.consented_at, asked.visibility = someone.id, None, Visibility.COMMS
    document = cast.a_document()
    guidelines_actions.draft(document=document, text="# Be brief", summary="", material=False, actor=someone)
    found = {
        "account": cast.an_account(owner=someone).id,
        "proposed": cast.an_account(owner=someone, live=False).id,
        "other": cast.an_account(OTHER, owner=someone).id,
        "asked": asked.id,
        "offered": cast.an_account().id,
        "slug": document.slug,
        "guest": guests.add(
            name="Mair Huws", mail="", title="Path warden", team=None, kind=GuestKind.VOLUNTEER, ends_on=today(),
            sponsor=someone, actor=cast.comms_officer(),
        ).id,
    }  # fmt: skip
    follow_list = lists_actions.make(title="Libraries", topic="", about="", audience=Audience.MAKER, actor=someone)
    entry = lists_actions.add(follow_list=follow_list, account=cast.an_account(), why="It answers.", actor=someone)
    found |= {"list": follow_list.slug, "entry": entry.id}
    run = SyncRun(began_at=now(), ended_at=now(), result=SyncResult.HELD, held=7, reason="Seven people were not there.")
    db.session.add(run)
    offered = db.session.get_one(Account, found["offered"])
    hand_overs.offer(account=offered, taker=someone, note="", stays_on=False, actor=cast.library_officer())
    db.session.flush()
    found["held"] = run.id
    found["nodded"] = cast.an_account(live=False).id
    db.session.add(
        Nod(
            account_id=found["nodded"],
            manager_id=someone.id,
            asked_at=now(),
            due_on=today(),
            answer="waiting",
            reason="",
        )
    )
    found["request"] = footprint_actions.ask(platform="X", audience="All", purpose="News", hours=3, actor=someone).id
    content = b"url,title\nhttps://x.com/dunmore,Dunmore\n"
    files = [imports_actions.upload(file_name="list.csv", content=content, actor=someone) for _ in range(2)]
    files[1].state, files[1].updated, files[1].closing, files[1].of_accounts = ImportState.CHECKED, 3, 3, 9
    found["file"], found["held_file"] = files[0].id, files[1].id
    found |= peers_of(someone)
    found["declined"] = cast.decline(document, cast.library_officer()).id
    plan = Plan(kind=Kind.MEETUP, title="Lunch", begins_at=now(), ends_at=now() + timedelta(days=9))
    over = replace(plan, begins_at=now() - timedelta(days=9), ends_at=now() - timedelta(days=8))
    made = [meetup_actions.plan(actor=someone, what=one) for one in (plan, plan, over)]
    found |= dict(zip(("meetup", "doomed", "over"), [one.id for one in made], strict=True))
    rule = {"every_months": 12, "nth": 1, "weekday": 3, "at": time(12), "minutes": 60, "from_on": today()}
    series = Series(kind=Kind.MEETUP, title="Lunch", **rule)
    meetup_actions.begin_series(actor=someone, series=series, leaders=[])
    found["series"] = series.id
    found["draft"] = inviting_actions.begin(meetup=made[0], choice=InvitingChoice(), actor=someone).id
    librarian = cast.library_officer()
    attending.came(meetup=made[2], person=librarian, way=Way.ORGANISER)
    speaking.offer(meetup=made[0], person=librarian, title="Our cat", pitch="", before=None)
    found["librarian"] = librarian.id
    db.session.add(Invitation(meetup_id=made[0].id, person_id=librarian.id, invited_at=now(), nonce="1"))
    found["question"] = asking.ask(meetup=made[0], person=librarian, text="May I?", unnamed=False).id
    return found | sightings(someone)


def sightings(someone: Person) -> dict[str, object]:
    """An account that waits, a fake, one that somebody was asked about, and a campaign that asks them."""
    found: dict[str, object] = {}
    for name in ("seen", "fake", "mine"):
        resolved = resolve(f"https://x.com/{name.capitalize()}")
        assert isinstance(resolved, Resolved)
        sighting = noting.note(resolved, how=How.PERSON, by=someone).sighting
        assert sighting is not None
        found[name] = sighting.id
    fake, mine = (db.session.get_one(Sighting, found[name]) for name in ("fake", "mine"))
    sighting_actions.decide(sighting=fake, state=SightingState.SPOOF, reason="It pretends.", actor=someone)
    sighting_actions.ask(sighting=mine, person=someone, actor=someone)
    campaign = campaigning.make(actor=someone, title="Do you?", text="Kindly.", team=None)
    asked = Asked(campaign_id=campaign.id, person_id=someone.id, nonce="x")
    db.session.add(asked)
    db.session.commit()
    return found | {"campaign": campaign.id, "asked_token": asked_links.token_of(asked)}


def peers_of(someone: Person) -> dict[str, object]:
    """A voice, a call that was asked of somebody, one of their own, and a slot that they could book."""
    nia, me = (people_queries.person(one.id) for one in (cast.library_officer(), someone))
    assert nia is not None
    assert me is not None
    voices.offer(person=nia, subject="Books.", about=[])
    asked, own = (
        helping.ask(asker=one, text="How?", platform="", topic=None, helpers=[helping.Helper(other, "they know")])
        for one, other in ((nia, me), (me, nia))
    )
    slots = drop_ins.make(host=nia, first=now() + timedelta(days=9), minutes=15, slots=1, place="Room 2", actor=nia)
    return {"voice": nia.id, "asked_call": asked.id, "own_call": own.id, "slot": slots[0].id}


@cache
def everywhere() -> sa.CompoundSelect[int]:
    """Asks all texts of all tables at once for ``value``."""
    value, asked = sa.bindparam("value", type_=sa.Text), []
    for table in db.metadata.sorted_tables:
        texts = [one for one in table.columns if isinstance(one.type, sa.String) and not isinstance(one.type, sa.Enum)]
        if texts:
            asked.append(sa.select(sa.literal(1)).select_from(table).where(sa.or_(*(one == value for one in texts))))
    return sa.union_all(*asked)


def kept_exactly(value: str) -> bool:
    """Whether some cell of the database holds the text."""
    found = db.session.execute(everywhere(), {"value": value}).first()
    db.session.rollback()
    return found is not None


def as_it_arrives(value: str) -> str:
    """What the app reads of a text: bytes that are no UTF-8 stay as they are written in the request."""
    return re.sub("[\ud800-\udfff]", lambda half: quote(half[0], errors="surrogatepass"), value)


#: What pages say that thank at once instead of leading on; of what is no account they say so.
THANKED = ("What stands in the text", "Thank you", "Is that an account?")


def is_taken(answer: Answer) -> bool:
    """Whether a form was; a token is shown at once, and never again; some are shown once more first."""
    again = "press the button once more" in answer.text or answer.all("input", name="sure")
    goes_on = answer.status_code == 200 and (again or answer.heading in THANKED)
    return answer.status_code == 302 or bool(answer.all("div", class_="reg-confirmation") or goes_on)


def is_required(unbound: UnboundField) -> bool:
    """Whether a field must hold some text."""
    return any(isinstance(one, DataRequired) for one in unbound.kwargs.get("validators", ()))


def verdict(answer: Answer, name: str, value: str, form: type[FlaskForm]) -> str:
    """Empty where the answer is as it should be, else what is wrong with it."""
    case, text = CASES[form], trimmed(as_it_arrives(value))
    if is_taken(answer):
        if not text and is_required(fields(form)[name]):
            return "taken, though there is nothing in it"
        if text and name == "text":  # The guidelines are kept to the last blank: their hash is evidence.
            text = lined(as_it_arrives(value))
        return "taken, but not kept as it was sent" if text and name in case.kept and not kept_exactly(text) else ""
    if name in case.hidden and answer.status_code == 404:
        return ""
    if answer.status_code not in (200, 409, 422):
        return f"answered {answer.status_code}"
    told = answer.errors or name in case.hidden
    return "" if told else f"answered {answer.status_code} without a sentence beside a field"


def values_for(unbound: UnboundField) -> tuple[str, ...]:
    """What a field is tried with."""
    return HARD_TO_KEEP if SERVER else VALUES if issubclass(unbound.field_class, StringField) else NONSENSE


@pytest.mark.parametrize("form", CASES, ids=[form.__name__ for form in CASES])
def test_every_field_takes_or_refuses_whatever_is_sent(
    app: Flask, client: Browser, places: dict[str, object], form: type[FlaskForm]
) -> None:
    case, numbers, faults = CASES[form], count(1), {}
    for name in fields(form):
        for value in values_for(fields(form)[name]):
            data = case.right(next(numbers)) | {name: value}
            # Taking a page apart that repeats a million letters takes a second.
            answer = client.post(case.path.format_map(places), data=data, check=len(value) < LONG)
            if fault := verdict(answer, name, value, form):
                faults[f"{name} = {ascii(value)[:40]}"] = fault
    assert faults == {}


@pytest.mark.parametrize("form", CASES, ids=[form.__name__ for form in CASES])
def test_what_is_right_is_taken(client: Browser, places: dict[str, object], form: type[FlaskForm]) -> None:
    answer = client.post(CASES[form].path.format_map(places), data=CASES[form].right(0))
    # Nobody can sign in with a password here: there is no directory.
    assert is_taken(answer) is (form is not people.SignInForm)


def test_every_form_and_every_field_is_tried(app: Flask, places: dict[str, object]) -> None:
    assert set(form_classes()) - {Form, StampedForm} == set(CASES)
    tried = {form: {name.partition("-")[0] for name in CASES[form].right(0)} for form in CASES}
    assert tried == {form: set(fields(form)) for form in CASES}


def test_every_text_is_kept_or_stands_for_something() -> None:
    stands_for_something = {"owner", "deputy", "topics", "offers", "asks", "login", "password", "sponsor", "team",
                            "ends_on", "colleague", "leavers", "since", "words", "address", "closing", "review_on",
                            "platform", "hours", "trial_until", "first", "last", "principles", "questions", "due_on",
                            "from_on", "names", "grace_days", "day", "consent", "at", "leader", "leaders", "speaker",
                            "person", "account", "reply", "seen", "under", "what",
                            *WEEKDAYS}  # fmt: skip
    left_over = {
        (form.__name__, name)
        for form, case in CASES.items()
        for name, unbound in fields(form).items()
        if issubclass(unbound.field_class, StringField)
        and name not in {*case.kept, *case.unkept, *case.hidden, *stands_for_something}
    }
    assert left_over == set()


@pytest.mark.parametrize("value", ["<b>bold</b>", "{{7*7}}", "'\"><img src=x onerror=alert(1)>"])
def test_what_is_shown_is_text_and_nothing_else(client: Browser, places: dict[str, object], value: str) -> None:
    data = account(1) | {
        "title": value,
        "purpose": value,
        "language": "en",
        "topics": value,
        "place": value,
        "state": "",
    }
    client.post(f"/accounts/{places['account']}/change", data=data)
    page = client.get(f"/accounts/{places['account']}")
    assert page.heading == value
    assert page.all("b") == []
    assert [image for image in page.all("img") if image.get("src") == "x"] == []
