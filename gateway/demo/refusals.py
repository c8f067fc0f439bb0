"""A refusal in words: what a problem document (RFC 9457) says to the person who meets it."""

from gateway.deadlines import Line
from gateway.demo.api import Answer


def refusal_lines(answer: Answer) -> list[Line]:
    """Title, detail and remedy of a problem document, in both languages."""
    body = answer.body
    title, _, title_zh = str(body.get("title", "")).partition("（")
    return [
        Line(f"{answer.status} {title}: {body.get('detail')}",
             f"{answer.status} {title_zh.rstrip('）')}：{body.get('detail_zh')}"),
        Line(f"what to do: {body.get('remedy')}", f"怎么办：{body.get('remedy_zh')}"),
    ]  # fmt: skip
