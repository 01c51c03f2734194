"""Archives: listed and checked, never unpacked to disk. One module for each format does the work."""

from collections.abc import Callable

from evidence_cli.looks.facts import Facts
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.archives.packed import look_inside_packed
from evidence_cli.looks.inside.archives.rar import look_inside_rar
from evidence_cli.looks.inside.archives.sevenzip import look_inside_7z
from evidence_cli.looks.inside.archives.tar import look_inside_tar
from evidence_cli.looks.inside.archives.zips import look_inside_zip
from evidence_cli.looks.sample import Sample

_INSPECTORS: dict[str, Callable[[Sample, Facts], Inside]] = {
    "zip": look_inside_zip,
    "7z": look_inside_7z,
    "rar": look_inside_rar,
    "tar": look_inside_tar,
    **dict.fromkeys(("gzip", "bzip2", "xz"), look_inside_packed),
}


def look_inside(sample: Sample, facts: Facts) -> Inside:
    """Whether an archive is whole and opens. Raises TornError, LockedError, BombError; OSError."""
    return _INSPECTORS[facts.format](sample, facts)
