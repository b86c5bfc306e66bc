"""What can be wrong between the register and the directory, each in one sentence with its mend.

The sentences name the setting as it is written in the environment, where the reader is about to change it.
Result codes are those of RFC 4511, appendix A.
"""

import re
import socket
import ssl
from pathlib import Path
from typing import Final

from registry.config import LdapSettings, variable

SUCCESS, TIME_LIMIT, SIZE_LIMIT, REFERRAL, ADMIN_LIMIT = 0, 3, 4, 10, 11
STRONGER_AUTH, CONFIDENTIALITY = 8, 13
NO_SUCH_OBJECT, INVALID_DN, INVALID_CREDENTIALS, BUSY, UNAVAILABLE, UNWILLING = 32, 34, 49, 51, 52, 53
NO_RIGHT: Final = 50
#: OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH.
NAME_MISMATCH: Final = (62, 64)
#: Its X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED.
NOT_YET_VALID, EXPIRED = 9, 10
#: Why Active Directory turns away somebody whose password may well be right: the number that it names in its answer
#: (winerror.h, in hexadecimal).
TURNED_AWAY: Final = {
    "530": "may not sign in at this hour", "531": "may not sign in from this machine",
    "532": "has a password that has expired", "533": "is disabled", "701": "has expired",
    "773": "must first choose a new password", "775": "is locked",
}  # fmt: skip
#: The same of 389 Directory Server, which tells it in words. The last are ours: it lets such an account in, and then
#: takes nothing from it but the new password.
ONLY_TO_CHANGE: Final = "a new password must be chosen first"
TOLD_IN_WORDS: Final = {
    "Account inactivated": "is disabled", "Account inactivity limit exceeded": "was not used for too long",
    "Exceed password retry limit": "is locked", "password expired!": "has a password that has expired",
    ONLY_TO_CHANGE: TURNED_AWAY["773"],
}  # fmt: skip

URIS, BASE_DN, TIMEOUT = variable("ldap.uris"), variable("ldap.base_dn"), variable("ldap.timeout")
BIND_DN, BIND_PASSWORD = variable("ldap.bind_dn"), variable("ldap.bind_password")
CA_FILE, STARTTLS, FILTER = (
    variable("ldap.ca_file"),
    variable("ldap.starttls"),
    variable("ldap.people_filter"),
)


class DirectoryError(Exception):
    """The directory cannot be used as it is set up. The text is one sentence: the setting, the fault; the mend."""


class DirectoryUnavailable(DirectoryError):
    """Nobody answers, or not in time; later somebody may."""


def of_connection(error: BaseException, uri: str, settings: LdapSettings) -> DirectoryError:
    """Why no connection came about. ``error`` is what the socket or OpenSSL raised."""
    match error:
        case socket.gaierror():
            return DirectoryUnavailable(
                f"{URIS}: no machine of the name in {uri} is known here; check how it is spelt."
            )
        case TimeoutError():
            return silent(uri)
        case ssl.SSLCertVerificationError() if error.verify_code in NAME_MISMATCH:
            return DirectoryError(
                f"{URIS}: the certificate of {uri} is made out to another name"
                f" ({error.verify_message.rstrip('.')}); write the name that is in the certificate."
            )
        case ssl.SSLCertVerificationError() if error.verify_code == EXPIRED:
            return DirectoryError(
                f"{URIS}: the certificate of {uri}, or one above it, has expired; have the directory's administrators"
                " renew it, unless the clock of this machine is wrong."
            )
        case ssl.SSLCertVerificationError() if error.verify_code == NOT_YET_VALID:
            return DirectoryError(
                f"{URIS}: the certificate of {uri}, or one above it, is not valid yet; check the clock of this machine"
                " and that of the directory."
            )
        case ssl.SSLCertVerificationError():
            trusted = settings.ca_file or "the authorities that this machine trusts"
            return DirectoryError(
                f"{CA_FILE}: the certificate of {uri} cannot be traced to {trusted} ({error.verify_message});"
                " give the PEM file of the authority that issued it."
            )
        case ssl.SSLError() | ConnectionResetError() | EOFError():
            return DirectoryError(
                f"{URIS}: {uri} does not answer in TLS; use the port of ldaps:// (mostly 636),"
                f" or ldap:// with {STARTTLS}=true."
            )
    return DirectoryUnavailable(
        f"{URIS}: nothing answers at {uri}; check the name and the port, and that the directory is running."
    )


def silent(uri: str) -> DirectoryUnavailable:
    """Somebody took the connection and then said nothing."""
    return DirectoryUnavailable(
        f"{URIS}: {uri} did not answer in time; check the address and the firewalls on the way,"
        f" or wait longer with {TIMEOUT}."
    )


def of_speech(uri: str, words: object) -> DirectoryUnavailable:
    """The connection broke, or what came over it was no LDAP."""
    return DirectoryUnavailable(
        f"{URIS}: {uri} does not answer in LDAP ({str(words)[:80]}); check that the port is the directory's,"
        " and ldaps:// or ldap:// as it wants."
    )


