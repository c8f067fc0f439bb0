"""Region codes (行政区划代码, GB/T 2260): who lies below whom."""


def significant(region: str) -> str:
    """What the code of a region and those of its subordinates begin with: ``6210`` of ``621000`` (GB/T 2260)."""
    while region.endswith("00") and len(region) % 2 == 0:
        region = region[:-2]
    return region
