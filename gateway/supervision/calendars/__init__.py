"""Working-day calendars as they were published here, one edition after the other.

Vocabulary: an *edition* 版次 is all calendar files as they stood at a publication, with the instant from which they
count; a *shift* is what an edition changes of one open clock; *drift* is a stored due date that differs from the
computed one, and must be none.
Invariants: an edition is never changed; it counts from an instant every process has learned of before; each deadline
it moves leaves a record with the old and the new date; clocks that ended are not touched.
"""

from gateway.supervision.calendars.model import Shift
from gateway.supervision.calendars.service import Calendars

__all__ = ["Calendars", "Shift"]