def of_starttls(uri: str, words: object) -> DirectoryError:
    """The directory refused to encrypt the connection."""
    return DirectoryError(
        f"{STARTTLS}: the directory at {uri} refuses it ({str(words)[:80]}); give the directory a certificate,"
        f" or write its ldaps:// address in {URIS}."
    )


def of_certificates(settings: LdapSettings) -> DirectoryError:
    """The file of trusted certificates cannot be used."""
    return DirectoryError(f"{CA_FILE}: {settings.ca_file} holds no certificate; give the path of a PEM file.")


def of_no_password(settings: LdapSettings) -> DirectoryError:
    """An account without a password would be a stranger's visit."""
    return DirectoryError(
        f"{BIND_PASSWORD} is empty; give the password of {settings.bind_dn}, or leave {BIND_DN} empty too."
    )


def of_filter() -> DirectoryError:
    """ldap3 could not read the filter."""
    return DirectoryError(f"{FILTER} is no filter; write it like (objectClass=inetOrgPerson).")


def of_file(path: Path, error: Exception) -> DirectoryError:
    """A demonstration's directory cannot be read."""
    return DirectoryError(f"{URIS}: {path} cannot be read as LDIF ({error}); give the path of such a file.")


def of_bind(code: int, words: str, settings: LdapSettings, uri: str) -> DirectoryError:
    """Why the directory did not let the register's own account in. ``code`` is not ``SUCCESS``."""
    if code in (STRONGER_AUTH, CONFIDENTIALITY):
        return DirectoryError(
            f"{STARTTLS}: the directory at {uri} takes no password over an unencrypted connection;"
            f" set it to true, or write the ldaps:// address in {URIS}."
        )
    if code in (BUSY, UNAVAILABLE):
        return DirectoryUnavailable(f"{URIS}: the directory at {uri} says that it is {words}; try again later.")
    if not settings.bind_dn:
        return DirectoryError(
            f"{BIND_DN}: the directory at {uri} tells strangers nothing ({words}); name a read-only account."
        )
    if code == INVALID_DN:
        return DirectoryError(
            f"{BIND_DN}: {settings.bind_dn!r} is no DN to this directory; write it like cn=reader,dc=example,dc=org."
        )
    if why := turned_away(words):
        return DirectoryError(
            f"{BIND_DN}: the account {settings.bind_dn} {why}, says the directory at {uri}; have its administrators"
            " let it in again."
        )
    return DirectoryError(
        f"{BIND_PASSWORD}: the directory refuses {settings.bind_dn} with this password ({words});"
        f" check it and {BIND_DN}."
    )


def turned_away(words: str) -> str:
    """Why a directory does not let an account in, other than for its name or password; empty where that is all."""
    found = re.search(r"AcceptSecurityContext error, data ([0-9a-f]+)", words)
    if found:
        return TURNED_AWAY.get(found[1], "")
    return next((why for told, why in TOLD_IN_WORDS.items() if told in words), "")


def of_search(code: int, words: str, settings: LdapSettings, base: str) -> DirectoryError:
    """Why a search could not even begin. ``code`` is not ``SUCCESS`` and no limit."""
    if code in (NO_SUCH_OBJECT, INVALID_DN):
        return DirectoryError(
            f"{BASE_DN}: there is no {base} in the directory, or {settings.bind_dn or 'a stranger'} may not see it;"
            " correct it, for example dc=example,dc=org."
        )
    if code in (BUSY, UNAVAILABLE):
        return DirectoryUnavailable(f"{URIS}: the directory says that it is {words}; try again later.")
    if code == REFERRAL:
        return DirectoryError(
            f"{URIS}: this directory sends those who ask for {base} to another one; give the other's address,"
            f" or correct {BASE_DN}."
        )
    return DirectoryError(
        f"{BIND_DN}: {settings.bind_dn or 'a stranger'} may not search {base} ({words});"
        " have the directory's administrators allow it to read."
    )


def of_end(code: int, words: str, settings: LdapSettings, read: int) -> str:
    """Why a reading that had begun is not complete: the result ``code`` of a page, in words."""
    who = settings.bind_dn or "strangers"
    if code == SIZE_LIMIT:
        return (
            f"{BIND_DN}: the directory gives {who} no more than {read} entries ({words}); have its"
            " administrators lift the size limit for this account."
        )
    if code == ADMIN_LIMIT:
        return (
            f"{BIND_DN}: the directory looks through only so many entries for {who}, and ended the reading after {read}"
            f" ({words}); have its administrators lift that limit for this account (nsLookThroughLimit: -1 in 389"
            " Directory Server)."
        )
    if code == TIME_LIMIT:
        return (
            f"{BIND_DN}: the directory's time limit for {who} ended the reading after {read} entries;"
            " have its administrators lift it for this account."
        )
    return f"{URIS}: the directory ended the reading after {read} entries ({words}); try again later."


def of_circles(read: int) -> str:
    """The pages of a reading lead nowhere."""
    return (
        f"{URIS}: the directory gave its pages in circles after {read} entries;"
        f" try another {variable('ldap.page_size')}."
    )


def of_lost_cookie(read: int) -> str:
    """A page does not say whether there are more, though others before it did."""
    return f"{URIS}: after {read} entries the directory did not say whether there are more; try again later."
