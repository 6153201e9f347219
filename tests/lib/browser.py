"""curl as a person's browser: follows redirects, keeps cookies, fills in the forms of oidc-provider.

Also a program, which stands in for xdg-open: browser.py TRUST USER URL.
"""

import html
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from urllib.parse import urljoin


@dataclass
class Page:
    url: str
    text: str

    def form(self):
        """(address, fields) of the first form; of no form None."""
        form = re.search(r"<form[^>]*action=\"([^\"]+)\"[^>]*>(.*?)</form>", self.text, re.S)
        if form is None:
            return None
        fields = {}
        for tag in re.findall(r"<input[^>]*>", form[2]):
            found = dict(re.findall(r"(\w+)=\"([^\"]*)\"", tag))
            if "name" in found:
                fields[found["name"]] = html.unescape(found.get("value", ""))
        return urljoin(self.url, html.unescape(form[1])), fields


class Browser:
    def __init__(self, trust):
        self._cookies = tempfile.NamedTemporaryFile()
        self._command = ["curl", "-sSL", "--max-time", "20", "--cacert", str(trust), "-b", self._cookies.name,
                         "-c", self._cookies.name, "-w", "\n%{url_effective}"]

    def get(self, url, **fields):
        """The page at the end of all redirects; where nobody is there, its address alone."""
        data = [part for name, value in fields.items() for part in ("--data-urlencode", f"{name}={value}")]
        done = subprocess.run([*self._command, *data, url], capture_output=True, text=True)
        text, _, where = done.stdout.rpartition("\n")
        return Page(where, text)

    def log_in(self, url, user, *, deny=False):
        """Opens an address and says yes to whatever it asks, as that user; or no at the first chance."""
        page = self.get(url)
        for _ in range(8):
            if page.form() is None:
                break
            address, fields = page.form()
            abort = re.search(r'href="([^"]+/abort)"', page.text)
            if deny and "user_code" in fields:
                return self.get(address, **fields, abort="yes")
            if deny and abort:
                return self.get(urljoin(page.url, html.unescape(abort[1])))
            fields |= {"login": user, "password": "x"} if "login" in fields else {}
            page = self.get(address, **fields)
        return page


if __name__ == "__main__":
    Browser(sys.argv[1]).log_in(sys.argv[3], sys.argv[2])
