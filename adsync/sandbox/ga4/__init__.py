"""The made-up Google Analytics 4."""
