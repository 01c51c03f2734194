"""XML read event by event within limits: no document type's entities, no deep nesting, nothing kept."""

from collections.abc import Iterable, Iterator
from typing import Protocol
from xml.parsers import expat

from evidence_cli.looks.sample import TornError

# No document nests deeper; expat keeps memory for every open element.
_DEPTH_LIMIT = 1000


class Handler(Protocol):
    """What is told of a document. Names are local, without their namespace; attributes keep theirs as `space name`."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def characters(self, text: str) -> None:
        """Text between tags; a run of text comes as one piece where no chunk ends in it."""


def read_xml(chunks: Iterable[bytes], handler: Handler, part: str, *, complete: bool = True) -> Iterator[None]:
    """Feed a document to the handler, and yield after each chunk.

    `part` names it in errors. `complete` is false where the chunks may end before the document does. Raises TornError
    when it is not well-formed, declares an entity or nests too deeply, and whatever drawing a chunk raises.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEPTH_LIMIT:
            raise TornError(f"{part}: nested too deeply")
        handler.start(name.rpartition(" ")[2], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        handler.end(name.rpartition(" ")[2])

    def refuse(*_declaration: object) -> None:
        raise TornError(f"{part}: declares an entity")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = handler.characters
    parser.EntityDeclHandler = refuse
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            yield
        if complete:
            parser.Parse(b"", True)
            yield
    except (expat.ExpatError, LookupError, ValueError) as problem:
        raise TornError(f"{part}: {problem}") from problem


def local(attributes: dict[str, str], name: str) -> str:
    """An attribute by its local name, whatever its namespace; empty if there is none."""
    if name in attributes:
        return attributes[name]
    return next((value for key, value in attributes.items() if key.endswith(" " + name)), "")
