"""What Google's clients raise, in adsync's words: what happened, why, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import requests
from google.ads.googleads.errors import GoogleAdsException
from google.api_core import exceptions as core
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, RefreshError, TransportError
from google.protobuf.json_format import ParseError

from adsync.errors import AccessDenied, GoogleUnavailable, UnexpectedAnswer
from adsync.google.ads_failures import from_failure, request_id_of
from adsync.google.api_errors import from_api_error
from adsync.google.token_errors import token_refused


@contextmanager
def speaking(what: str, *, ga4_property: str = "", changing: bool = False) -> Iterator[None]:
    """Turns whatever a client raises inside into an AdsyncError that begins with ``what``.

    changing: the call changes something at Google Ads. A status without Google's own detail may then come from
    something on the way, and may come after the change was made: it is no refusal, but no answer.
    """
    try:
        yield
    except GoogleAdsException as error:
        raise from_failure(what, error.failure, error.request_id) from None
    except RefreshError as error:
        raise token_refused(what, error) from None
    except DefaultCredentialsError as error:
        raise AccessDenied(
            f"{what}: there are no credentials.", str(error), next_step="See config/adsync.yaml."
        ) from None
    except (TransportError, requests.ConnectionError, requests.Timeout) as error:
        raise GoogleUnavailable(f"{what}: Google was not reached.", _short(error)) from None
    except requests.exceptions.ChunkedEncodingError as error:
        raise GoogleUnavailable(f"{what}: the connection broke.", _short(error)) from None
    except core.GoogleAPICallError as error:
        raise from_api_error(what, error, ga4_property, changing=changing) from None
    except (GoogleAuthError, requests.RequestException) as error:
        raise UnexpectedAnswer(f"{what}: the call failed.", _short(error)) from None
    except grpc.RpcError as error:
        raise GoogleUnavailable(
            f"{what}: the connection broke.", _short(error), request_id=request_id_of(error)
        ) from None
    except (ParseError, ValueError) as error:
        # An answer that is not what the protocol says.
        raise UnexpectedAnswer(f"{what}: Google's answer cannot be read.", _short(error)) from None
    except (TypeError, AttributeError, LookupError) as error:
        if not _raised_by_google(error):
            raise  # a defect of adsync's own
        raise UnexpectedAnswer(f"{what}: Google's answer cannot be read.", _short(error)) from None


def _raised_by_google(error: BaseException) -> bool:
    """Whether Google's libraries stumbled: they index what they get without looking whether it is there."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return frame is not None and str(frame.tb_frame.f_globals.get("__name__", "")).startswith("google.")


def _short(error: BaseException) -> str:
    """One line, without the addresses of Python objects."""
    return str(error).splitlines()[0][:300] if str(error) else type(error).__name__
