"""adsync runs the life of micro-conversions in Google Ads, from the first observation to the hand-over."""

__version__ = "0.1.0"
