"""Names that lead to nobody: no message is lost."""

import os

import pytest

from house import USERS, queued, run, until

pytestmark = pytest.mark.root


def forward(machine, user, text):
    path = machine.home(user) / ".forward"
    path.write_text(text)
    os.chown(path, machine.users[user], machine.users[user])


def counts(machine, *users):
    return [len(machine.mail(user)) for user in users]


# --- nobody ---


@pytest.mark.parametrize("text", ["", "\n\n \n", "# nothing yet\n", ",\n"])
def test_an_empty_forward_is_none(machine, text):
    forward(machine, "anna", text)
    machine.start().send("anna")
    assert counts(machine, "anna") == [1]


def test_a_forward_that_was_emptied_while_the_message_waited(machine):
    script = machine.write("script", "#!/bin/sh\nexit 75\n", mode=0o755)
    forward(machine, "anna", f'bert\n"|{script}"\n')
    machine.start("commands on").send("anna")
    assert counts(machine, "anna", "bert") == [0, 1]
    forward(machine, "anna", "")
    (name,) = [name for name in os.listdir(machine.folder / "queue/ready") if not name.endswith(".log")]
    run(machine, "root", "queue", "retry", name)
    until(lambda: not queued(machine), "nothing waits")
    assert counts(machine, "anna", "bert") == [1, 1]
