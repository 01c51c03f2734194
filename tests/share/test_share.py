"""Workspaces on a network share: the real command on a real SMB mount, for what only a share does differently."""

import os
from pathlib import Path

import pytest

from support.packing import command, names, shelf
from support.share import Share
from support.workspace import PACKAGES, QUESTIONS, build, files, write_table

pytestmark = pytest.mark.share

CODE = "1.1-01"
PICTURE = f"{QUESTIONS[CODE]}/佐证材料/04-网站截图/02-查询页面.jpg"


def run(root: Path, *arguments: str | Path, cache: str | Path = "") -> None:
    """Run evcli in a workspace, to a good end without a word of complaint."""
    env = {"EVCLI_CACHE": str(cache or os.environ["EVCLI_CACHE"])}
    done = command(*arguments, "-q", "--lang", "zh", cwd=root, env=env)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr


def listed(root: Path) -> set[str]:
    """Every name below a folder, hidden ones included."""
    return {path.relative_to(root).as_posix() for path in root.rglob("*")}


def test_it_is_a_share(share: Share) -> None:
    """Not a folder of this disk that would make all other tests pass."""
    assert share.mounted.stat().st_dev != share.served.stat().st_dev
    (share.mounted / "一").write_bytes(b"1")
    assert (share.served / "一").read_bytes() == b"1"


def test_a_new_workspace_and_once_more(both: Share) -> None:
    run(both.mounted, "init")
    made = listed(both.served)
    assert {"config/indicators.yaml", "config/indicators.schema.json", "指标", "报送"} <= made
    assert listed(both.mounted) == made
    run(both.mounted, "check")
    run(both.mounted, "init")
    assert listed(both.served) == made


def test_from_the_table_to_verified_packages(both: Share, tmp_path: Path) -> None:
    write_table(both.mounted)
    run(both.mounted, "init")
    for path, data in files().items():
        (both.mounted / path).parent.mkdir(parents=True, exist_ok=True)
        (both.mounted / path).write_bytes(data)
    run(both.mounted, "check")
    before = listed(both.served)
    run(both.mounted, "pack")
    # The packages and nothing beside them, neither the tool's temporary files nor those of the mount.
    assert listed(both.served) - before == set(PACKAGES.values())
    run(both.mounted, "verify", "报送")
    local = build(tmp_path / "工作区")
    run(local, "pack")
    assert shelf(both.mounted) == shelf(both.served) == shelf(local)


def test_packing_again_leaves_the_packages_alone(clean: Share, tmp_path: Path) -> None:
    run(clean.mounted, "pack")
    first, times = shelf(clean.served), written(clean.served)
    run(clean.mounted, "pack")
    assert (shelf(clean.served), written(clean.served)) == (first, times)
    # Nor does it take what the first run remembered.
    run(clean.mounted, "pack", cache=tmp_path / "cache")
    assert (shelf(clean.served), written(clean.served)) == (first, times)


def written(root: Path) -> dict[str, tuple[int, int]]:
    return {path: ((root / path).stat().st_ino, (root / path).stat().st_mtime_ns) for path in PACKAGES.values()}


def test_a_change_replaces_the_package(clean: Share) -> None:
    run(clean.mounted, "pack")
    before = shelf(clean.served)
    (clean.mounted / PICTURE).rename((clean.mounted / PICTURE).with_name("02-查询.jpg"))
    run(clean.mounted, "pack")
    after = shelf(clean.served)
    changed = PACKAGES[CODE].rpartition("/")[2]
    assert {name for name in before | after if before.get(name) != after.get(name)} == {changed}
    run(clean.mounted, "verify", "报送")


def test_a_package_by_another_hand_is_kept(clean: Share) -> None:
    target = clean.mounted / PACKAGES[CODE]
    target.parent.mkdir()
    target.write_bytes(b"PK\3\4 not ours")
    run(clean.mounted, "pack", CODE)
    run(clean.mounted, "verify", PACKAGES[CODE])
    kept = f"历史/{CODE}-事项清单-1.zip"
    assert set(shelf(clean.served)) == {target.name, kept}
    assert shelf(clean.served)[kept] == b"PK\3\4 not ours"


@pytest.mark.parametrize("stem", ["03-查询 页面（新）", "03-𠮷野家é", "03-" + "长" * 57], ids=["plain", "rare", "long"])
def test_names_come_back_as_they_were(clean: Share, stem: str) -> None:
    name = f"{stem}.jpg"
    (clean.mounted / PICTURE).rename((clean.mounted / PICTURE).with_name(name))
    assert (clean.served / PICTURE).with_name(name).is_file()
    assert name in {path.name for path in (clean.mounted / PICTURE).parent.iterdir()}
    run(clean.mounted, "pack", CODE)
    run(clean.mounted, "verify", PACKAGES[CODE])
    assert [entry for entry in names(clean.served / PACKAGES[CODE]) if entry.endswith(f"/{name}")]
