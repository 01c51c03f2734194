"""Waivers: what their globs cover, and until when they count."""

from datetime import datetime

import pytest

from evidence_cli.rules.grade import grade
from evidence_cli.table import parse_table
from evidence_cli.vocabulary.catalogue import Code
from evidence_cli.vocabulary.findings import Hit
from evidence_cli.vocabulary.globs import glob_matches
from support.workspace import TABLE


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("佐证材料/**", "佐证材料/01-政策文件/a.pdf", True),
        ("佐证材料/**", "佐证材料/a.pdf", True),
        ("佐证材料/**", "答案.docx", False),
        ("佐证材料/**", "佐证材料(2)/a.pdf", False),
        ("佐证材料/*", "佐证材料/01-政策文件", True),
        ("佐证材料/*.pdf", "佐证材料/01-政策文件/a.pdf", False),
        ("**/*.pdf", "佐证材料/01-政策文件/a.pdf", True),
        ("**/*.pdf", "a.pdf", True),
        ("**/*.pdf", "a.pdfx", False),
        ("*.docx", "答案.docx", True),
        ("*.docx", "佐证材料/a.docx", False),
        ("佐证材料", "佐证材料/01-政策文件/a.pdf", True),
        ("佐证材料/", "佐证材料/a.pdf", True),
        ("/佐证材料/a?.pdf", "佐证材料/a1.pdf", True),
        ("佐证材料/a?.pdf", "佐证材料/a/.pdf", False),
        ("佐证材料/a[1].pdf", "佐证材料/a[1].pdf", True),
        ("佐证材料/a[1].pdf", "佐证材料/a1.pdf", False),
        ("a.pdf", "axpdf", False),
        ("**", "", False),
        ("佐证材料/**/x.pdf", "佐证材料/x.pdf", True),
        ("佐证材料/**/x.pdf", "佐证材料/一/二/x.pdf", True),
    ],
)
def test_a_glob_covers(pattern: str, path: str, *, matches: bool) -> None:
    assert glob_matches(pattern, path) is matches


@pytest.mark.parametrize(
    ("now", "waived"),
    [
        ("2026-06-01T00:00:00+08:00", True),
        ("2026-06-01T23:59:59+08:00", True),
        ("2026-06-02T00:00:00+08:00", False),
        # The same moments as clocks elsewhere show them.
        ("2026-06-01T15:59:59+00:00", True),
        ("2026-06-01T16:00:00+00:00", False),
        ("2026-06-01T11:00:00-05:00", False),
    ],
)
def test_a_waiver_counts_to_the_end_of_its_last_day_in_the_zone_of_the_table(now: str, *, waived: bool) -> None:
    waiver = "{rule: E203, question: 1.1-01, reason: 原文件名如此, by: 副组长, until: 2026-06-01}"
    table = parse_table(f"{TABLE}waivers: [{waiver}]\n".encode(), "indicators.yaml")
    hit = Hit(Code.NAME_UNUSUAL, "1.1-01", "x/佐证材料/a&b.pdf", "佐证材料/a&b.pdf")
    findings, off = grade([hit], table, datetime.fromisoformat(now))
    assert ([finding.waived for finding in findings], off) == ([waived], 0)
