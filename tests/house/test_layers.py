"""The layer rule: src/LAYERS says who may include whom, and each library has a few files to itself."""

import re

import pytest

from place import SOURCE, sources

# A library is known to these files alone; everybody else asks them.
LIBRARIES = {
    "gnutls": {"net/certificate.c", "net/tls_gnutls.c", "net/trust.c", "base/crypto.c"},
    "gsasl": {"sasl/library.c", "sasl/property.c", "sasl/property.h", "sasl/server.c", "sasl/verifier.c"},
    "idn2": {"net/idna.c"},
    "curl": {"web/post.c"},
    "jansson": {"web/members.c"},
    "qrencode": {"web/qr.c"},
}

INCLUDE = re.compile(r'^#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.M)


def read_layers():
    """The layers of src/LAYERS, in order, each with those it may include."""
    lines = (SOURCE / "src/LAYERS").read_text().splitlines()
    rows = (line.split(":") for line in lines if line and not line.startswith("#"))
    return {layer: names.split() for layer, names in rows}


LAYERS = read_layers()
FILES = [path.relative_to(SOURCE / "src") for path in sources("src/*/*.[ch]")]


def includes(file):
    """(own headers, libraries' headers) that a file of src/ includes."""
    found = INCLUDE.findall((SOURCE / "src" / file).read_text())
    return [own for own, _ in found if own], [other for _, other in found if other]


def test_a_layer_names_only_layers_above_it():
    above = []
    for layer, names in LAYERS.items():
        assert set(names) <= set(above), f"src/LAYERS: {layer} names a layer that is not above it"
        above.append(layer)


@pytest.mark.parametrize("file", FILES, ids=str)
def test_includes_only_what_its_layer_may(file):
    layer = file.parts[0]
    assert layer in LAYERS, f"src/LAYERS has no line for {layer}"
    may = {layer, *LAYERS[layer]}
    for header in includes(file)[0]:
        if "/" in header:
            assert header.split("/")[0] in may, f"src/{file} includes {header}"
        else:
            assert header == "config.h", f'src/{file} includes "{header}": own headers bear their layer'


@pytest.mark.parametrize("file", FILES, ids=str)
def test_leaves_the_libraries_to_their_files(file):
    for header in includes(file)[1]:
        for library, allowed in LIBRARIES.items():
            if header.startswith(library):
                assert str(file) in allowed, f"src/{file} includes <{header}>, which is for {allowed} alone"
