"""级联 with upper platforms (省、国家): what goes up, what comes down, and a queue that outlives their outages.

Vocabulary: an *upper platform* (上级平台) is described by a file of ``config/federation``; a *cascade* is one thing told
to it: a catalogue entry (目录级联), a service or table (资源级联), an application (供需级联) or a correction (纠错); its
*upper id*, *code* and *status* are what the platform answered; a *signer* writes the headers a platform's style wants.
Invariants: a cascade is sent once per platform, object and version, though perhaps more than once over the wire;
cascades of one object go up in their order; an outage loses nothing and stops no local clock; keys are stored wrapped
and shown to nobody. The styles are compatibility adapters: none of their signatures covers what is sent.
"""

from gateway.federation.model import CascadeState, Flow, LocalApplication
from gateway.federation.platforms import Platform, Platforms, load_platforms
from gateway.federation.reporting import Reporting
from gateway.federation.sending import Sending
from gateway.federation.service import Cascades
from gateway.federation.upper import Uppers

__all__ = [
    "CascadeState",
    "Cascades",
    "Flow",
    "LocalApplication",
    "Platform",
    "Platforms",
    "Reporting",
    "Sending",
    "Uppers",
    "load_platforms",
]
