"""The made-up Google Ads."""
