"""Text files: txt, csv and html."""

import csv
import io
from collections.abc import Sequence

from evidence_cli.samples.container import allowed, escaped


def text(lines: Sequence[str]) -> bytes:
    """A text file as Notepad on every Windows reads it: UTF-8 with BOM, CRLF after each line."""
    return "".join(allowed(line).replace("\n", "\r\n") + "\r\n" for line in lines).encode("utf-8-sig")


def csv_table(rows: Sequence[Sequence[str | int | float]]) -> bytes:
    """A table as Excel and WPS in China read it: RFC 4180, UTF-8 with BOM, CRLF after each row."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerows([allowed(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def html(title: str, paragraphs: Sequence[str]) -> bytes:
    """A web page as a browser saves it: HTML 5, UTF-8, the title as its heading too."""
    heading = escaped(title)
    body = "".join(f"<p>{escaped(paragraph)}</p>\n" for paragraph in paragraphs)
    page = (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{heading}</title>\n</head>\n<body>\n<h1>{heading}</h1>\n{body}</body>\n</html>\n"
    )
    return page.encode("utf-8")
