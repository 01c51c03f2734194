"""An archive that is verified: its line in the report, and what is to be said of it."""

from pathlib import Path

from evidence_cli.examine.delivered import Delivered, shown_path
from evidence_cli.looks.bags.bag import BagFacts, read_bag
from evidence_cli.looks.bags.guard import BagFault, Trouble
from evidence_cli.rules.archives import of_bag
from evidence_cli.vocabulary.findings import NotDone, PackageState, QuestionResult
from evidence_cli.vocabulary.progress import Progress
from evidence_cli.workspace.open import Workspace


def examine_bag(path: Path, space: Workspace | None, progress: Progress) -> Delivered:
    """Read an archive whole and judge it; nothing outside it is read, and nothing is fetched or unpacked."""
    shown = shown_path(path, space)
    try:
        facts = read_bag(path, begin=lambda total: progress.begin("bag", total), advance=progress.advance)
    except OSError as error:
        # A folder in it that cannot be listed, or the archive itself.
        detail = error.strerror or str(error)
        facts = BagFacts(faults=[BagFault(Trouble.UNREADABLE, "", "file", detail)])
    line = QuestionResult(
        code="",
        title=path.name,
        indicator=None,
        owner=None,
        files=facts.files,
        bytes=facts.bytes,
        digest=None,
        passed=True,
        package=PackageState.BROKEN if facts.faults else PackageState.CURRENT,
        path=shown,
    )
    lacking = [NotDone(f"{shown}/manifest-{name}.txt", "digest", "algorithm") for name in facts.lacking]
    return Delivered(line, [of_bag(shown, fault) for fault in facts.faults], lacking)
