"""The Social Account Registry: who speaks for an organisation on social media, and who could help them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from registry.config import Settings

__version__ = "0.1.0"


def create_app(settings: "Settings | None" = None) -> "Flask":
    """The app, ready to serve.

    Raises ``SettingsError`` where the settings cannot be used, and ``ViewWithoutRole`` where a view names
    nobody who may see it. The imports are here so that ``registry --help`` need not wait for them.
    """
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    from registry import config, dashboard, db, jobs, logs, outbox, web
    from registry.api import limits
    from registry.meetups import views as meetups
    from registry.people import signin, sso

    settings = settings or config.load()
    app = Flask(
        __name__, root_path=str(config.ROOT), static_folder=None, instance_path=str(settings.instance.resolve())
    )
    app.config.update(configuration(settings))
    logs.init_app(app)
    db.init_app(app)
    outbox.init_app(app)
    jobs.init_app(app)
    web.init_app(app)
    signin.init_app(web.login)
    sso.init_app(app, settings.sso)
    limits.init_app(app)
    for room in rooms():
        app.register_blueprint(room.bp)
    meetups.init_app(app)
    app.context_processor(dashboard.frame)
    if hops := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    web.check_views(app)
    return app


def rooms() -> list[Any]:
    """The modules whose pages there are, each with its blueprint ``bp``."""
    from registry import dashboard
    from registry.accounts import views as accounts
    from registry.accounts.answering import hand_over_pages, matter_pages
    from registry.accounts.answering import views as answering
    from registry.accounts.bulk import views as bulk
    from registry.accounts.duties import views as duties
    from registry.accounts.expectations import closure_pages
    from registry.accounts.expectations import views as expectations
    from registry.accounts.importing import views as imports
    from registry.accounts.naming import consent_pages
    from registry.accounts.naming import views as naming
    from registry.accounts.registering import views as registering
    from registry.accounts.reviewing import views as reviewing
    from registry.accounts.saved import views as saved
    from registry.api import token_pages
    from registry.api import views as api
    from registry.discovery import views as discovery
    from registry.footprint import views as footprint
    from registry.guidelines import difference_pages, evidence_pages, report_pages, signing_pages, writing_pages
    from registry.guidelines import views as guidelines
    from registry.lists import views as lists
    from registry.people import guest_pages, run_pages, subject_pages
    from registry.people import views as people
    from registry.public import views as public

    return [
        dashboard, accounts, registering, naming, consent_pages, expectations, closure_pages, reviewing, imports,
        answering, hand_over_pages, matter_pages, saved, bulk, footprint, guest_pages, *rooms_of_peers(), discovery,
        guidelines, writing_pages, difference_pages, report_pages, duties, signing_pages, evidence_pages, people,
        run_pages, subject_pages, lists, public, api, token_pages,
    ]  # fmt: skip


def rooms_of_peers() -> list[Any]:
    """Those of them in which peers find, help and meet one another."""
    from registry.digest import views as digest
    from registry.meetups import planning_pages, series_pages, speaking_pages
    from registry.meetups import views as meetups
    from registry.meetups.around import card_pages, door_pages, question_pages
    from registry.network import alone_pages, drop_in_pages, help_pages, voice_pages
    from registry.network import views as network

    return [
        network, alone_pages, voice_pages, help_pages, drop_in_pages, meetups, planning_pages, series_pages,
        speaking_pages, question_pages, card_pages, door_pages, digest,
    ]  # fmt: skip


def configuration(settings: "Settings") -> dict[str, Any]:
    """What Flask and its extensions are told."""
    from registry import db, keys, web

    return {
        "SETTINGS": settings,
        "VERSION": __version__,
        "SECRET_KEY": keys.secret_key(settings),
        "SESSION_COOKIE_NAME": "__Host-registry" if settings.https else "registry",
        "SESSION_COOKIE_SECURE": settings.https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        # Each answer signs the cookie anew, and one that was signed too long ago is worth nothing: the idle limit.
        # The absolute one is in the database; see people/signin.py.
        "PERMANENT_SESSION_LIFETIME": settings.session_idle_minutes * 60,
        "SESSION_REFRESH_EACH_REQUEST": True,
        "MAX_CONTENT_LENGTH": web.LARGEST_POST,
        "MAX_FORM_MEMORY_SIZE": web.LARGEST_POST,
        "WTF_CSRF_TIME_LIMIT": None,  # A token lives as long as its session: a form may be filled in slowly.
        "SQLALCHEMY_DATABASE_URI": settings.database(),
        "SQLALCHEMY_ENGINE_OPTIONS": db.engine_options(settings.database()),
        "MAIL_SERVER": settings.smtp.host,
        "MAIL_PORT": settings.smtp.port,
        "MAIL_USE_TLS": settings.smtp.starttls,
        "MAIL_USERNAME": settings.smtp.username or None,
        "MAIL_PASSWORD": settings.smtp.password.get_secret_value() or None,
        "MAIL_DEFAULT_SENDER": settings.smtp.sender,
        "MAIL_TIMEOUT": 30,
    }
