"""A workspace in which two units owe a form, and what a check says of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import evidence_cli
from evidence_cli.jobs.scaffold import scaffold
from evidence_cli.messages import words
from evidence_cli.workspace.open import open_workspace
from support.workspace import FIRST, NOW, write_table

FOLDER = f"{FIRST}/汇总报送/01-惠企政策"
FINANCE, TAXES = f"{FOLDER}/市财政局", f"{FOLDER}/市税务局"
SUMMARY = f"{FIRST}/汇总报送/惠企政策-汇总.xlsx"
DUE = NOW + timedelta(days=1)
LATE = DUE + timedelta(seconds=1)
POLICIES: dict[str, Any] = {
    "id": "policies",
    "title": "惠企政策",
    "indicator": "1.1",
    "units": ["市财政局", "市税务局"],
    "form": "coverage",
    "due": f"{DUE:%Y-%m-%dT%H:%M}",
}


def prepare(root: Path, contributions: Sequence[Mapping[str, Any]] = (POLICIES,)) -> Path:
    """Have these contributions in the table, and everything that `init` makes for them."""
    write_table(root, {"contributions": list(contributions)})
    scaffold(open_workspace(root), words=words("zh"))
    return root


def put(root: Path, path: str, data: bytes) -> None:
    """A file of a unit."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def found(root: Path, now: datetime = LATE) -> list[tuple[str, str, Any]]:
    """What a check finds, the last codes first: code, path, and the reason, or the cells with what is wrong in each."""
    findings = evidence_cli.check(root, now=now, jobs=1).findings
    return sorted(
        ((finding.code.value, finding.path, _what(finding.params)) for finding in findings),
        key=lambda line: line[:2],
        reverse=True,
    )


def _what(params: Mapping[str, Any]) -> Any:
    if params.get("reason") == "cells":
        return [(place["at"], place["reason"]) for place in params["places"]]
    return params.get("detail") or params.get("reason") or params.get("unit")
