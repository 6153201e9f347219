"""imbuca-oauth: lines in, one HTTPS request, lines out; whatever the other side does."""

import subprocess

import pytest

import jail
import place
from answers import answer, endless, garbage


def ask(home, url, *lines):
    """Runs the helper with a request to that address."""
    return home.run(program="imbuca-oauth", stdin="\n".join([f"url {url}", *lines, ""]).encode())


def test_posts_a_form_and_prints_the_members(trusting, answering):
    server = answering(answer('{"access_token": "a.b-c", "expires_in": 3599, "ok": true, "list": [1], "no way": "x"}'))
    result = ask(trusting, server.url + "/token?a=b", "grant_type refresh_token", "refresh_token 1//a+b&c=d e%")
    assert result.exit == 0, result
    assert result.out == "access_token a.b-c\nexpires_in 3599\nok true\n"
    form = {"grant_type": "refresh_token", "refresh_token": "1//a+b&c=d e%"}
    assert server.asked == [("/token?a=b", form)]


def test_no_value_makes_a_line_of_its_own(trusting, answering):
    server = answering(answer('{"a": "x\\naccess_token stolen\\u001b[2J"}'))
    assert ask(trusting, server.url).out == "a x access_token stolen [2J\n"


def test_an_empty_answer_has_no_members(trusting, answering):
    result = ask(trusting, answering(answer("")).url)
    assert (result.exit, result.out) == (0, "")


@pytest.mark.parametrize("status, error, exit", [
    (400, "invalid_grant", 77), (401, "invalid_client", 77), (200, "authorization_pending", 77),
    (400, "temporarily_unavailable", 75), (429, "slow_down", 75), (503, "invalid_grant", 75),
])
def test_a_refusal_is_told_and_printed(trusting, answering, status, error, exit):
    server = answering(answer(f'{{"error": "{error}", "error_description": "Not\\nyou."}}', status))
    result = ask(trusting, server.url)
    assert result.exit == exit, result
    assert result.out.splitlines() == [f"error {error}", "error_description Not you."]
    assert f": refused: {error}: Not you." in result.err


@pytest.mark.parametrize("language, words", [("en", "the server answers with status 404"), ("it", "il server risponde con lo stato 404")])
def test_speaks_the_reader_s_language(trusting, answering, speak, language, words):
    speak(language)
    result = ask(trusting, answering(answer("{}", 404)).url)
    assert result.exit == 76 and words in result.err, result


BAD = {
    "no JSON": (answer("<html>"), 76, "no JSON"),
    "half": (answer('{"access_token": "a'), 76, "no JSON"),
    "no object": (answer("[]"), 76, "no object"),
    "twice": (answer('{"access_token": "a", "access_token": "b"}'), 76, "no JSON"),
    "not UTF-8": (answer(b'{"access_token": "\xff"}'), 76, "no JSON"),
    "a NUL": (answer('{"access_token": "a\\u0000b"}'), 76, "no JSON"),
    "deep": (answer("[" * 60000), 76, "no JSON"),
    "huge": (answer('{"access_token": "' + "a" * 70000 + '"}'), 76, "more than 65536 bytes"),
    "endless": (endless, 76, "more than 65536 bytes"),
    "no HTTP": (garbage, 76, "imbuca-oauth"),
    "missing": (answer("gone", 404), 76, "status 404"),
    "broken": (answer("sorry", 502), 75, "status 502"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_answer_is_an_error(trusting, answering, case):
    bad, exit, words = BAD[case]
    result = ask(trusting, answering(bad).url)
    assert result.exit == exit and words in result.err, result
    assert result.out == ""


def test_no_redirect_is_followed(trusting, answering):
    other = answering(answer('{"access_token": "a"}'))
    result = ask(trusting, answering(answer("", 307, Location=other.url)).url, "refresh_token secret")
    assert result.exit == 76 and "elsewhere (status 307)" in result.err, result
    assert other.asked == []


@pytest.mark.parametrize("url", ["http://localhost:1/", "file:///etc/passwd", "ftp://localhost/", "gopher://localhost:1/x"])
def test_only_https_is_spoken(trusting, url):
    assert ask(trusting, url).exit == 78


def test_a_server_that_is_down_is_for_now(trusting):
    result = ask(trusting, f"https://localhost:{jail.free_port()}/")
    assert result.exit == 75 and "localhost:" in result.err, result


def test_a_certificate_that_nobody_vouches_for_is_refused(home, answering):
    server = answering(answer("{}"))
    result = ask(home, server.url, "refresh_token secret")
    assert result.exit == 77 and server.asked == [], result


def test_a_certificate_of_another_name_is_refused(trusting, answering, authority):
    server = answering(answer("{}"), identity=authority.issue("other-name", names="DNS:other.example.org"))
    result = ask(trusting, server.url, "refresh_token secret")
    assert result.exit == 77 and server.asked == [], result


def test_a_request_without_an_address_is_none(home):
    assert home.run(program="imbuca-oauth", stdin=b"a b\n").exit == 64
    assert home.run("a", program="imbuca-oauth").exit == 64


def test_a_qr_code_has_finders_in_three_corners(home):
    result = home.run("--qr", program="imbuca-oauth", stdin=b"https://microsoft.com/devicelogin\n")
    rows = [[(c in "▀█", c in "▄█") for c in line] for line in result.out.splitlines()]
    dark = [[not pair[half] for pair in row] for row in rows for half in (0, 1)]
    size = len(dark[0]) - 4
    finder = [0b1111111, 0b1000001, 0b1011101, 0b1011101, 0b1011101, 0b1000001, 0b1111111]
    bits = [[bool(row >> (6 - x) & 1) for x in range(7)] for row in finder]
    for top, left in ((2, 2), (2, 2 + size - 7), (2 + size - 7, 2)):
        assert [row[left:left + 7] for row in dark[top:top + 7]] == bits
    assert home.run("--qr", program="imbuca-oauth", stdin=b"x" * 4000).exit == 65


@pytest.mark.parametrize("program", ["imbuca", "imbuca-tls.so", "imbucad"])
def test_the_programs_link_none_of_its_libraries(program):
    listing = subprocess.run([place.need("ldd"), place.program(program)], capture_output=True, text=True).stdout
    assert "libc." in listing
    assert not {name for name in ("curl", "jansson", "qrencode", "json") if f"lib{name}" in listing}
