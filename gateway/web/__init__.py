"""HTTP: listeners, the hardened front, strict reading, routes, problem documents, OpenAPI.

Vocabulary: a *front* check looks at a request before anything else does; a *route* is one method on one path with
its access, its input and its answer; *given* is what a caller sent, validated; a *reply* is what goes back.
Invariants: no path, query name, header or body field passes that is not declared; a route without access is
closed; every failure is one RFC 9457 problem document, written in one place.
"""

from gateway.web.api import Api
from gateway.web.files import Document, Stream, Upload
from gateway.web.front import check_front
from gateway.web.listener import Listener, bound, listener_of, listening
from gateway.web.model import Code, Day, Instant, Line, Model, Note, Page, Slug, disagreement
from gateway.web.paging import PageQuery, Pager
from gateway.web.principal import Principal
from gateway.web.problems import problem_response, status_of
from gateway.web.reading import read_body, read_json
from gateway.web.routes import ANYONE, SIGNED_IN, Ask, Reply, Route

__all__ = [
    "ANYONE",
    "SIGNED_IN",
    "Api",
    "Ask",
    "Code",
    "Day",
    "Document",
    "Instant",
    "Line",
    "Listener",
    "Model",
    "Note",
    "Page",
    "PageQuery",
    "Pager",
    "Principal",
    "Reply",
    "Route",
    "Slug",
    "Stream",
    "Upload",
    "bound",
    "check_front",
    "disagreement",
    "listener_of",
    "listening",
    "problem_response",
    "read_body",
    "read_json",
    "status_of",
]
