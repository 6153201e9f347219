"""What every real server of the suite offers to the tests."""

from dataclasses import dataclass, field

from jail import Jail, wait_for

USER, PASSWORD = "user", "secret"
DOMAIN = "example.test"


@dataclass
class Server:
    """A server that runs, its port for each transport, and the mailbox that everything ends in."""

    name: str
    jail: Jail
    ports: dict
    mechanisms: tuple
    maildir: str
    far: int = 0  # the port of this machine that mail for elsewhere goes to, where it goes anywhere
    address: str = f"{USER}@{DOMAIN}"
    seen: set = field(default_factory=set)

    def arrived(self, holding=b""):
        """The bytes of the next message that arrived, and that holds these: reports come when they like."""
        found = wait_for(
            lambda: [path for path in self._messages() if path not in self.seen and holding in path.read_bytes()]
        )
        if not found:
            raise AssertionError(f"{self.name} delivered no message with {holding!r}\n{self.jail.logs()}")
        self.seen.add(found[0])
        return found[0].read_bytes()

    def _messages(self):
        return sorted((self.jail.root / self.maildir / "new").glob("*"))
