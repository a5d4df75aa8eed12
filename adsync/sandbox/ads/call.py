"""One call of Google Ads, once it is admitted."""

from __future__ import annotations

from dataclasses import dataclass

from adsync.sandbox.ads.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Call:
    """One admitted call. method: such as "GoogleAdsService/Search"; user: who calls, by e-mail address."""

    protocol: Protocol
    method: str
    request_id: str
    metadata: dict[str, str]
    user: str = ""
