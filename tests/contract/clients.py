"""Google's own clients, made as any program makes them, and pointed at a sandbox of this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest import mock

import grpc
from google.ads.googleads.client import GoogleAdsClient
from google.api_core.client_options import ClientOptions
from google.oauth2 import service_account

from tests.sandboxes import LocalSandbox

MANAGER = "9990000001"
CUSTOMER = "1000000001"
PROPERTY = "300000001"

ADS_SCOPE = "https://www.googleapis.com/auth/adwords"
READ_SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
EDIT_SCOPE = "https://www.googleapis.com/auth/analytics.edit"


@lru_cache(maxsize=2)
def ads_client(sandbox: LocalSandbox, *, login: str = MANAGER, key_file: Path | None = None) -> Any:
    """The official Google Ads client, configured by google-ads.yaml's keys; it fetches its token at once."""
    return GoogleAdsClient.load_from_dict(
        {
            "json_key_file_path": str(key_file or sandbox.directory / "service-account.json"),
            "login_customer_id": login,
            "endpoint": f"localhost:{sandbox.running.running.ads_port}",
            "use_proto_plus": True,
        },
        version="v26",
    )


def ads_client_with(sandbox: LocalSandbox, credentials: Any, *, login: str | None = MANAGER) -> Any:
    """The same client with credentials of the caller's making."""
    return GoogleAdsClient(
        credentials=credentials,
        login_customer_id=login,
        endpoint=f"localhost:{sandbox.running.running.ads_port}",
        use_proto_plus=True,
        version="v26",
    )


@lru_cache(maxsize=8)
def ads_service(sandbox: LocalSandbox, name: str, client: Any = None) -> Any:
    """One of the client's services, over TLS."""
    with trusting((sandbox.directory / "ca.pem").read_bytes()):
        return (client or ads_client(sandbox)).get_service(name)


@contextmanager
def trusting(ca_pem: bytes) -> Iterator[None]:
    """Channels made inside trust one authority.

    gRPC reads GRPC_DEFAULT_SSL_ROOTS_FILE_PATH once a process, and a test run has many sandboxes.
    """

    def credentials(call: grpc.CallCredentials) -> grpc.ChannelCredentials:
        return grpc.composite_channel_credentials(grpc.ssl_channel_credentials(ca_pem), call)

    with mock.patch.object(grpc, "compute_engine_channel_credentials", credentials):
        yield


def service_account_credentials(sandbox: LocalSandbox, *scopes: str) -> Any:
    """The sandbox's service account, by google-auth's own loader."""
    return service_account.Credentials.from_service_account_file(
        str(sandbox.directory / "service-account.json"), scopes=list(scopes)
    )


def ga4_client(sandbox: LocalSandbox, client_class: Any, *scopes: str) -> Any:
    """One of the GA4 clients over REST."""
    return client_class(
        transport="rest",
        credentials=service_account_credentials(sandbox, *(scopes or (READ_SCOPE,))),
        client_options=ClientOptions(api_endpoint=sandbox.running.running.url),
    )


def ga4_grpc_client(sandbox: LocalSandbox, client_class: Any, *scopes: str) -> Any:
    """One of the GA4 clients over gRPC, which is what they speak unless told otherwise."""
    with trusting((sandbox.directory / "ca.pem").read_bytes()):
        return client_class(
            credentials=service_account_credentials(sandbox, *(scopes or (READ_SCOPE,))),
            client_options=ClientOptions(api_endpoint=f"localhost:{sandbox.running.running.ads_port}"),
        )


def search(sandbox: LocalSandbox, query: str, *, customer: str = CUSTOMER, client: Any = None) -> list[Any]:
    """All rows of a query, by Search."""
    service = ads_service(sandbox, "GoogleAdsService", client)
    return list(service.search(customer_id=customer, query=query, timeout=20))


def error_codes(failure: Any) -> list[str]:
    """Such as ["query_error.UNRECOGNIZED_FIELD"]."""
    codes = []
    for error in failure.errors:
        code = error.error_code._pb
        field = code.WhichOneof("error_code")
        enum = code.DESCRIPTOR.fields_by_name[field].enum_type
        codes.append(f"{field}.{enum.values_by_number[getattr(code, field)].name}")
    return codes


def paths(error: Any) -> Sequence[str]:
    """Where in the request an error lies, such as ["operations[1]", "create", "name"]."""
    return [
        f"{e.field_name}[{e.index}]" if e._pb.HasField("index") else e.field_name
        for e in error.location.field_path_elements
    ]
