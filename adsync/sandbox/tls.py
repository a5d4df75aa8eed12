"""Keys and certificates for one sandbox: its own authority, the server's certificate, the service account's key."""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from adsync.files import write_private

GOOGLE_HOSTS = (
    "googleads.googleapis.com",
    "analyticsdata.googleapis.com",
    "analyticsadmin.googleapis.com",
    "oauth2.googleapis.com",
    "accounts.google.com",
    "www.googleapis.com",
)
"""The hosts that the sandbox stands for: programs whose endpoints are fixed are led here by its proxy."""

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A private key and its certificate, both as PEM."""

    key_pem: bytes
    certificate_pem: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Identities:
    """All that one sandbox needs. authority_pem: what clients must trust to talk to it.

    service_account: what all service accounts sign with. A key takes 0.1 s to make, and nothing here is worth one each.
    """

    authority_pem: bytes
    server: Identity
    service_account: Identity


def make_identities() -> Identities:
    """Fresh keys; nothing of them is worth keeping when the sandbox ends."""
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("adsync sandbox authority", authority_key, None, None)
    server_key = ec.generate_private_key(ec.SECP256R1())
    server = _certificate("localhost", server_key, authority, authority_key)
    account_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    account = _certificate("adsync sandbox service account", account_key, None, None)
    return Identities(
        authority_pem=_pem(authority),
        server=Identity(key_pem=_key_pem(server_key), certificate_pem=_pem(server)),
        service_account=Identity(key_pem=_key_pem(account_key), certificate_pem=_pem(account)),
    )


def server_context(identity: Identity) -> ssl.SSLContext:
    """What a server speaks TLS with. Python reads keys from files only: these are gone when it returns."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "identity.pem"
        write_private(file, (identity.key_pem + identity.certificate_pem).decode())
        context.load_cert_chain(file)
    return context


def _certificate(
    name: str, key: Key, issuer: x509.Certificate | None, issuer_key: ec.EllipticCurvePrivateKey | None
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # An hour back, for machines whose clocks differ; a year ahead, because nobody renews a toy's certificate.
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer is not None:
        names = [x509.DNSName(name) for name in ("localhost", *GOOGLE_HOSTS)]
        addresses = [*names, x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(addresses), critical=False)
    return builder.sign(issuer_key or key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
