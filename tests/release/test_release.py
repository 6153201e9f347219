"""The release tarball: it builds, tests and installs without autotools and from a read-only tree."""

import os
import subprocess

import pytest

from place import BUILD, need

pytestmark = pytest.mark.slow

# Nobody who builds a release has these; a rule that calls one is a rule that ran by mistake.
MAINTAINERS_TOOLS = "AUTOCONF AUTOMAKE ACLOCAL AUTOHEADER".split()


def make(*arguments, cwd=BUILD, **environment):
    # A make above this one must not hand its jobs and flags down.
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "IMBUCA_"))}
    done = subprocess.run(
        [need("make"), "-s", *arguments], cwd=cwd, env=clean | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]


@pytest.mark.xdist_group("release")
def test_distcheck():
    make("distcheck", "AM_DISTCHECK_CONFIGURE_FLAGS=--quiet")


def unpack(folder):
    make("dist")
    tarball = next(BUILD.glob("imbuca-*.tar.gz"))
    subprocess.run(["tar", "-xzf", tarball, "-C", folder, "--strip-components=1"], check=True)


@pytest.mark.xdist_group("release")
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_builds_without_a_warning(tmp_path, compiler):
    unpack(tmp_path)
    subprocess.run(
        ["./configure", "--quiet", "--enable-werror", f"CC={need(compiler)}"],
        cwd=tmp_path, check=True, capture_output=True,
    )
    make(cwd=tmp_path)
    assert os.access(tmp_path / "imbuca", os.X_OK) and os.access(tmp_path / "imbucad", os.X_OK)


@pytest.mark.xdist_group("release")
def test_installs_into_destdir_without_autotools(tmp_path):
    unpack(tmp_path)
    for options, links in (((), False), (("--enable-sendmail",), True)):
        subprocess.run(
            ["./configure", "--quiet", "--prefix=/usr", *options], cwd=tmp_path, check=True, capture_output=True,
            env=os.environ | {tool: "false" for tool in MAINTAINERS_TOOLS},
        )
        root = tmp_path / f"root{len(options)}"
        make("install", f"DESTDIR={root}", cwd=tmp_path)
        assert os.access(root / "usr/bin/imbuca", os.X_OK)
        assert os.access(root / "usr/sbin/imbucad", os.X_OK)
        for link, folder in (("sendmail", "sbin"), ("mailq", "bin"), ("newaliases", "bin")):
            assert (root / "usr" / folder / link).is_symlink() == links
