"""A JPEG whose data ran out before its pixels: decoders fill what is missing with middle grey, and say nothing."""

from evidence_cli.looks.sample import Sample

# Flat grey repeats the same few bits for every block; whoever really drew it wrote them.
_TAIL_BITS = 4096
_LEAST_BITS = 256
_LONGEST_PERIOD = 512
# The shortest a block can be: one bit for its level, one for the end of its details.
_BLOCK_BITS = 2


def grey_rows(pixels: bytes, row: int) -> int:
    """How many rows at the bottom are nothing but the grey that a decoder fills in; `row` is the bytes of one."""
    grey = b"\x80" * row
    rows = 0
    while rows * row < len(pixels) and pixels[len(pixels) - (rows + 1) * row : len(pixels) - rows * row] == grey:
        rows += 1
    return rows


def ran_out(sample: Sample, start: int, end: int, blocks: int) -> bool:
    """Whether the data of the only scan, without restarts, cannot hold the `blocks` of flat grey at its end.

    Half of them are looked for: the others may touch what is above. Raises OSError.
    """
    wanted = min(blocks // 2 * _BLOCK_BITS, _TAIL_BITS)
    if wanted < _LEAST_BITS:
        return False
    raw = sample.read(max(start, end - wanted), min(end - start, wanted)).replace(b"\xff\x00", b"\xff")
    if len(raw) * 8 < wanted:
        return True
    # The last byte is filled up with ones (ITU-T T.81, F.1.2.3).
    bits = f"{int.from_bytes(raw[:-1], 'big'):0{8 * (len(raw) - 1)}b}"[-wanted:]
    return not any(bits[period:] == bits[:-period] for period in range(1, min(_LONGEST_PERIOD, wanted // 2)))
