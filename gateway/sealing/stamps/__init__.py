"""What was stamped: stamps filed on documents, every examination of each, and the evidence an examination rests on."""

from gateway.sealing.stamps.model import FiledStamp, Subject, Trial
from gateway.sealing.stamps.service import Stamps

__all__ = ["FiledStamp", "Stamps", "Subject", "Trial"]
