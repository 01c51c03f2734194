"""Numbers as people write them, and the coverage that follows from two of them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_cli.vocabulary.figures import Figure, coverage, figure, follows, rounded

WHOLE = st.integers(0, 10**12)
_FULL = str.maketrans("0123456789.,%", "０１２３４５６７８９．，％")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", Figure(Decimal(12))),
        (" 1,200 ", Figure(Decimal(1200))),
        ("１，２００", Figure(Decimal(1200))),
        ("1 200", Figure(Decimal(1200))),
        ("-3", Figure(Decimal(-3))),
        ("−3", Figure(Decimal(-3))),
        ("10.50", Figure(Decimal("10.50"), 2)),
        ("85％", Figure(Decimal(85), 0, True)),
        ("66.67 %", Figure(Decimal("66.67"), 2, True)),
        ("12.", Figure(Decimal(12))),
    ],
)
def test_what_people_write(text: str, value: Figure) -> None:
    assert figure(text) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "12家", "约12", "1,2", "12,34", "1,2345", "1e3", "0x10", "=1+1", "--1", "1-2", "1.2.3", "%", "NaN"),
        *("∞", "十二", "²", "1" * 16, "1" * 10_000, "Infinity", "１２家", "1_000", "12%%", "٣"),
    ],
)
def test_what_is_no_number(text: str) -> None:
    assert figure(text) is None


@given(WHOLE, st.booleans(), st.booleans())
def test_every_way_of_writing_means_the_same(number: int, grouped: bool, full: bool) -> None:
    text = f"{number:,}" if grouped else str(number)
    assert figure(text.translate(_FULL) if full else text) == Figure(Decimal(number))


@given(st.text(max_size=80))
def test_any_text_is_a_number_or_none(text: str) -> None:
    found = figure(text)
    assert found is None or (found.value.is_finite() and found.places <= 15)


@given(st.data(), st.integers(1, 10**9), st.integers(0, 6))
def test_a_coverage_rounded_anyhow_follows(data: st.DataObject, entitled: int, places: int) -> None:
    received = data.draw(st.integers(0, entitled))
    exact = coverage(entitled, received)
    assert exact is not None
    written = rounded(exact, places)
    for text in (f"{written:f}", f"{written:f}%"):
        share = figure(text)
        assert share is not None and follows(share, entitled, received)
    # One more in the last place that was written is another number.
    beyond = figure(f"{written + Decimal(1).scaleb(-places):f}%")
    wrong = abs(written + Decimal(1).scaleb(-places) - exact) > Decimal(5).scaleb(-places - 1) + Decimal("1e-9")
    assert beyond is not None and (not wrong or not follows(beyond, entitled, received))


@given(st.data(), st.integers(1, 10**6))
def test_a_stored_result_of_a_spreadsheet_follows(data: st.DataObject, entitled: int) -> None:
    received = data.draw(st.integers(0, entitled))
    for value in (received / entitled * 100, received / entitled):
        share = figure(f"{value:.15f}".rstrip("0")[:60])
        assert share is not None and follows(share, entitled, received)


def test_half_a_percent_is_no_half() -> None:
    written = [figure(text) for text in ("0.5", "0.5%", "50%")]
    assert [share is not None and follows(share, 2, 1) for share in written] == [True, False, True]


def test_nobody_is_entitled() -> None:
    assert coverage(0, 0) is None
    assert [follows(Figure(Decimal(value)), 0, 0) for value in (0, 100)] == [True, False]
