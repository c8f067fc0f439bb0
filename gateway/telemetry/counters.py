"""Counters, gauges and histograms that cost a call next to nothing: plain numbers, shown to Prometheus when it asks.

Apart from the client library's own, which take a lock and a look-up in a guarded table for each step (1.6 µs, times a
dozen per call). These are changed by the event loop's thread alone; a reader in another thread sees some earlier or
later sum, never a broken one.
"""

import time
from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, Self, TypeVar

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

F = TypeVar("F", bound=Metric)


class _Measured(Collector, Generic[F]):
    """A family by its labels, or, where it has none, the one member of itself.

    Args:
        labels: names of the labels; a member is had by :meth:`labels` with a value for each.
    """

    def __init__(
        self,
        name: str,
        meaning: str,
        labels: Sequence[str] = (),
        *,
        registry: CollectorRegistry | None = None,
    ) -> None:
        self._name, self._meaning, self._labels = name, meaning, tuple(labels)
        self._members: dict[tuple[str, ...], Self] = {}
        if registry is not None:
            registry.register(self)

    def labels(self, *values: str) -> Self:
        """The member with these values, made where it is not there yet."""
        found = self._members.get(values)
        if found is None:
            if len(values) != len(self._labels):
                raise ValueError(f"{self._name} has the labels {self._labels}")
            found = self._members[values] = self._member()
        return found

    def collect(self) -> Iterator[F]:
        """The family as Prometheus reads it."""
        family = self._family()
        if not self._labels:
            self._add_to(family, ())
        for values, member in list(self._members.items()):  # a copy: others may be made meanwhile
            member._add_to(family, values)
        yield family

    def describe(self) -> Iterable[F]:
        """The family's name, without asking for its values."""
        return [self._family()]

    def _member(self) -> Self:
        return type(self)(self._name, self._meaning)

    @abstractmethod
    def _family(self) -> F:
        """Name, meaning and labels, without values."""

    @abstractmethod
    def _add_to(self, family: F, values: tuple[str, ...]) -> None:
        """Put this member's value into the family."""


class Counter(_Measured[CounterMetricFamily]):
    """What only grows."""

    value: float = 0

    def inc(self, more: float = 1) -> None:
        """Count ``more``."""
        self.value += more

    def _family(self) -> CounterMetricFamily:
        return CounterMetricFamily(self._name, self._meaning, labels=self._labels)

    def _add_to(self, family: CounterMetricFamily, values: tuple[str, ...]) -> None:
        family.add_metric(values, self.value)


class Gauge(_Measured[GaugeMetricFamily]):
    """What goes up and down."""

    value: float = 0

    def inc(self, more: float = 1) -> None:
        """Go up by ``more``."""
        self.value += more

    def dec(self, less: float = 1) -> None:
        """Go down by ``less``."""
        self.value -= less

    def set(self, value: float) -> None:
        """Stand at ``value``."""
        self.value = float(value)

    def set_to_current_time(self) -> None:
        """Stand at the present instant in Unix seconds."""
        self.set(time.time())

    def _family(self) -> GaugeMetricFamily:
        return GaugeMetricFamily(self._name, self._meaning, labels=self._labels)

    def _add_to(self, family: GaugeMetricFamily, values: tuple[str, ...]) -> None:
        family.add_metric(values, self.value)


class Histogram(_Measured[HistogramMetricFamily]):
    """How often something lay below each of some bounds, ascending, and the sum of it."""

    def __init__(
        self,
        name: str,
        meaning: str,
        labels: Sequence[str] = (),
        *,
        buckets: tuple[float, ...],
        registry: CollectorRegistry | None = None,
    ) -> None:
        self._bounds = buckets
        self._counts = [0] * (len(buckets) + 1)
        self._sum = 0.0
        super().__init__(name, meaning, labels, registry=registry)

    def observe(self, value: float) -> None:
        """One more of this size."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def _member(self) -> Self:
        return type(self)(self._name, self._meaning, buckets=self._bounds)

    def _family(self) -> HistogramMetricFamily:
        return HistogramMetricFamily(self._name, self._meaning, labels=self._labels)

    def _add_to(self, family: HistogramMetricFamily, values: tuple[str, ...]) -> None:
        sums: list[tuple[str, float]] = []
        count = 0
        for bound, counted in zip((*map(float, self._bounds), float("inf")), self._counts, strict=True):
            count += counted
            sums.append((str(bound) if bound != float("inf") else "+Inf", count))
        family.add_metric(values, buckets=sums, sum_value=self._sum)
