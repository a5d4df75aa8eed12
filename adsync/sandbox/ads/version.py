"""Which version of the Google Ads API is served."""

VERSION = "v26"
