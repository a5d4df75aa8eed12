"""The config file and the environment, checked, as one frozen value."""

from adsync.settings.environment import Endpoints, Environment, endpoints, is_loopback
from adsync.settings.load import FaultyAccount, Settings, load
from adsync.settings.schema import CredentialSource, Limits

__all__ = [
    "CredentialSource",
    "Endpoints",
    "Environment",
    "FaultyAccount",
    "Limits",
    "Settings",
    "endpoints",
    "is_loopback",
    "load",
]
