"""Model values in, text out: terminal, JSON, HTML. Foreign text is neutralised for each."""
