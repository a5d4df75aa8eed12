"""The config file and the environment, checked, as one frozen value."""

from adsync.settings.environment import Endpoints, Environment, endpoints, is_loopback
from adsync.settings.load import DEFAULT_PATH, FaultyAccount, Settings, bare, load
from adsync.settings.schema import CredentialSource, Limits

__all__ = [
    "DEFAULT_PATH",
    "CredentialSource",
    "Endpoints",
    "Environment",
    "FaultyAccount",
    "Limits",
    "Settings",
    "bare",
    "endpoints",
    "is_loopback",
    "load",
]
