"""Conditions on events, as funnels and segments put them: which events of a report's days meet each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from adsync.sandbox.ga4 import filters
from adsync.sandbox.ga4.columns import Column
from adsync.sandbox.ga4.names import find_dimension
from adsync.sandbox.ga4.parsing import BadRequest
from adsync.sandbox.ga4.view import View
from adsync.sandbox.world import Bools, Ints


@dataclass(kw_only=True)
class Events:
    """Some events of the log, in order of time. index: into the log. Columns are read once."""

    view: View
    index: Ints
    _columns: dict[str, Column] = field(default_factory=dict)

    def column(self, name: str) -> Column:
        """Raises BadRequest for a field that is no dimension."""
        if name not in self._columns:
            self._columns[name] = find_dimension(name).of_events(self.view, self.index)
        return self._columns[name]

    def named(self, event_name: str) -> Bools:
        named: Bools = self.view.log.name[self.index] == self.view.log.code(event_name)
        return named

    def fulfilling(self, wanted: Any) -> Bools:
        """Which events meet one filter, of a funnel's or a segment's kind.

        Raises BadRequest for what the log cannot tell.
        """
        if "field_name" in wanted.DESCRIPTOR.fields_by_name:
            if "filter_scoping" in wanted.DESCRIPTOR.fields_by_name and wanted.HasField("filter_scoping"):
                raise BadRequest("The sandbox does not serve filterScoping: it looks at the report's days only.")
            return self.column(wanted.field_name).where(filters.text_test(wanted))
        if not wanted.event_name:
            raise BadRequest("An event filter needs an eventName.")
        named = self.named(wanted.event_name)
        for kind in ("funnel_parameter_filter_expression", "segment_parameter_filter_expression"):
            if kind in wanted.DESCRIPTOR.fields_by_name and wanted.HasField(kind):
                parameters = filters.combined(getattr(wanted, kind), self._by_parameter, np.ones(len(named), bool))
                return named & parameters
        return named

    def _by_parameter(self, wanted: Any) -> Bools:
        name = wanted.event_parameter_name
        if name != "value":
            asked = name or wanted.item_parameter_name
            raise BadRequest(
                f"The sandbox's events carry no parameter {asked}; a parameter filter can be put on the event "
                "parameter value."
            )
        return filters.number_test(wanted, np.asarray(self.view.log.value[self.index], float))


Lift = Callable[[Bools], Bools]


def lifted(ids: Ints) -> Lift:
    """Turns "this event does" into "some event of this session (or user) does", for every event."""
    size = int(ids.max(initial=-1)) + 1

    def lift(mask: Bools) -> Bools:
        some = np.zeros(size, bool)
        some[ids[mask]] = True
        return some[ids]

    return lift
