"""Google's messages in, the model's words out: the only place that knows how Google spells them on the wire."""
