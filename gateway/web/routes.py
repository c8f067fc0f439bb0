"""A route: one method on one path, who may use it, what it takes, what it answers."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from multidict import CIMultiDict, MultiMapping

from gateway.errors import GatewayError, NotFound
from gateway.storage import Once
from gateway.web.files import Upload
from gateway.web.model import Model
from gateway.web.paging import PageQuery, Pager
from gateway.web.peer_certificate import PeerCertificate
from gateway.web.principal import Principal
from gateway.web.ranges import Span, wanted_span

ANYONE = frozenset({"*"})
"""No token needed."""

SIGNED_IN = frozenset({"+"})
"""Any identified person, whatever the role."""

G = TypeVar("G")
T = TypeVar("T")
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Ask(Generic[G]):
    """One request as a handler sees it.

    ``given`` is the validated body (POST, PUT) or query (GET, and where a file is sent); ``path`` the parameters of
    the path; ``once`` the caller's Idempotency-Key, if sent. For lists, ``given`` is a :class:`PageQuery`. ``proof`` is the
    DPoP header as it came, unread; ``headers`` are read for ranges alone; ``certificate`` what the caller presented in TLS, on routes open to anyone.
    """

    principal: Principal
    given: G
    path: dict[str, str]
    once: Once | None
    request_id: str
    pager: Pager
    list_context: str
    file: Upload | None = None
    proof: str | None = None
    certificate: PeerCertificate | None = None
    headers: MultiMapping[str] = field(default_factory=CIMultiDict)

    def uuid(self, name: str) -> UUID:
        """A path parameter as UUID.

        Raises:
            NotFound: it is none, so nothing can be there.
        """
        try:
            found = UUID(self.path[name])
        except ValueError:
            found = None
        if found is None or str(found) != self.path[name].lower():
            raise NotFound(f"{name} is not an id of this gateway", f"{name} 不是有效编号")
        return found

    def upload(self) -> Upload:
        """The file sent; for routes that take one."""
        if self.file is None:
            raise TypeError("this route takes no file")
        return self.file

    def span(self, tag: str, size: int) -> Span:
        """The bytes wanted of a file that is kept; for routes with ``ranges``.

        Raises:
            Malformed, RangeOutside: see :func:`wanted_span`.
        """
        return wanted_span(self.headers, tag, size)

    def after(self) -> str | None:
        """The key a list goes on after, from the caller's cursor.

        Raises:
            Invalid: the cursor belongs to another caller, list or filter.
        """
        return self.pager.start(cast(PageQuery, self.given), self.list_context)

    def page(self, found: Sequence[T], key: Callable[[T], str], show: Callable[[T], S]) -> "Reply":
        """The answer for a list; ``found`` holds one more than asked for when there are more."""
        return Reply(self.pager.page(found, cast(PageQuery, self.given), self.list_context, key, show))


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers: a model, a plain JSON value or a :class:`Document`, and headers of its own.

    ``status`` is the route's unless it says another one.
    """

    value: Any
    headers: dict[str, str] = field(default_factory=dict)
    status: int | None = None


Handle = Callable[[Any, Ask[Any]], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Route:
    """One entry of a room's ``ROUTES``.

    ``access`` holds role names, :data:`ANYONE` or :data:`SIGNED_IN`; ``given`` is the model of the body or query;
    ``returns`` the model of the answer; ``takes`` the media types of a file that is the body, ``given`` then being the
    query; ``gives`` the media types of a file that is the answer; ``ranges`` says that a part of
    it may be asked for; ``creates`` says that Idempotency-Key is honoured; ``problems`` are the
    refusals a caller should expect beside the general ones; ``waits`` says that the answer may be
    202 with ``Retry-After`` while the thing is not there yet; ``deep`` says that the last parameter of the path may hold slashes.
    ``handle`` is None, and ``name`` set, where the route is
    only described here and something else than the Api answers.
    """

    method: str
    path: str
    handle: Handle | None
    access: frozenset[str]
    summary: str
    summary_zh: str
    tag: str
    given: type[Model] | None = None
    returns: Any = None
    status: int = 200
    creates: bool = False
    form: bool = False
    takes: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    ranges: bool = False
    problems: tuple[type[GatewayError], ...] = ()
    waits: bool = False
    deep: bool = False
    name: str = ""

    @property
    def takes_body(self) -> bool:
        """Whether ``given`` is read from the body rather than the query."""
        return self.method in ("POST", "PUT") and not self.takes

    @property
    def operation_id(self) -> str:
        """The name of the operation in OpenAPI: the handler's, or its own where there is none."""
        return self.name or getattr(self.handle, "__name__", "")
