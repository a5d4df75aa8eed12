"""The lifecycle rule and its guards: what should become of each helper, and why. Values in, values out."""
