"""The currencies of Google Ads, and the smallest amount of each that can be billed."""

from __future__ import annotations

SUPPORTED = frozenset(
    (
        "AED", "ARS", "AUD", "BGN", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK",
        "EGP", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "INR", "JPY", "KES", "KRW", "MAD",
        "MXN", "MYR", "NGN", "NOK", "NZD", "PEN", "PHP", "PKR", "PLN", "RON", "RSD", "SAR",
        "SEK", "SGD", "THB", "TND", "TRY", "TWD", "UAH", "USD", "UYU", "VND", "ZAR",
    )
)  # fmt: skip

_WITHOUT_CENTS = frozenset({"CLP", "COP", "IDR", "JPY", "KRW", "PKR", "RSD", "VND"})
"""Billed in whole units, by Google's currency constants; not all of them are currencies without small coins."""

_CENT_MICROS, _WHOLE_MICROS = 10_000, 1_000_000


def billable_unit_micros(currency: str) -> int:
    """What every budget and target in this currency is a multiple of."""
    return _WHOLE_MICROS if currency in _WITHOUT_CENTS else _CENT_MICROS
