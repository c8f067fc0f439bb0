"""JSON shapes of trials."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from gateway.catalog.trials.model import Trial
from gateway.web import Model

Value = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class NewTrial(Model):
    """Sample parameters by name: those a call would send."""

    parameters: Annotated[dict[Value, Value], Field(max_length=50)] = {}


class MisfitShown(Model):
    """One way in which the source differs from the description."""

    code: str
    item: str | None = None
    detail: str
    detail_zh: str


class TrialShown(Model):
    """What a trial found; sensitive values of the sample are masked."""

    fits: bool
    records: int
    misfits: list[MisfitShown]
    sample: list[dict[str, Any]]

    @classmethod
    def of(cls, trial: Trial) -> "TrialShown":
        misfits = [
            MisfitShown(code=one.code, item=one.item or None, detail=one.en, detail_zh=one.zh)
            for one in trial.misfits
        ]
        if trial.problem is not None:
            said = trial.problem
            misfits.append(MisfitShown(code=said.slug(), detail=said.detail, detail_zh=said.detail_zh))
        return cls(fits=trial.fits, records=trial.records, misfits=misfits, sample=trial.sample)
