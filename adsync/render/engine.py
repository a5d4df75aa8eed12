"""What all pages share: the template engine, which escapes whatever is put in, and charts drawn for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adsync.errors import UsageError
from adsync.model.figures import percent
from adsync.render import charts
from adsync.render.text import clean


def engine_or_error() -> Any:
    """The template engine, which escapes whatever is put in. Raises UsageError where the extra is not installed."""
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ModuleNotFoundError:
        raise UsageError("The page needs Jinja2.", next_step="Install it: pip install 'adsync[report]'") from None
    engine = Environment(loader=PackageLoader("adsync.render"), autoescape=True, undefined=StrictUndefined)
    engine.filters.update(clean=clean, percent=percent, said=_said)
    return engine


def _said(sentence: str) -> Any:
    """A sentence of adsync's, cleaned and escaped, in which keys of the config stand as what is typed."""
    from markupsafe import Markup, escape

    parts = clean(sentence).split("`")
    if len(parts) % 2 == 0:  # one of them alone is none of ours
        return clean(sentence)
    typed = (Markup("<code>{}</code>").format(part) if n % 2 else escape(part) for n, part in enumerate(parts))
    return Markup("").join(typed)


def drawn(draw: Callable[[int], str]) -> Any:
    """A chart for wide and one for narrow pages, taken into the page as it is."""
    from markupsafe import Markup  # comes with the engine

    # Drawn here from numbers and cleaned labels, escaped by the SVG writer: the only text taken as it is.
    return Markup(charts.at_both_widths(draw))  # noqa: S704
