"""What an account is found by: its own words, and those of the people who answer for it.

Names change in many places: a reading of the directory, a hand-over, an import, two rows that become one, somebody who
is forgotten. So the database itself copies them into ``account.people_text``, and no writer has to think of it.
These are the statements for migrations; one that makes the table ``account`` anew on SQLite must run ``keep`` again.
"""

# ruff: noqa: S608 - these statements are written here, and nothing from outside comes into them

from typing import Final

from registry.search import index_for

COLUMNS: Final = ("search_text", "people_text")
#: The words of the people of the account ``{row}``.
PEOPLE: Final = (
    "(coalesce((SELECT search_text FROM person WHERE id = {row}.owner_id), '') || ' ' ||"
    " coalesce((SELECT search_text FROM person WHERE id = {row}.deputy_id), ''))"
)
_MINE: Final = PEOPLE.format(row="new")
_COPY: Final = f"UPDATE account SET people_text = {_MINE} WHERE id = new.id AND people_text IS NOT {_MINE};"
_REMOVE: Final = (
    "INSERT INTO account_search (account_search, rowid, search_text, people_text)"
    " VALUES ('delete', old.id, old.search_text, old.people_text);"
)
_ADD: Final = (
    "INSERT INTO account_search (rowid, search_text, people_text)"
    " SELECT id, search_text, people_text FROM account WHERE id = new.id;"
)
#: The order within each matters: the index must be told what stood in it before the row says otherwise. A trigger does
#: not set itself off on SQLite, so what the second copies it must index itself.
_SQLITE: Final = (
    "CREATE TRIGGER account_search_added AFTER INSERT ON account BEGIN"
    " INSERT INTO account_search (rowid, search_text, people_text)"
    f" VALUES (new.id, new.search_text, new.people_text); {_COPY} END",
    "CREATE TRIGGER account_search_changed AFTER UPDATE OF search_text, people_text, owner_id, deputy_id ON account"
    " WHEN old.search_text IS NOT new.search_text OR old.people_text IS NOT new.people_text"
    " OR old.owner_id IS NOT new.owner_id OR old.deputy_id IS NOT new.deputy_id"
    f" BEGIN {_REMOVE} {_COPY} {_ADD} END",
    f"CREATE TRIGGER account_search_removed AFTER DELETE ON account BEGIN {_REMOVE} END",
)
_SQLITE_PERSON: Final = (
    "CREATE TRIGGER person_accounts AFTER UPDATE OF search_text ON person"
    " WHEN old.search_text IS NOT new.search_text BEGIN"
    f" UPDATE account SET people_text = {PEOPLE.format(row='account')}"
    " WHERE owner_id = new.id OR deputy_id = new.id; END"
)
_POSTGRESQL: Final = (
    "CREATE FUNCTION copy_people() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN NEW.people_text := {PEOPLE.format(row='NEW')}; RETURN NEW; END $$",
    "CREATE TRIGGER account_people BEFORE INSERT OR UPDATE OF owner_id, deputy_id ON account"
    " FOR EACH ROW EXECUTE FUNCTION copy_people()",
    "CREATE FUNCTION copy_person() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN UPDATE account SET people_text = {PEOPLE.format(row='account')}"
    " WHERE owner_id = NEW.id OR deputy_id = NEW.id; RETURN NULL; END $$",
    "CREATE TRIGGER person_accounts AFTER UPDATE OF search_text ON person FOR EACH ROW"
    " WHEN (OLD.search_text IS DISTINCT FROM NEW.search_text) EXECUTE FUNCTION copy_person()",
)


def index(dialect: str) -> list[str]:
    """The statements that make the search index of accounts and fill it, without what keeps it."""
    made = [one for one in index_for("account", dialect, COLUMNS) if not one.startswith("CREATE TRIGGER")]
    fill = "INSERT INTO account_search (account_search) VALUES ('rebuild')"
    return [*made, fill] if dialect == "sqlite" else made


def keep(dialect: str) -> list[str]:
    """The statements that have the database keep the copy and the index, whoever changes an account or a person."""
    return [*_SQLITE, _SQLITE_PERSON] if dialect == "sqlite" else list(_POSTGRESQL)


def leave(dialect: str) -> list[str]:
    """The statements that take away what ``keep`` made."""
    if dialect == "sqlite":
        triggers = ("account_search_added", "account_search_changed", "account_search_removed", "person_accounts")
        return [f"DROP TRIGGER {name}" for name in triggers]
    return [
        "DROP TRIGGER person_accounts ON person", "DROP TRIGGER account_people ON account",
        "DROP FUNCTION copy_person()", "DROP FUNCTION copy_people()",
    ]  # fmt: skip
