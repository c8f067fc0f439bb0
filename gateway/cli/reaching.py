"""The control API of a gateway anywhere, as commands reach it."""

from urllib.parse import urlsplit

import click

from gateway.cli.context import installation

URL = click.option("--url", help="The control API's address.  [default: the gateway running here]")


def base_of(ctx: click.Context, url: str | None) -> str:
    """The address without a slash at its end; by default that of the gateway of this installation.

    Raises:
        NotRunning: none is given and none runs here.
    """
    base = (url or installation(ctx).addresses()["control"]).rstrip("/")
    if urlsplit(base).scheme not in ("http", "https"):
        raise click.BadParameter("must be an http(s) address", param_hint="'--url'")
    return str(base)
