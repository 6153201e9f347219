"""The mail providers that imbuca knows: the command, what they fill in, whom they let an account send as."""

import json
import re
import subprocess

import pytest

import imbuca
import place
from place import SOURCE

PROVIDERS = [
    line.split()[1] for line in (SOURCE / "data/providers").read_text().splitlines() if line.startswith("provider ")
]
ELEVEN = "ionos libero gmail gmx tim outlook fastweb postemail tiscali virgilio yahoo".split()


def provider(home, word):
    result = home.run("providers", "--json", word)
    assert result.exit == 0, result
    return json.loads(result.out)


def settings(home, account):
    result = home.run("config", "--json", account)
    assert result.exit == 0, result
    return json.loads(result.out)["settings"]


@pytest.mark.parametrize("name", PROVIDERS)
def test_each_is_shown_in_full(home, name):
    result = home.run("providers", name)
    assert result.exit == 0 and result.out.startswith(f"{name}: ")
    assert all(len(line) <= 80 or " " not in line.strip() or "http" in line for line in result.out.splitlines())
    known = provider(home, name)
    assert known["host"] and known["ports"] and known["password"]


@pytest.mark.parametrize("name", PROVIDERS)
def test_each_is_enough_for_an_account(home, name):
    known = provider(home, name)
    domain = known["domains"][0] if known["domains"] else "example.org"
    region = known["regions"][0] if known["regions"] else ""
    user = "user somebody\n" if known["user"] == "other" else ""
    home.write_accounts(f"account a\nprovider {name} {region}\nfrom me@{domain}\n{user}password x\n")
    found = settings(home, "a")
    best = known["ports"][0]
    assert found["host"]["value"] == known["host"].replace("{region}", region).replace("{domain}", domain)
    assert found["port"]["value"] == str(best["port"])
    assert found["tls"]["value"] == "on"
    assert found["tls_starttls"]["value"] == ("on" if best["tls"] == "starttls" else "off")
    assert found["auth"]["value"] == ("XOAUTH2" if known["password"] == "oauth" else found["auth"]["value"]) != "off"
    assert found["host"]["origin"] == "provider" and found["host"]["name"] == name


def test_the_table_fits(home):
    result = home.run("providers")
    assert result.exit == 0
    rows, _, legend = result.out.partition("\n\n")
    assert [line.split()[0] for line in rows.splitlines()] == PROVIDERS
    assert "? unverified" in legend and re.search(r"^postemail +smtp.postemail.poste.it\? ", rows, re.M)
    for line, row in zip(rows.splitlines(), json.loads(home.run("providers", "--json").out)):
        ports = line[50:64].replace("?", "").split()
        known = [str(port["port"]) for port in row["ports"]]
        assert ports == known or (ports[-1] == "+" and ports[:-1] == known[: len(ports) - 1]), line
    assert max(map(len, result.out.splitlines())) <= 80
    assert [row["name"] for row in json.loads(home.run("providers", "--json").out)] == PROVIDERS


@pytest.mark.parametrize("lines, host, user", [
    ("from %U@gmail.com", "smtp.gmail.com", "me@gmail.com"),
    ("provider wp-pl\nfrom %U@wp.pl", "smtp.wp.pl", "me"),
    ("provider netease\nfrom %U@126.com", "smtp.126.com", "me@126.com"),
    ("auto_from on\nmaildomain libero.it", "smtp.libero.it", "me@libero.it"),
])
def test_by_an_address_with_a_substitution(home, lines, host, user):
    home.write_accounts(f"account a\n{lines}\npassword x\n")
    home.environment["USER"] = "me"
    found = settings(home, "a")
    assert (found["host"]["value"], found["user"]["value"]) == (host, user)


def test_one_by_an_address(home):
    assert provider(home, "me@inwind.it")["name"] == "libero"
    assert "587, TLS by STARTTLS (unverified)" in home.run("providers", "me@libero.it").out


@pytest.mark.parametrize("word, message", [
    ("gmial", "did you mean 'gmail'?"), ("me@example.org", "gives out addresses of 'example.org'"),
])
def test_one_that_nobody_knows(home, word, message):
    result = home.run("providers", word)
    assert result.exit == 64 and message in result.err


def test_a_file_of_the_users_own(home):
    folder = home.folder / ".config/imbuca"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "providers").write_text("provider acme\ntitle Acme\nhost smtp.acme.example\nport 587 starttls\ndomains acme.example\n")
    assert provider(home, "me@acme.example")["name"] == "acme"
    home.write_accounts("account a\nfrom me@acme.example\npassword x\n")
    assert settings(home, "a")["host"]["value"] == "smtp.acme.example"


@pytest.mark.root
def test_a_file_of_the_machine(home):
    """It adds rows and replaces them, and the user's own file has the last word. In a mount namespace of its own."""

    def shown(address):
        enter = 'mount -t tmpfs tmpfs "$1" && mkdir "$1/imbuca" && cp "$2" "$1/imbuca/providers" && shift 2 && exec "$@"'
        done = subprocess.run(
            [place.need("unshare"), "-m", "sh", "-c", enter, "sh", place.sysconfdir(), machine, place.program("imbuca"), "providers",
             "--json", address], env=home.environment, capture_output=True,
        )
        assert done.returncode == 0, done
        return json.loads(done.stdout)

    machine = home.folder / "machine"
    row = "provider {0}\ntitle {1}\nhost smtp.{0}.example\nport 587 starttls\ndomains {2}\n"
    machine.write_text(row.format("acme", "Acme", "acme.example") + "\n" + row.format("gmail", "Ours", "gmail.com"))
    assert shown("me@acme.example")["title"] == "Acme"
    assert shown("me@gmail.com")["title"] == "Ours"
    assert shown("me@libero.it")["name"] == "libero"
    folder = home.folder / ".config/imbuca"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "providers").write_text(row.format("acme", "Mine", "acme.example"))
    assert shown("me@acme.example")["title"] == "Mine"


