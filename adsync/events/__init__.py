"""Event-level data through Ibis: expressions over a log, counted tables out. Visitor ids are hashed on reading."""
