"""SVG: well-formed to its end, what it runs and loads, its text in every encoding."""

import pytest

from evidence_cli.looks.facts import Active, Facts, Gap, Health, Place, Unit
from support.inside import look_inside

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="300px" height="200">'
SVG += "\n<title>总图</title>\n<text>一 <tspan>层</tspan></text>{}</svg>"


def test_svg() -> None:
    data = ('<?xml version="1.0" encoding="UTF-8"?>' + SVG.format("")).encode()
    facts, passages = look_inside(data, "svg")
    assert facts == Facts("svg", width=300, height=200)
    assert passages == [(Place(Unit.LINE, 2), "总图"), (Place(Unit.LINE, 3), "一 层")]
    for cut in range(0, len(data), 9):
        assert look_inside(data[:cut], "svg")[0].health is Health.DAMAGED


@pytest.mark.parametrize(
    ("inner", "active"),
    [
        ("<script>run()</script>", (Active.SCRIPT,)),
        ('<g onclick="run()"/>', (Active.SCRIPT,)),
        ('<a xlink:href=" JavaScript:run()"/>', (Active.SCRIPT,)),
        ('<image xlink:href="http://example.com/a.png"/>', (Active.EXTERNAL,)),
        ('<a href="https://example.com/"/><use href="#a"/><image href="data:image/png;base64,AA=="/>', ()),
    ],
)
def test_svg_that_does_something(inner: str, active: tuple[Active, ...]) -> None:
    facts = look_inside(SVG.format(inner).encode(), "svg")[0]
    assert (facts.health, facts.active) == (Health.OK, active)


def test_svg_entities() -> None:
    """Illustrator declares its namespaces as entities; a billion laughs are something else."""
    start = '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "http://www.w3.org/2000/svg">{}]>'
    plain = start.format("") + SVG.replace("http://www.w3.org/2000/svg", "&a;").format("&a;")
    assert look_inside(plain.encode(), "svg")[0].health is Health.OK
    laughs = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(8))
    bomb = start.format('<!ENTITY a0 "ha">' + laughs) + SVG.format("&a8;")
    assert look_inside(bomb.encode(), "svg")[0].health is Health.BOMB
    outside = start.format('<!ENTITY b SYSTEM "file:///etc/hostname">') + SVG.format("&b;")
    facts = look_inside(outside.encode(), "svg")[0]
    assert (facts.health, facts.active) == (Health.OK, (Active.EXTERNAL,))


@pytest.mark.parametrize("encoding", ["gb2312", "gbk", "gb18030", "utf-16", "utf-8-sig"])
def test_svg_encodings(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    data = (f'<?xml version="1.0" encoding="{declared}"?>' + SVG.format("")).encode(encoding)
    facts, passages = look_inside(data, "svg")
    assert (facts.health, facts.detail) == (Health.OK, "")
    assert [passage.text for passage in passages if not isinstance(passage, Gap)] == ["总图", "一 层"]
