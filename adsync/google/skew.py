"""How far this machine's clock is from Google's: tokens signed more than a few minutes off are refused."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

import requests

from adsync.google.faults import speaking
from adsync.google.retry import Patience
from adsync.settings import Endpoints

_GOOGLE = "https://analyticsdata.googleapis.com"


def clock_skew_seconds(where: Endpoints, patience: Patience) -> float:
    """Seconds by which this machine is ahead, from the Date header of an answer; good to about a second."""

    def unit() -> float:
        with speaking("Asking Google for the time"):
            answer = requests.head(where.ga4 or _GOOGLE, timeout=patience.timeout_seconds, allow_redirects=False)
            return time.time() - parsedate_to_datetime(answer.headers["Date"]).timestamp()

    return patience.read(unit)
