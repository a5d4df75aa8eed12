"""Who speaks gRPC and who speaks REST is told by a TLS greeting, and nothing else makes the front stumble."""

from __future__ import annotations

import contextlib
import ssl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.sandbox.front import Cut, speaks_grpc

PROTOCOLS = st.lists(st.sampled_from(["h2", "http/1.1", "http/1.0", "grpc-exp", "h3"]), unique=True, max_size=5)


def greeting(protocols: list[str], host: str) -> bytes:
    """What OpenSSL says first."""
    context = ssl.create_default_context()
    if protocols:
        context.set_alpn_protocols(protocols)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname=host)
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


@settings(max_examples=60)
@given(PROTOCOLS, st.sampled_from(["localhost", "googleads.googleapis.com"]))
def test_whoever_can_do_nothing_but_http2_speaks_grpc(protocols: list[str], host: str) -> None:
    assert speaks_grpc(greeting(protocols, host)) == ("h2" in protocols and "http/1.1" not in protocols)


@settings(max_examples=60)
@given(st.data())
def test_a_greeting_that_is_cut_off_is_refused(data: st.DataObject) -> None:
    whole = greeting(["h2"], "localhost")
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(Cut):
        speaks_grpc(whole[:cut])


@settings(max_examples=200)
@given(st.binary(max_size=600))
def test_noise_is_refused_or_offers_nothing(noise: bytes) -> None:
    with contextlib.suppress(Cut):
        assert not speaks_grpc(noise)
