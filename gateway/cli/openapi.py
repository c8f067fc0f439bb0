"""``./gw openapi``: the OpenAPI document of this version."""

import json

import click

from gateway.app import openapi
from gateway.exchange.description import openapi as openapi_of_calls


@click.command("openapi")
@click.option("--calls", is_flag=True, help="That of the calls (数据调用) instead of the control API's.")
@click.option("--json", "as_json", is_flag=True, help="On one line, for scripts.")
def command(calls: bool, as_json: bool) -> None:
    """Print the OpenAPI 3.1 document of the control API, or of the calls (接口文档).

    Each listener serves its own at /openapi.json.
    """
    document = openapi_of_calls() if calls else openapi()
    click.echo(json.dumps(document, ensure_ascii=False, indent=None if as_json else 1, sort_keys=False))
