"""TLS with a directory, checked by Python's own ``ssl``: ldap3 by itself checks nothing."""

import ssl
from typing import Any

from registry.config import LdapSettings
from registry.people.ldap import faults


class Handshake:
    """TLS as Python's own ``ssl`` does it: the certificate must be trusted, and made out to the host asked for."""

    def __init__(self, settings: LdapSettings, host: str) -> None:
        self.host = host
        self.fault: OSError | None = None  # ldap3 keeps only the words of what is raised here.
        try:
            self.context = ssl.create_default_context(cafile=settings.ca_file)
        except OSError:
            raise faults.of_certificates(settings) from None

    def __call__(self, connection: Any, do_handshake: bool = True) -> None:
        """In place of ``ldap3.Tls.wrap_socket``."""
        try:
            connection.socket = self.context.wrap_socket(
                connection.socket, server_hostname=self.host, do_handshake_on_connect=do_handshake
            )
        except OSError as error:
            self.fault = error
            raise
