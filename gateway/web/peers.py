"""Whose certificates the gateway believes when it connects to others: departments, upper platforms, webhooks.

Without a recognised authority for peers it is whom the machine believes; with one, these alone (ASVS 5.0 12.3.2): a
public authority then vouches for nobody inside the government network.
"""

import ssl
from collections.abc import Iterable


def peer_tls(anchors: Iterable[bytes] = ()) -> ssl.SSLContext:
    """TLS for connecting to others, version 1.2 at least.

    Args:
        anchors: certificates of authorities in DER; none means those of the machine. Authorities with SM2 keys are of no use
            here: standard TLS has no suite for them.
    """
    trusted = tuple(anchors)
    if not trusted:
        made = ssl.create_default_context()
    else:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        for der in trusted:
            made.load_verify_locations(cadata=der)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made
