"""Addresses of ratings."""

from functools import partial
from typing import Final
from uuid import UUID

from gateway.authz.grants.service import NoSuchGrant
from gateway.catalog import SelfApproval
from gateway.identity import Role
from gateway.names import GrantId
from gateway.quality.ratings.model import Rating
from gateway.quality.ratings.service import AlreadyAnswered, NoSuchRating, Ratings
from gateway.quality.ratings.store import AlreadyRated
from gateway.quality.ratings.wire import NewRating, NewRatingAnswer, RatingQuery, RatingShown
from gateway.web import SIGNED_IN, Ask, Page, Reply, Route


def _shown(ratings: Ratings, rating: Rating) -> Reply:
    return Reply(RatingShown.of(rating, ratings.now()))


async def rate_service(ratings: Ratings, ask: Ask[NewRating]) -> Reply:
    given, grant = ask.given, GrantId(ask.uuid("grant_id"))
    made = await ratings.rate(ask.principal, grant, given.score, given.about, given.words, ask.once)
    return _shown(ratings, made)


async def list_ratings(ratings: Ratings, ask: Ask[RatingQuery]) -> Reply:
    after, now = ask.after(), ratings.now()
    place = UUID(after) if after else None
    found = await ratings.listed(ask.principal, ask.given.unanswered, place, ask.given.limit + 1)
    return ask.page(found, lambda one: str(one.id), lambda one: RatingShown.of(one, now))


async def show_rating(ratings: Ratings, ask: Ask[None]) -> Reply:
    return _shown(ratings, await ratings.show(ask.principal, ask.uuid("rating_id")))


async def answer_rating(ratings: Ratings, ask: Ask[NewRatingAnswer]) -> Reply:
    given, one = ask.given, ask.uuid("rating_id")
    return _shown(ratings, await ratings.answer(ask.principal, one, given.answer, given.measures))


_route = partial(Route, tag="ratings", returns=RatingShown)
_REQUESTER: Final = frozenset({Role.REQUESTER})
_PROVIDER: Final = frozenset({Role.PROVIDER})

ROUTES: Final = [
    _route("POST", "/v1/grants/{grant_id}/ratings", rate_service, _REQUESTER, "Rate a service used", "服务评价（好差评）",
           given=NewRating, status=201, creates=True, problems=(NoSuchGrant, AlreadyRated)),
    _route("GET", "/v1/ratings", list_ratings, SIGNED_IN, "List ratings", "评价列表",
           given=RatingQuery, returns=Page[RatingShown]),
    _route("GET", "/v1/ratings/{rating_id}", show_rating, SIGNED_IN, "Show a rating", "查看评价",
           problems=(NoSuchRating,)),
    _route("POST", "/v1/ratings/{rating_id}/answer", answer_rating, _PROVIDER, "Answer a rating", "答复评价",
           given=NewRatingAnswer, problems=(NoSuchRating, AlreadyAnswered, SelfApproval)),
]  # fmt: skip
