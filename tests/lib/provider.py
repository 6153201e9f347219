"""oidc-provider as somebody's provider of mail, and how that person comes to a token there."""

import sys

import browser
import npm

USER = "me@example.test"


class Provider:
    """oidc-provider, and the account of somebody who has a mailbox there."""

    def __init__(self, identity, home, authority, **settings):
        self.home = home
        self.trust = authority.certificate
        self._identity, self._settings = identity, settings
        self._script = npm.Script("oidc.js", identity, settings)
        self.port = self._script.port
        self.browser = browser.Browser(self.trust)

    def lines(self, **changed):
        """The lines of an account that are about tokens."""
        url = f"https://localhost:{self.port}"
        lines = {
            "user": USER, "oauth_client_id": "public", "oauth_scope": "openid offline_access mail",
            "oauth_token_url": f"{url}/token", "oauth_auth_url": f"{url}/auth",
            "oauth_device_url": f"{url}/device/auth", "oauth_revoke_url": f"{url}/token/revocation",
        } | changed
        return tuple(f"{name} {value}" for name, value in lines.items() if value is not None)

    def write_account(self, **changed):
        self.home.write_accounts("\n".join(["account test", "host 127.0.0.1", *self.lines(**changed)]) + "\n")

    def open_browser(self):
        """Lets imbuca find a browser, in which that user says yes to everything."""
        tool = self.home.folder / "bin" / "xdg-open"
        tool.parent.mkdir(exist_ok=True)
        tool.write_text(f"#!/bin/sh\nexec {sys.executable} -B {browser.__file__} {self.trust} {USER} \"$1\"\n")
        tool.chmod(0o755)
        self.home.environment |= {"PATH": f"{tool.parent}:/usr/bin:/bin", "DISPLAY": ":99"}

    def log_in(self, **changed):
        """Logs in, and leaves a token."""
        self.write_account(**changed)
        self.open_browser()
        result = self.home.run("login", "--browser")
        assert result.exit == 0, result
        return result

    def token(self):
        """What is kept, as a dictionary."""
        file, = (path for path in self.tokens().iterdir() if path.suffix != ".lock")
        return dict(line.split(" ", 1) for line in file.read_text().splitlines())

    def tokens(self):
        return self.home.folder / ".state" / "imbuca" / "tokens"

    def forget_all(self):
        """Starts the server anew: it keeps what it gave in its memory alone."""
        self.stop()
        self._script = npm.Script("oidc.js", self._identity, self._settings, port=self.port)

    def stop(self):
        self._script.stop()
