"""The name rule and the no-globals rule, read off the archives that were built."""

import subprocess
from dataclasses import dataclass

import pytest

from place import BUILD, need, sources

ARCHIVES = sorted(BUILD.glob("src/lib*.a"))
WRITABLE = (".data", ".bss", "*COM*")


@dataclass(frozen=True)
class Symbol:
    member: str
    name: str
    is_global: bool
    is_object: bool
    section: str


def symbols(archive):
    """What an archive defines, without the names that compilers and sanitizers keep for themselves."""
    listing = subprocess.run([need("objdump"), "-t", archive], check=True, capture_output=True, text=True).stdout
    member = ""
    for line in listing.splitlines():
        if ":     file format" in line:
            member = line.split(":")[0].removesuffix(".o")
        # ADDRESS, a blank, seven columns of flags, a blank, SECTION, a tab, SIZE, NAME.
        elif "\t" in line:
            left, right = line.split("\t", 1)
            flags, section, name = left[17:24], left[25:].strip(), right.split()[-1]
            if section != "*UND*" and name.isidentifier() and not name.startswith("__"):
                yield Symbol(member, name, flags[0] in "gu" or section == "*COM*", flags[6] == "O", section)


def test_there_is_an_archive_for_each_layer_with_files():
    layers = {path.parent.name for path in sources("src/*/*.c")}
    if not (BUILD / "imbuca-oauth").exists():
        layers.discard("web")  # --without-oauth
    assert {archive.stem.removeprefix("lib") for archive in ARCHIVES} >= layers


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.stem)
def test_a_name_is_its_path(archive):
    layer = archive.stem.removeprefix("lib")
    for symbol in symbols(archive):
        path = symbol.member if layer in ("base", symbol.member) else f"{layer}_{symbol.member}"
        if symbol.is_global:
            assert (symbol.name + "_").startswith(path + "_"), (
                f"{symbol.name} is defined in {layer}/{symbol.member}.c: it is to begin with {path}"
            )


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.stem)
def test_no_variable_outlives_its_function(archive):
    for symbol in symbols(archive):
        writable = symbol.section == "*COM*" or (symbol.is_object and symbol.section.startswith(WRITABLE))
        assert not writable or symbol.section.startswith(".data.rel.ro"), (
            f"{symbol.name} in {archive.stem}({symbol.member}) is a writable global or static"
        )
