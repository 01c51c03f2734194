"""Pictures: whether they are whole, their size in pixels, where they were taken. One module for each format."""

from collections.abc import Callable
from dataclasses import replace
from struct import error as struct_error

from evidence_cli.looks.facts import Facts, Gap
from evidence_cli.looks.inside import Inside
from evidence_cli.looks.inside.pictures.bmp import look_at_bmp
from evidence_cli.looks.inside.pictures.gif import look_at_gif
from evidence_cli.looks.inside.pictures.heif import look_at_heif
from evidence_cli.looks.inside.pictures.jpeg import look_at_jpeg
from evidence_cli.looks.inside.pictures.picture import Picture
from evidence_cli.looks.inside.pictures.png import look_at_png
from evidence_cli.looks.inside.pictures.rare import look_at_rare
from evidence_cli.looks.inside.pictures.svg import look_at_svg
from evidence_cli.looks.inside.pictures.tiff import look_at_tiff
from evidence_cli.looks.inside.pictures.webp import look_at_webp
from evidence_cli.looks.sample import Sample, TornError

_LOOKS: dict[str, Callable[[Sample], Picture]] = {
    "png": look_at_png,
    "jpeg": look_at_jpeg,
    "gif": look_at_gif,
    "bmp": look_at_bmp,
    "tiff": look_at_tiff,
    "webp": look_at_webp,
    "heic": look_at_heif,
    "svg": look_at_svg,
    "image": look_at_rare,
}


def look_inside(sample: Sample, facts: Facts) -> Inside:
    """The facts of a picture; the text of an SVG.

    Raises TornError where it is cut or does not decode, BombError where it has absurdly many pixels for its bytes;
    OSError.
    """
    try:
        seen = _LOOKS[facts.format](sample)
    except struct_error as problem:
        raise TornError(f"a field is cut: {problem}") from problem
    except MemoryError:
        seen = Picture(gaps=(Gap("health", "memory"),))
    return Inside(
        replace(
            facts,
            width=seen.width,
            height=seen.height,
            pages=seen.pages,
            position=seen.position,
            active=seen.active,
            gaps=(*facts.gaps, *seen.gaps),
        ),
        seen.passages,
    )
