"""The company that a control call is about."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request

from fakekounta.control.calls import CallRefused
from fakekounta.control.described import TEXT, Schema
from fakekounta.worlds.handles import CompanyHandle
from fakekounta.worlds.namespace import Namespace

COMPANY: Mapping[str, Schema] = {"company_id": {**TEXT, "pattern": "^[0-9]+$"}}
"""The parameter by which a call chooses a company."""


def company_of_query(here: Namespace) -> CompanyHandle:
    """Return the company that the query names, or the default one. Raise CallRefused if there is none."""
    asked = request.args.get("company_id")
    if asked is None:
        return here.company
    for company in here.companies.values():
        if str(company.id) == asked:
            return company
    raise CallRefused(f"company_id: the companies are {', '.join(map(str, here.companies))}", 404)
