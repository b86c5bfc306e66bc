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

    from registry import config, dashboard, db, logs, outbox, rooms, timetable, web
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
    timetable.init_app(app)
    web.init_app(app)
    signin.init_app(web.login)
    sso.init_app(app, settings.sso)
    limits.init_app(app)
    for room in rooms.every():
        app.register_blueprint(room.bp)
    meetups.init_app(app)
    app.context_processor(dashboard.frame)
    if hops := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    web.check_views(app)
    return app


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
