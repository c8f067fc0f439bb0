"""Contacts (联系人): per department the handler, the deputy and the head, and where notices to them go."""

from gateway.supervision.contacts.model import Contact
from gateway.supervision.contacts.service import Contacts

__all__ = ["Contact", "Contacts"]
