"""Values of a policy that only make sense together."""

from __future__ import annotations

from collections.abc import Iterator

from adsync.model.policy import Policy


def contradictions(policy: Policy) -> tuple[str, ...]:
    """What does not fit together: the key, what was found, what is allowed beside the others, and why."""
    return tuple(
        f"policy.{key}: found {getattr(policy, key):g}; allowed is {allowed}, {why}"
        for fits, key, allowed, why in _conditions(policy)
        if not fits
    )


def _conditions(p: Policy) -> Iterator[tuple[bool, str, str, str]]:
    yield (
        p.return_per_30_days <= p.highest_return_line,
        "return_per_30_days",
        f"up to two thirds of the demand line ({p.demand:g})",
        "or helpers would come and go",
    )
    yield (
        p.return_weeks < p.demand_weeks,
        "return_weeks",
        f"less than demand_weeks ({p.demand_weeks})",
        "or a fall would be seen later than a rise",
    )
    yield (
        p.fast_weeks < p.demand_weeks,
        "fast_weeks",
        f"less than demand_weeks ({p.demand_weeks})",
        "or the fast lane would not be fast",
    )
    yield (
        p.gate_macro_joins <= p.gate_macro,
        "gate_macro_joins",
        f"up to gate_macro ({p.gate_macro:g})",
        "or gate A would close before the helper is asked",
    )
    yield (
        p.dispersion_prior <= p.dispersion_at_most,
        "dispersion_prior",
        f"up to dispersion_at_most ({p.dispersion_at_most:g})",
        "or every account would be lumpier than is allowed",
    )
    yield (
        p.rollback_from_day > 7 * p.return_weeks,
        "rollback_from_day",
        f"more than the {7 * p.return_weeks} days of return_weeks",
        "or a retirement would be blamed for days before it",
    )
    yield (
        p.rollback_to_day >= p.rollback_from_day,
        "rollback_to_day",
        f"at least rollback_from_day ({p.rollback_from_day})",
        "or no retirement would ever be blamed",
    )
    yield (
        p.stage_gap_days <= p.return_gap_days,
        "stage_gap_days",
        f"up to return_gap_days ({p.return_gap_days})",
        "or the second retirement would wait longer than the first",
    )
    yield (
        p.cycle_days >= p.return_gap_days,
        "cycle_days",
        f"at least return_gap_days ({p.return_gap_days})",
        "or nobody would be asked after a return",
    )
    yield (
        p.repeated_orders_named <= p.repeated_orders_held,
        "repeated_orders_named",
        f"up to repeated_orders_held ({p.repeated_orders_held:g})",
        "or what holds would not be worth a word",
    )
    yield (
        p.funnel_horizon_days < p.funnel_days,
        "funnel_horizon_days",
        f"less than funnel_days ({p.funnel_days})",
        "or no visitor would have had time to convert",
    )
