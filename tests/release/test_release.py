"""The release tarball: it builds, tests and installs without autotools and from a read-only tree."""

import importlib.util
import os
import subprocess

import pytest

import imbuca
from place import BUILD, need, sources

pytestmark = pytest.mark.slow

# Nobody who builds a release has these; a rule that calls one is a rule that ran by mistake.
MAINTAINERS_TOOLS = "AUTOCONF AUTOMAKE ACLOCAL AUTOHEADER".split()

# The names by which other programs call a mail system.
LINKS = ("bin/mailq", "bin/newaliases", "lib/sendmail", "sbin/rmail", "sbin/runq", "sbin/sendmail")


def make(*arguments, cwd=BUILD, **environment):
    # A make above this one must not hand its jobs and flags down.
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "IMBUCA_"))}
    done = subprocess.run(
        [need("make"), "-s", *arguments], cwd=cwd, env=clean | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]


@pytest.mark.xdist_group("release")
@pytest.mark.timeout(2400)
def test_distcheck():
    """The suite runs once more within, by all hands where it can."""
    hands = ["PYTEST_FLAGS=-n 2 --dist loadgroup"] if importlib.util.find_spec("xdist") else []
    make("-j2", "distcheck", "AM_DISTCHECK_CONFIGURE_FLAGS=--quiet", *hands)


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
    make("-j2", cwd=tmp_path)
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
        make("-j2", cwd=tmp_path)
        make("install", f"DESTDIR={root}", cwd=tmp_path)
        assert os.access(root / "usr/bin/imbuca", os.X_OK)
        assert os.access(root / "usr/sbin/imbucad", os.X_OK)
        assert "\nExecStart=/usr/sbin/imbucad\n" in (root / "usr/lib/systemd/system/imbucad.service").read_text()
        for page in sources("man/it/*.[158]"):
            assert (root / f"usr/share/man/it/man{page.suffix[1:]}" / page.name).read_bytes() == page.read_bytes()
        for link in LINKS:
            assert (root / "usr" / link).is_symlink() == links
            assert not links or os.readlink(root / "usr" / link) == "/usr/bin/imbuca"


@pytest.mark.xdist_group("release")
def test_without_oauth(tmp_path):
    """What needs its libraries is left out, and who asks for a token is told so."""
    unpack(tmp_path)
    subprocess.run(
        ["./configure", "--quiet", f"--prefix={tmp_path}/usr", "--without-oauth", "CFLAGS=-O0"], cwd=tmp_path, check=True, capture_output=True,
    )
    make("-j2", "imbuca", cwd=tmp_path)
    steps = subprocess.run([need("make"), "-n", "install"], cwd=tmp_path, capture_output=True, text=True).stdout
    assert "imbucad" in steps and "imbuca-oauth" not in steps
    home = imbuca.Home(tmp_path)
    del home.environment["IMBUCA_OAUTH"]
    home.write_accounts(
        "account a\nprovider outlook\nfrom me@outlook.com\nuser me@outlook.com\noauth_client_id x\n"
        "account b : a\ntoken_command echo\naccount default : a\n"
    )
    program = tmp_path / "imbuca"
    result = home.run("login", program=program)
    assert result.exit == 78 and f"cannot run '{tmp_path}/usr/libexec/imbuca-oauth'" in result.err, result
    assert "unless that was built --without-oauth" in " ".join(result.err.split())
    result = home.run("login", "--status", program=program)
    assert result.exit == 77 and "imbuca login ACCOUNT" in result.err, result
    assert home.run("config", "b", program=program).exit == 0
