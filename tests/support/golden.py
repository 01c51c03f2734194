"""Golden cases: small YAML files that change a clean workspace and say exactly what must be found then.

`tests/golden/README.md` lists the operations.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

import evidence_cli
from evidence_cli.jobs.scaffold import scaffold
from evidence_cli.messages import words
from evidence_cli.vocabulary.process import Action
from evidence_cli.workspace.open import open_workspace
from evidence_cli.workspace.records import RECORDS, EventRecord, write_record
from support import forms, sample_files, zips
from support.workspace import NOW, PACKAGES, QUESTIONS, write_table

Step = Mapping[str, Any]
# What one finding must be: its code, question and path.
Line = tuple[str, str | None, str]


@dataclass(frozen=True)
class Expected:
    """One finding that must be there; of its params only those that are named must agree."""

    line: Line
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """One file of tests/golden."""

    name: str
    what: str
    do: tuple[Step, ...]
    expect: tuple[Expected, ...] | None
    verify: tuple[Expected, ...] | None
    alone: tuple[Expected, ...] | None
    archived: tuple[Expected, ...] | None
    needs: str
    meanwhile: tuple[Step, ...]
    packages: bool
    codes: tuple[str, ...]
    now: datetime

    @property
    def checked_codes(self) -> set[str]:
        """Every code that the case expects somewhere."""
        lines = [*(self.expect or ()), *(self.verify or ()), *(self.alone or ()), *(self.archived or ())]
        return {expected.line[0] for expected in lines}


_KEYS = {"what", "do", "meanwhile", "expect", "verify", "alone", "archived", "needs", "packages", "codes", "now"}
_NEEDS = {"", "linux", "windows_names", "user"}


def load_case(path: Path) -> Case:
    """Read a case. Raises ValueError when the file is not one."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict) or (unknown := set(data) - _KEYS) or not isinstance(data.get("what"), str):
        raise ValueError(f"{path.name}: a case has what:, do: and expect: ({unknown})")
    if not {"expect", "verify", "alone", "archived"} & set(data) or data.get("needs", "") not in _NEEDS:
        raise ValueError(f"{path.name}: says nothing that could be tested, or needs something unknown")
    return Case(
        name=path.stem,
        what=data["what"],
        do=tuple(data.get("do", ())),
        expect=_expected(data.get("expect")),
        verify=_expected(data.get("verify")),
        alone=_expected(data.get("alone")),
        archived=_expected(data.get("archived")),
        needs=data.get("needs", ""),
        meanwhile=tuple(data.get("meanwhile", ())),
        packages=data.get("packages", False),
        codes=tuple(data.get("codes", ())),
        now=_moment(data.get("now")),
    )


def _moment(text: str | None) -> datetime:
    return NOW if text is None else datetime.fromisoformat(text).replace(tzinfo=NOW.tzinfo)


def _expected(rows: list[list[Any]] | None) -> tuple[Expected, ...] | None:
    if rows is None:
        return None
    return tuple(Expected((row[0], row[1], place(row[2])), row[3] if len(row) > 3 else {}) for row in rows)


def place(path: str) -> str:
    """A path with its short forms written out: `<1.1-01>`, `<1.1-01.zip>`, and `<ff>` for a byte that is no UTF-8."""
    for code, folder in QUESTIONS.items():
        path = path.replace(f"<{code}>", folder).replace(f"<{code}.zip>", PACKAGES[code])
    return re.sub("<([89a-f][0-9a-f])>", lambda match: chr(0xDC00 + int(match[1], 16)), path)


def found(findings: Iterable[evidence_cli.Finding]) -> list[Line]:
    """Findings as lines, those that a waiver covers marked by a `~`; the name of a record is not told by a case."""
    return [((f"~{f.code.value}" if f.waived else f.code.value), f.question, _named(f.path)) for f in findings]


def _named(path: str) -> str:
    return "@record" if path.startswith(f"{RECORDS}/") else path


def agree(report: evidence_cli.Report, expected: tuple[Expected, ...]) -> None:
    """Assert that the report's findings are exactly these, and that the named params agree."""
    assert sorted(found(report.findings), key=str) == sorted((one.line for one in expected), key=str)
    for one in expected:
        if one.params:
            candidates = [finding for finding in report.findings if found([finding]) == [one.line]]
            values = [{key: _value(finding, key) for key in one.params} for finding in candidates]
            assert dict(one.params) in values


def _value(finding: evidence_cli.Finding, key: str) -> Any:
    return finding.severity.value if key == "severity" else finding.params.get(key)


def perform(root: Path, steps: Iterable[Step]) -> None:
    """Do the steps of a case to a workspace. Raises ValueError for a step that is none."""
    for step in steps:
        verb = next(iter(step))
        if verb not in _VERBS:
            raise ValueError(f"no such step: {verb}")
        options = dict(step)
        subject = options.pop(verb)
        _VERBS[verb](root, subject, **{"as_" if key == "as" else key: value for key, value in options.items()})


def _path(root: Path, path: str) -> Path:
    return root / place(path)


def _fresh(root: Path, path: str) -> Path:
    target = _path(root, path)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_file() or target.is_symlink():
        target.unlink()
    return target


def _write(root: Path, path: str, **how: Any) -> None:
    _fresh(root, path).write_bytes(sample_files.make(place(path), **how))


