"""The record's text is that of the standard library's encoder, to the byte."""

import json

from hypothesis import given
from hypothesis import strategies as st

from evidence_cli.looks.packages.record import PackageRecord, RecordedFile, RecordedLayout, RecordedQuestion

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
files = st.builds(
    RecordedFile,
    path=texts,
    category=texts,
    kind=texts,
    size=st.integers(0, 2**70),
    digests=st.dictionaries(texts, texts, max_size=2),
)


@given(texts, st.lists(files, max_size=3))
def test_any_record(text: str, listed: list[RecordedFile]) -> None:
    record = PackageRecord(
        format="evcli.package/1",
        evaluation=text,
        question=RecordedQuestion(code=text, title=text),
        layout=RecordedLayout(answer=text, evidence=text),
        algorithm="sm3",
        digest=text,
        files=tuple(listed),
    )
    expected = json.dumps(record.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"
    assert record.to_bytes().decode() == expected
