"""On which device each ad was clicked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adsync.sandbox.ads.account import AdsAccount
from adsync.sandbox.world import DEVICES

NAMES = tuple(device.upper() for device in DEVICES)
"""DeviceEnum's names, in the order of the world's devices."""


def click_devices(account: AdsAccount) -> NDArray[np.int8]:
    """The device of each click, as an index into NAMES.

    The session that a click opened tells. People who did not agree to ads leave no such session, but Google knows a click's
    device without asking: theirs are those of the others, in turn.
    """
    log = account.property.log
    opening = np.flatnonzero(log.session_click >= 0)
    devices = np.full(len(account.clicks.time), -1, np.int8)
    devices[log.session_click[opening]] = log.device[opening]
    known = devices[devices >= 0]
    unknown = np.flatnonzero(devices < 0)
    devices[unknown] = known[np.arange(len(unknown)) % len(known)] if len(known) else 0
    return devices
