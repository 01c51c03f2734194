"""Packages made by other tools, and packages that somebody changed by hand."""

import os
import re
import stat
import warnings
import zipfile
from pathlib import Path
from typing import Any

from support import sample_files

_Member = tuple[zipfile.ZipInfo, bytes]
_ENCRYPTED = 1


class _RawInfo(zipfile.ZipInfo):
    """An entry whose name is no Unicode, written as Linux has it."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the name in zipfile
        return os.fsencode(self.filename), self.flag_bits & ~0x800


class _Info(zipfile.ZipInfo):
    """An entry whose name may be bytes that are no Unicode: they are written as they are."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the name in zipfile
        raw = os.fsencode(self.filename)
        unicode = raw.decode(errors="ignore").encode() == raw
        return raw, self.flag_bits | 0x800 if unicode and not raw.isascii() else self.flag_bits


class _GbkInfo(zipfile.ZipInfo):
    """An entry whose name is written in GBK, without any flag."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the name in zipfile
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def zip_folder(folder: Path, target: Path, *, inside: str = "", gbk: bool = False, method: int = 8) -> None:
    """Zip a folder the plain way, folders included. `inside` puts everything into one top folder, `gbk` writes the
    names as Chinese tools did, `method` is the compression method of the answer (12 is bzip2). Links, pipes and what
    cannot be read are left out."""
    with zipfile.ZipFile(target, "w") as archive:
        for parent, folders, names in sorted(os.walk(folder)):
            for name in sorted(folders + names):
                path = Path(parent, name)
                if not _can_be_read(path):
                    continue
                found = zipfile.ZipInfo.from_file(path, str(Path(inside, path.relative_to(folder))))
                info = (_GbkInfo if gbk else _Info)(found.filename, found.date_time)
                info.external_attr = found.external_attr
                info.compress_type = 0 if path.is_dir() else method if path.parent == folder else 8
                archive.writestr(info, b"" if path.is_dir() else path.read_bytes())


def _can_be_read(path: Path) -> bool:
    return not path.is_symlink() and (path.is_dir() or path.is_file()) and os.access(path, os.R_OK)


def tamper(package: Path, **how: Any) -> None:
    """Change a package.

    `drop`, `add`, `replace`, `rename` (`to`) and `link` an entry, `edit` one (`find`, `by`), `misquote` one in the
    manifest, `wrap` everything into a folder: repacked, with right CRCs. `flip` a bit of an entry's data, `encrypt`
    sets its flag, `claim` says that it is 3 GB long: in place.
    """
    for verb, edit in _IN_PLACE.items():
        if verb in how:
            data = bytearray(package.read_bytes())
            with zipfile.ZipFile(package) as archive:
                info = archive.getinfo(how[verb])
            edit(data, info)
            package.write_bytes(bytes(data))
            return
    with zipfile.ZipFile(package) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    package.unlink()
    # zipfile warns of a name that is there already, which may be what is wanted.
    with zipfile.ZipFile(package, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for info, content in _changed(members, dict(how)):
            archive.writestr(info, content)


def _changed(members: list[_Member], how: dict[str, Any]) -> list[_Member]:
    names = [info.filename for info, _ in members]
    drop, rename, to, wrap = (how.pop(key, "") for key in ("drop", "rename", "to", "wrap"))
    replace, edit, misquote = (how.pop(key, "") for key in ("replace", "edit", "misquote"))
    find, by = how.pop("find", ""), how.pop("by", "")
    add, link = how.pop("add", ""), how.pop("link", "")
    for wanted in (drop, rename, replace, edit, misquote):
        assert not wanted or wanted in names, f"no such entry: {wanted}"
    changed = []
    for info, content in members:
        name, data = info.filename, content
        if name == replace:
            data = sample_files.make(name, **how)
        elif name == edit:
            assert find.encode() in data
            data = data.replace(find.encode(), by.encode(), 1)
        elif misquote and name.startswith("manifest-"):
            line = re.compile(rb"^[0-9a-f]{8}(?=[0-9a-f]+  " + re.escape(misquote).encode() + b"$)", re.MULTILINE)
            data, count = line.subn(b"01234567", data)
            assert count == 1
        if name != drop:
            changed.append((_info(to if name == rename else f"{wrap}/{name}" if wrap else name, info), data))
    if add:
        changed.append((zipfile.ZipInfo(add), sample_files.make(f"added {add}", **how)))
    if link:
        info = zipfile.ZipInfo(link)
        info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        changed.append((info, b"01.pdf"))
    return changed


def _info(name: str, old: zipfile.ZipInfo) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, old.date_time)
    info.compress_type, info.external_attr = old.compress_type, old.external_attr
    return info


def _flip(data: bytearray, info: zipfile.ZipInfo) -> None:
    names = int.from_bytes(data[info.header_offset + 26 : info.header_offset + 28], "little")
    extras = int.from_bytes(data[info.header_offset + 28 : info.header_offset + 30], "little")
    data[info.header_offset + 30 + names + extras + info.compress_size // 2] ^= 1


def _encrypt(data: bytearray, info: zipfile.ZipInfo) -> None:
    data[info.header_offset + 6] |= _ENCRYPTED
    data[_central(data, info) + 8] |= _ENCRYPTED


def _claim(data: bytearray, info: zipfile.ZipInfo) -> None:
    size = (3 * 10**9).to_bytes(4, "little")
    data[info.header_offset + 22 : info.header_offset + 26] = size
    place = _central(data, info)
    data[place + 24 : place + 28] = size


def _central(data: bytearray, info: zipfile.ZipInfo) -> int:
    """Where the entry stands in the directory: the last place of its name, behind a header of 46 bytes."""
    return data.rindex(info.filename.encode()) - 46


_IN_PLACE = {"flip": _flip, "encrypt": _encrypt, "claim": _claim}
