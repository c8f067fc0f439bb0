"""Measurements (基准): what this machine reaches, on a throw-away database, ratios within one run.

Apart from the tests, which measure nothing: figures belong to the machine they are taken on, and only ratios from one run
travel.
"""
