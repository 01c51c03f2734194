"""Names in an archive: those that 档发〔2012〕7号 fixes, and those of files as every manifest can hold them."""

import re

from evidence_cli.vocabulary.names import nfc, twin_key, windows_fault

DESCRIPTION = "data/说明文件.TXT"
DIRECTORY = "data/文件目录.XML"
RECORDS = "data/电子档案"
OTHERS = "data/其他"
PACKAGES = f"{OTHERS}/压缩包"
EVENTS = f"{OTHERS}/办理记录"
TABLE = f"{OTHERS}/任务分解表.yaml"
SUBMISSION = f"{OTHERS}/submission.json"
CHECK_REPORT = f"{OTHERS}/检查报告.json"
STATUS_REPORT = f"{OTHERS}/办理状态.json"
FOUR_CHECKS = f"{OTHERS}/四性检测报告"

# What Windows refuses, what ends a line for some reader of a manifest, and the sign that RFC 8493 §2.1.3 wants encoded
# and neither sha256sum nor bagit decodes.
_UNFIT = re.compile(r'[<>:"\\|?*\x00-\x1f\x7f-\x9f\u2028\u2029]')
_PERCENT = str.maketrans({"%": "％"})
_ENDING = re.compile(r"[\s.]+$")


def archival_name(name: str) -> str:
    """One part of a path as Windows, sha256sum and bagit all read it; nearly always the name itself."""
    fit = _UNFIT.sub("_", nfc(name)).translate(_PERCENT)
    fit = _ENDING.sub(lambda match: "_" * len(match[0]), fit) or "_"
    return f"_{fit}" if windows_fault(fit) else fit


class Places:
    """The paths given away so far, so that no two files get one that Windows or macOS would take for another's."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, folder: str, path: str) -> str:
        """The path of a file below a folder of the archive, every part made fit; numbered where it is taken."""
        wanted = "/".join([folder, *(archival_name(part) for part in path.split("/"))])
        stem, dot, suffix = wanted.rpartition(".")
        if "/" in suffix or not dot:
            stem, dot, suffix = wanted, "", ""
        number, place = 1, wanted
        while twin_key(place) in self._taken:
            number += 1
            place = f"{stem}-{number}{dot}{suffix}"
        self._taken.add(twin_key(place))
        return place