def test_what_the_account_says_counts_for_more(home):
    home.write_accounts("account a\nprovider gmail\nfrom me@gmail.com\nport 587\nuser you@gmail.com\nauth login\npassword x\n")
    found = settings(home, "a")
    assert [found[key]["value"] for key in ("port", "tls_starttls", "user", "auth")] == ["587", "on", "you@gmail.com", "LOGIN"]
    assert home.run("config", "a").out.count("provider gmail") >= 3


@pytest.mark.parametrize("lines, message", [
    ("provider gmial", "2: unknown provider 'gmial' (did you mean 'gmail'?)"),
    ("provider ses\nuser x", "2: the provider 'ses' has a server for each region"),
    ("provider ses eu-nord-1\nuser x", "has no region 'eu-nord-1'"),
    ("provider sendgrid", None),
    ("provider ses eu-west-1", "names no user"),
    ("from me@example.org", "names no host"),
])
def test_what_does_not_fit(home, lines, message):
    home.write_accounts(f"account a\n{lines}\npassword x\n")
    result = home.run("config", "a")
    assert result.exit == (78 if message else 0) and (message or "") in result.err, result


@pytest.mark.parametrize("name", ELEVEN)
def test_the_example_has_each_of_the_eleven(home, name):
    home.write_accounts((SOURCE / "accounts.example").read_text())
    found, known = settings(home, name), provider(home, name)
    assert found["host"]["value"] == known["host"]
    assert found["port"]["value"] == str(known["ports"][0]["port"])
    assert found["user"]["value"] == found["from"]["value"].split(",")[0]


def test_the_example_has_others(home):
    home.write_accounts((SOURCE / "accounts.example").read_text())
    assert settings(home, "ses")["host"]["value"] == "email-smtp.eu-south-1.amazonaws.com"
    assert settings(home, "work")["host"]["value"] == "smtp.gmail.com"
    assert settings(home, "home")["host"]["value"] == "mail.home.arpa"


@pytest.mark.parametrize("account, arguments, header, code, words", [
    ("from me@libero.it", ["-f", "you@example.org"], "", 77, "takes no mail from <you@example.org>"),
    ("from me@libero.it", [], "From: you@example.org\n", 77, "add the line 'from you@example.org'"),
    ("from me@libero.it\nfrom you@example.org", ["-f", "you@example.org"], "", 0, ""),
    ("from me@libero.it", ["-f", ""], "From: me@libero.it\n", 0, ""),
    ("from me@libero.it", [], "", 0, ""),
    ("provider ionos\nfrom me@example.it", ["-f", "sales@example.it"], "", 0, ""),
    ("provider ionos\nfrom me@example.it", ["-f", "me@example.org"], "", 77, "not in the account's domain"),
    ("from me@gmail.com", ["-f", "you@example.org"], "", 0, "puts the account's address in the place of <you@example.org>"),
    ("from me@tiscali.it", ["-f", "you@example.org"], "", 0, "may refuse <you@example.org>"),
    ("from me@tim.it", ["-f", "you@alice.it"], "", 0, ""),
    ("host smtp.libero.it\nfrom me@libero.it", ["-f", "you@example.org"], "", 0, ""),
])
def test_senders_before_the_network(home, account, arguments, header, code, words):
    home.write_accounts(f"account a\n{account}\npassword x\n")
    result = home.run("-P", *arguments, "to@example.net", stdin=f"{header}\nbody\n".encode())
    assert result.exit == code and words in result.err and bool(words) == bool(result.err), result


# --- how many recipients it takes ---

TAKES_TWO = "provider acme\ntitle Acme\nhost localhost\nport 587 starttls\nrecipients 2\n"
FIVE = [f"r{n}@example.net" for n in range(5)]


@pytest.mark.parametrize("said, parts", [((), [2, 2, 1]), (("max_recipients off",), [2, 2, 1]), (("max_recipients 1",), [1] * 5)])
@pytest.mark.parametrize("named", [False, True], ids=["by-host", "by-name"])
def test_more_recipients_than_it_takes_are_split(home, mailbox, named, said, parts):
    (home.accounts.parent / "providers").write_text(TAKES_TWO)
    extra = (*(["provider acme", "auth off"] if named else []), *said)
    home.write_accounts(imbuca.Account(mailbox.port, host="localhost", extra=extra).text())
    assert home.run(*FIVE, stdin=b"Subject: x\n\nHello\n").exit == 0
    assert [len(mail.recipients) for mail in mailbox.mails] == parts
    assert [address for mail in mailbox.mails for address in mail.recipients] == FIVE


def test_of_an_unknown_name_the_list_alone_helps(home):
    result = home.run("providers", "nosuch")
    assert result.exit == 64 and "imbuca providers lists all" in result.err and "host" not in result.err, result
