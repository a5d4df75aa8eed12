"""Google Ads, GA4 and OAuth, made up, on loopback: a process of its own that speaks Google's protocols.

It shares no code with the adapters in google/, so that a misunderstanding is not on both sides.
"""
