"""Whose finding is whose, for formats that speak question by question."""

from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256

from evidence_cli.messages import Words
from evidence_cli.reporters import Shown
from evidence_cli.vocabulary.findings import Finding, QuestionResult, Report

Group = tuple[QuestionResult | None, list[Finding]]


def by_question(report: Report, shown: Shown) -> list[Group]:
    """Every question of the report, in its order, with the findings to show; first those of no question, as None."""
    groups: list[Group] = [(None, []), *((question, []) for question in report.questions)]
    # By code, and by the path of folder or package: several packages of one question may be verified at once.
    by_code: dict[str, list[Group]] = {}
    by_path: dict[str, Group] = {}
    for group in groups[1:]:
        question = group[0]
        if question is not None:
            by_code.setdefault(question.code, []).append(group)
            by_path.setdefault(question.path or "", group)
    deepest = max((path.count("/") for path in by_path), default=0) + 1
    for finding in filter(shown, report.findings):
        same = by_code.get(finding.question, []) if finding.question is not None else []
        own = same[0] if len(same) == 1 else _inside(finding.path, by_path, deepest)
        (own or groups[0])[1].append(finding)
    return groups


def verdict(report: Report, words: Words) -> str:
    """How many questions pass; of packages of one question, or of none, the packages are what is counted."""
    codes = {question.code for question in report.questions if question.code}
    total = len(report.questions)
    passed = sum(1 for question in report.questions if question.passed)
    key = "report.summary" if len(codes) == total else "report.packages"
    return words.text(key, total=total, passed=passed, failed=total - passed)


def titles(report: Report) -> Callable[[QuestionResult], str]:
    """What to call each question of the report: by its path too, where it is not the only one of that name."""
    names = Counter(map(_title, report.questions))

    def title(question: QuestionResult) -> str:
        name = _title(question)
        return f"{name} ({question.path})" if names[name] > 1 else name

    return title


def fingerprints(findings: list[Finding]) -> Iterator[str]:
    """For each finding a name that stays the same from run to run, and that no other one of the report has."""
    seen: Counter[str] = Counter()
    for finding in findings:
        identity = "\0".join([finding.code.value, finding.question or "", finding.path])
        seen[identity] += 1
        text = f"{identity}\0{seen[identity]}"
        yield sha256(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()


def _inside(path: str, by_path: dict[str, Group], deepest: int) -> Group | None:
    """The question whose folder or package the path is, or lies in; none of them has more than `deepest` parts."""
    path = "/".join(path.split("/", deepest)[:deepest])
    while path:
        if found := by_path.get(path) or by_path.get(path.removesuffix("!")):
            return found
        path = path.rpartition("/")[0]
    return None


def _title(question: QuestionResult) -> str:
    return f"{question.code} {question.title}".strip() or question.path or ""