def _patch(root: Path, path: str) -> None:
    """Change one byte of a file; its length and its time stay."""
    target = _path(root, path)
    before, data = target.stat(), bytearray(target.read_bytes())
    data[-8] ^= 1
    target.write_bytes(bytes(data))
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))


def _cut(root: Path, path: str, *, keep: float) -> None:
    target = _path(root, path)
    target.write_bytes(target.read_bytes()[: int(target.stat().st_size * keep)])


def _grow(root: Path, path: str) -> None:
    with _path(root, path).open("ab") as stream:
        stream.write(b"more")


def _touch(root: Path, path: str, *, year: int | None = None) -> None:
    moment = (NOW if year is None else datetime(year, 6, 1, tzinfo=NOW.tzinfo)).timestamp()
    os.utime(_path(root, path), (moment, moment))


def _copy(root: Path, path: str, *, to: str) -> None:
    source, target = _path(root, path), _fresh(root, to)
    shutil.copytree(source, target) if source.is_dir() else shutil.copyfile(source, target)


def _move(root: Path, path: str, *, to: str) -> None:
    _path(root, path).rename(_fresh(root, to))


def _delete(root: Path, path: str) -> None:
    target = _path(root, path)
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    else:
        target.unlink()


def _mkdir(root: Path, path: str) -> None:
    _path(root, path).mkdir(parents=True)


def _symlink(root: Path, path: str, *, to: str) -> None:
    _fresh(root, path).symlink_to(place(to))


def _fifo(root: Path, path: str) -> None:
    os.mkfifo(_fresh(root, path))


def _forbid(root: Path, path: str) -> None:
    _path(root, path).chmod(0)


def _table(root: Path, patch: Mapping[str, Any]) -> None:
    write_table(root, patch)


def _pack(root: Path, codes: list[str]) -> None:
    done = evidence_cli.pack(root, codes, now=NOW, jobs=1)
    if done.refused or done.failed:
        raise ValueError(f"not packed: {[finding.code.value for one in done.results for finding in one.errors]}")


def _receive(root: Path, path: str) -> None:
    done = evidence_cli.receive(_path(root, path), root, now=NOW, jobs=1)
    if done.refused or done.failed:
        raise ValueError(f"not received: {[finding.code.value for one in done.results for finding in one.errors]}")


def _decide(
    root: Path, action: str, *, codes: list[str], by: str = "副组长", note: str = "缺少网站截图", minutes: int = 0
) -> None:
    moment = NOW + timedelta(minutes=minutes)
    done = evidence_cli.decide(root, Action(action), codes, by=by, note=note, now=moment, jobs=1)
    if done.refused or done.failed:
        raise ValueError(f"not decided: {[str(one.failure) for one in done.results if one.failure]}")


def _record(root: Path, action: str, *, code: str, by: str, minutes: int = 0) -> None:
    """A record that evcli itself would not write now."""
    digest = evidence_cli.status(root, code, now=NOW, jobs=1).rows[0].digest or ""
    moment = NOW + timedelta(minutes=minutes)
    write_record(
        root, EventRecord(action=Action(action), question=code, digest=digest, by=by, time=moment, table="sha256:")
    )


def _submit(root: Path, by: str) -> None:
    if not evidence_cli.submit(root, by=by, now=NOW, jobs=1).done:
        raise ValueError("not submitted")


def _archive(root: Path, path: str) -> None:
    """Make a draft of an archive from what is packed."""
    evidence_cli.archive(_path(root, path), root, draft=True, now=NOW, jobs=1)


def _alter(root: Path, path: str, *, old: str, new: str) -> None:
    """Change the text of the only file that a pattern means."""
    [file] = root.glob(path)
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def _discard(root: Path, path: str) -> None:
    """Take away the only file that a pattern means."""
    [file] = root.glob(path)
    file.unlink()


def _form(root: Path, path: str, *, rows: list[list[Any]], headings: list[str] | None = None) -> None:
    """A form of a contribution with these rows: a CSV or a workbook, as its name says."""
    head = forms.HEADINGS if headings is None else headings
    make = forms.as_csv if path.endswith(".csv") else forms.filled
    _fresh(root, path).write_bytes(make(rows, headings=head))


def _init(root: Path, codes: list[str]) -> None:
    scaffold(open_workspace(root), codes, words=words("zh"))


def _zip(root: Path, path: str, **how: Any) -> None:
    zips.tamper(_path(root, path), **how)


def _zip_folder(root: Path, path: str, *, to: str, **how: Any) -> None:
    target = _fresh(root, to)
    zips.zip_folder(_path(root, path), target, **how)


_VERBS: dict[str, Callable[..., None]] = {
    "write": _write,
    "patch": _patch,
    "cut": _cut,
    "grow": _grow,
    "touch": _touch,
    "copy": _copy,
    "move": _move,
    "delete": _delete,
    "mkdir": _mkdir,
    "symlink": _symlink,
    "fifo": _fifo,
    "forbid": _forbid,
    "table": _table,
    "pack": _pack,
    "receive": _receive,
    "decide": _decide,
    "record": _record,
    "submit": _submit,
    "archive": _archive,
    "alter": _alter,
    "discard": _discard,
    "form": _form,
    "init": _init,
    "zip": _zip,
    "zip_folder": _zip_folder,
}
