"""The words that every stage speaks: frozen values, no I/O, no clock."""
