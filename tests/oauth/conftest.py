"""The servers that give tokens."""

import pytest

import imbuca
import npm
import place
from answers import Answers
from provider import Provider


@pytest.fixture(autouse=True)
def helper():
    """What all of this folder needs; a build --without-oauth has it not."""
    if not (place.BUILD / "imbuca-oauth").exists():
        place.missing("imbuca-oauth is not built")


@pytest.fixture
def trusting(home, authority):
    """A home in which the suite's certificates are trusted for HTTPS."""
    home.environment["SSL_CERT_FILE"] = str(authority.certificate)
    return home


@pytest.fixture
def answering(identity):
    """answering(ANSWER...) is a server that gives these answers."""
    servers = []

    def start(*answers, identity=identity):
        servers.append(Answers(identity, *answers))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def provide(identity, trusting, authority):
    """provide(access=SECONDS, ...) is a provider with such lives of what it gives."""
    providers = []

    def start(**settings):
        place.need("curl")
        providers.append(Provider(identity, trusting, authority, **settings))
        return providers[-1]

    yield start
    for provider in providers:
        provider.stop()


@pytest.fixture
def mailserver(identity, authority, tmp_path):
    """mailserver(provider) is a mail server that believes in the provider's tokens, and the account there."""
    scripts = []

    def start(provider, *extra, **changed):
        out = open(tmp_path / "arrived", "wb")
        url = f"https://localhost:{provider.port}/token/introspection"
        scripts.append(npm.Script("oauth.js", identity, url, str(authority.certificate), out=out))
        out.close()
        lines = provider.lines(**changed) + extra
        account = imbuca.Account(scripts[-1].port, "tls", authority.certificate, lines)
        provider.home.write_accounts(account.text())
        provider.open_browser()
        return account

    yield start
    for script in scripts:
        script.stop()
