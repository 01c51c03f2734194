"""What was read of a package as a JSON value, for the cache, and back: a package that did not change is not opened."""

import json
from typing import Any, BinaryIO

from evidence_cli.looks.packages.package import PackageFacts, package_root
from evidence_cli.looks.packages.record import PackageRecord, manifest_name, parse_record
from evidence_cli.looks.packages.zip_read import ZipFault
from evidence_cli.looks.tree import Entry, EntryType, Origin, Tree
from evidence_cli.vocabulary.catalogue import Code

_PLAIN = ("size", "wrapped", "outside", "algorithm", "manifest_error", "record_error")


def package_out(facts: PackageFacts) -> dict[str, Any]:
    """A value that JSON can hold. What the record and the manifest only repeat is left out."""
    record = facts.record
    value: dict[str, Any] = {name: getattr(facts, name) for name in _PLAIN}
    value["entries"] = [
        [e.path, e.raw, e.type.value, e.size, e.error, facts.digests.get(e.path, "")] for e in facts.tree.entries
    ]
    value["failed"] = {path: list(why) for path, why in facts.failed.items()}
    value["faults"] = [[fault.code.value, fault.entry, fault.params] for fault in facts.faults]
    value["manifest"] = True if facts.manifest == _listed(facts) else facts.manifest
    if record is not None:
        value["record"] = record.model_dump(mode="json", exclude={"files"})
        value["files"] = [
            [file.path, None if file.digests == _digest_of(facts, file.path) else file.digests, file.size]
            for file in record.files
        ]
    return value


def package_in(value: Any, shown: str) -> PackageFacts:
    """The facts again; nothing of the package can be opened. Raises ValueError, TypeError, LookupError or
    AttributeError for anything else."""
    entries = tuple(
        Entry(path, raw, EntryType(kind), size, error=error) for path, raw, kind, size, error, _ in value["entries"]
    )
    tree = Tree(package_root(shown, value["wrapped"]), Origin.PACKAGE, entries, _closed)
    faults = tuple(ZipFault(Code(code), entry, dict(params)) for code, entry, params in value["faults"])
    facts = PackageFacts(shown, image=None, tree=tree, faults=faults, **{name: value[name] for name in _PLAIN})
    facts.digests = {path: digest for path, _, _, _, _, digest in value["entries"] if digest}
    facts.failed = {path: (reason, detail) for path, (reason, detail) in value["failed"].items()}
    facts.manifest = _listed(facts) if value["manifest"] is True else value["manifest"]
    if "record" in value:
        facts.record = _record(facts, value)
    return facts


def _record(facts: PackageFacts, value: Any) -> PackageRecord:
    # Category and kind only serve those who read a package without evcli.
    files = [
        {
            "path": path,
            "category": "",
            "kind": "",
            "size": size,
            "digests": _digest_of(facts, path) if digests is None else digests,
        }
        for path, digests, size in value["files"]
    ]
    return parse_record(json.dumps(value["record"] | {"files": files}).encode())


def _listed(facts: PackageFacts) -> dict[str, str]:
    """What the manifest of a good package says."""
    own = manifest_name(facts.algorithm)
    return {path: digest for path, digest in facts.digests.items() if path != own}


def _digest_of(facts: PackageFacts, path: str) -> dict[str, str]:
    return {facts.algorithm: facts.digests.get(path, "")}


def _closed(entry: Entry) -> BinaryIO:
    raise OSError(None, f"{entry.path} was read before")
