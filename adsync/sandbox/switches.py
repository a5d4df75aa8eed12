"""What nobody outside Google knows for sure: both behaviours can be played, and a program should cope with both."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One open point. choices: the first is the default; `about` says what each means."""

    name: str
    choices: tuple[str, ...]
    about: str


SWITCHES: dict[str, Switch] = {
    switch.name: switch
    for switch in (
        Switch(
            name="conversions_by_date_per_action",
            choices=("answered", "refused"),
            about="Metrics *_by_conversion_date segmented by conversion action: Google's field tables list the pair.",
        ),
        Switch(
            name="conversions_by_date_per_lag",
            choices=("answered", "refused"),
            about="Metrics *_by_conversion_date segmented by conversion lag: Google's field tables list the pair.",
        ),
        Switch(
            name="duplicate_field",
            choices=("refused", "answered"),
            about="A GAQL query that selects a field twice.",
        ),
        Switch(
            name="mirror_primary_for_goal",
            choices=("accepted", "refused"),
            about="Changing primary_for_goal of a GA4 mirror.",
        ),
        Switch(
            name="mirror_category",
            choices=("accepted", "refused"),
            about="Changing the category of a GA4 mirror.",
        ),
        Switch(
            name="mirror_name",
            choices=("accepted", "refused"),
            about="Renaming a GA4 mirror.",
        ),
        Switch(
            name="mirror_value_settings",
            choices=("accepted", "refused"),
            about="Changing the value settings of a GA4 mirror.",
        ),
        Switch(
            name="mirror_lookback_windows",
            choices=("accepted", "refused"),
            about="Changing the lookback windows of a GA4 mirror.",
        ),
        Switch(
            name="mirror_attribution_model",
            choices=("accepted", "refused"),
            about="Changing the attribution model of a GA4 mirror.",
        ),
        Switch(
            name="mirror_removal",
            choices=("accepted", "refused"),
            about="Setting a GA4 mirror to REMOVED.",
        ),
        Switch(
            name="removed_names",
            choices=("reusable", "kept"),
            about="The name of a removed conversion action.",
        ),
        Switch(
            name="removed_actions",
            choices=("final", "can_return"),
            about="Enabling a removed conversion action again.",
        ),
        Switch(
            name="webpage_click_window",
            choices=("90", "30"),
            about="The longest click-through window of a WEBPAGE action, in days.",
        ),
        Switch(
            name="action_limit",
            choices=("none", "100"),
            about="How many conversion actions an account may have.",
        ),
        Switch(
            name="action_name_limit",
            choices=("255", "100"),
            about="The longest name of a conversion action, in characters.",
        ),
        Switch(
            name="call_rules",
            choices=("strict", "none"),
            about="Whether call actions must use their default value and have no view-through window.",
        ),
        Switch(
            name="data_driven_on_new_actions",
            choices=("refused", "accepted"),
            about="Data-driven attribution for an action younger than 30 days.",
        ),
        Switch(
            name="goals_validate_only",
            choices=("supported", "refused"),
            about="Requests that only validate, on goals.",
        ),
        Switch(
            name="temporary_names_in_custom_goals",
            choices=("accepted", "refused"),
            about="A custom goal that lists an action which the same request makes.",
        ),
        Switch(
            name="customer_goal_writer",
            choices=("owner", "client"),
            about="Who changes customer goals under cross-account tracking.",
        ),
        Switch(
            name="ga4_other_row",
            choices=("off", "5", "50", "500"),
            about="GA4 folds combinations of values beyond this many into (other).",
        ),
        Switch(
            name="ga4_thresholding",
            choices=("off", "10", "50"),
            about="GA4 leaves rows with fewer users than this out.",
        ),
        Switch(
            name="ga4_sampling",
            choices=("off", "50", "10"),
            about="GA4 reads this many percent of the visitors and scales what it counts.",
        ),
        Switch(
            name="ga4_late_data",
            choices=("off", "24", "48", "72"),
            about="GA4 is this many hours later than usual with everything.",
        ),
        Switch(
            name="ga4_funnel_headers",
            choices=("twice", "once"),
            about="Whether a funnel's table names its metrics twice, as public answers of 2025 and 2026 do.",
        ),
        Switch(
            name="ga4_key_event_rate_scale",
            choices=("fraction", "percent"),
            about="Whether sessionKeyEventRate and userKeyEventRate go up to 1 or up to 100.",
        ),
        Switch(
            name="ga4_sessions_by_event",
            choices=("with the event", "started"),
            about="Whether `sessions` of an event are those in which it happened, or only those that began with it.",
        ),
    )
}


class UnknownSwitch(Exception):
    """There is no such switch, or it has no such position."""


@dataclass(slots=True)
class Switches:
    """Where the switches of one sandbox stand; those that are not named stand at their default."""

    chosen: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.chosen.get(name, SWITCHES[name].choices[0])

    def set(self, name: str, choice: str) -> None:
        """Raises UnknownSwitch, naming what there is."""
        if name not in SWITCHES:
            raise UnknownSwitch(f"There is no switch {name!r}; there are: {', '.join(sorted(SWITCHES))}.")
        if choice not in SWITCHES[name].choices:
            raise UnknownSwitch(f"{name} can be {' or '.join(SWITCHES[name].choices)}, not {choice!r}.")
        self.chosen[name] = choice
