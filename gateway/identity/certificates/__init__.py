"""Certificates of application systems: registered beside keys, proved in mutual TLS (RFC 8705), honoured to their end.

Vocabulary: a *binding* says what ties a system to its certificate: this very one, issuer and subject, or, where no
authority vouches for it, the one the system signed itself.
Invariants: a certificate belongs to one system for ever; it is judged by its authority's policy at registration and at
every use; a name that is bound to one system lets no other in.
"""

from gateway.identity.certificates.model import Binding, CertificateRefused, ClientCertificate
from gateway.identity.certificates.service import ClientCertificates

__all__ = ["Binding", "CertificateRefused", "ClientCertificate", "ClientCertificates"]
