"""Puts the open questions of the Google Ads API to a real account: with `validate_only` and reads, never with a change.

Where it is open whether Google heeds `validate_only`, the request asks for what is so already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from adsync.errors import AccessDenied, AdsyncError, GoogleRefused, UnexpectedAnswer
from adsync.google.ads import GoogleAds
from adsync.google.ads_client import VERSION, AdsServices
from adsync.google.faults import speaking
from adsync.google.probe_messages import actions_request, atomic_request, configs_request, goals_request
from adsync.google.probe_unasked import NEVER_ASKED, not_asked
from adsync.google.retry import Patience
from adsync.model.ads import AccountState, ConversionAction, Customer
from adsync.model.probe import Probe, Probed, Question, Reaction

# Each field by the value that asks for it: another one than it has.
_MIRROR_FIELDS: dict[str, Callable[[ConversionAction], Any]] = {
    "primary_for_goal": lambda mirror: not mirror.primary_for_goal,
    "category": lambda mirror: "SIGNUP" if mirror.category != "SIGNUP" else "PAGE_VIEW",
    "name": lambda mirror: f"{mirror.name} (adsync asks)",
    "value_settings.default_value": lambda mirror: mirror.default_value + 1,
    "click_through_lookback_window_days": lambda mirror: 7 if mirror.click_window_days != 7 else 14,
    # Data-driven, which most have, may be refused for want of data.
    "attribution_model_settings.attribution_model": lambda _: "GOOGLE_ADS_LAST_CLICK",
    "status": lambda _: "REMOVED",
}
_LONG_NAME = 255
_NO_MIRROR = "The account has no conversion action from GA4."
_NO_REMOVED = "The account has no removed conversion action."


_WHO_OWNS = 9
# What is changed through these belongs to the owner of the conversion actions; GoogleAdsService makes an action here.
_OWNERS = ("ConversionActionService", "CustomerConversionGoalService", "GoogleAdsService")


@dataclass
class AdsProbe:
    """The questions for one account; see OpenQuestions in ports.py."""

    services: AdsServices
    reader: GoogleAds
    customer_id: str
    patience: Patience
    operations: int = 0
    owner: str = ""
    """Who owns the account's conversion actions and goals; asked of anybody else, questions about them tell nothing."""

    def ask(self, yesterday: date) -> Probe:
        """Raises what reading the account raises; what a question itself meets is its answer."""
        customer = self.reader.customer()
        state = self.reader.account_state(customer, yesterday)
        self.owner = customer.conversion_customer_id
        answers = (
            *self._mirrors(state.actions),
            *self._new_and_removed(state.actions),
            *self._rules_of_new_actions(),
            *NEVER_ASKED,
            *self._goals(state),
            *self._queries(yesterday),
            *self._owner(customer, state),
        )
        names = {customer.name, *(a.name for a in state.actions), *(c.name for c in state.campaigns)}
        names |= {g.name for g in state.custom_goals}
        return Probe(
            version=VERSION,
            answers=tuple(sorted(answers, key=lambda a: a.question.point)),
            operations=self.operations + self.reader.operations,
            names=tuple(sorted(names - {""}, key=len, reverse=True)),
        )

    # Conversion actions ----------------------------------------------------------------------------------------------

    def _mirrors(self, actions: tuple[ConversionAction, ...]) -> Iterator[Probed]:
        """Each field by itself, because Google refuses a whole operation for one of them."""
        mirror = next((a for a in actions if a.is_ga4_mirror and a.status != "REMOVED"), None)
        for field, other in _MIRROR_FIELDS.items():
            asks = f"May {field} of a GA4 conversion action be changed?"
            question = Question(point=1, asks="May a GA4 conversion action be removed?" if field == "status" else asks)
            if mirror is None:
                yield not_asked(question, _NO_MIRROR)
                continue
            yield self._actions(question, update=mirror.id, values={field: other(mirror)})

    def _new_and_removed(self, actions: tuple[ConversionAction, ...]) -> Iterator[Probed]:
        window = Question(point=2, asks="May a new WEBPAGE action have a click-through window of 90 days?")
        yield self._actions(window, values={**_a_tag("adsync asks"), "click_through_lookback_window_days": 90})
        removed = next((a for a in actions if a.status == "REMOVED"), None)
        reuse = Question(point=3, asks="May a new action have the name of a removed one?")
        back = Question(point=3, asks="May a removed action be enabled again?")
        if removed is None:
            yield not_asked(reuse, _NO_REMOVED)
            yield not_asked(back, _NO_REMOVED)
            return
        yield self._actions(reuse, values=_a_tag(removed.name))
        yield self._actions(back, update=removed.id, values={"status": "ENABLED"})

    def _rules_of_new_actions(self) -> Iterator[Probed]:
        """What a new action may be: made with `validate_only`, and nothing but what is asked about is unusual in it."""
        data_driven = {"attribution_model_settings.attribution_model": "GOOGLE_SEARCH_ATTRIBUTION_DATA_DRIVEN"}
        call = {"type": "AD_CALL", "category": "PHONE_CALL_LEAD", "view_through_lookback_window_days": 30}
        for point, asks, unusual in (
            (11, "May a new action have data-driven attribution?", data_driven),
            (12, "May a call action have a view-through window?", call),
            (
                13,
                f"May the name of an action have {_LONG_NAME} characters?",
                {"name": "adsync asks ".ljust(_LONG_NAME, "x")},
            ),
        ):
            yield self._actions(Question(point=point, asks=asks), values=_a_tag("adsync asks") | unusual)

    def _actions(self, question: Question, *, values: dict[str, Any], update: str = "") -> Probed:
        request = actions_request(self.customer_id, update, values)
        return self._put(question, "ConversionActionService", "mutate_conversion_actions", request)

    # Goals -----------------------------------------------------------------------------------------------------------

    def _goals(self, state: AccountState) -> Iterator[Probed]:
        customer_goal = Question(point=5, asks="Does CustomerConversionGoalService take validate_only?")
        if state.goals:
            request = goals_request(self.customer_id, state.goals[0])
            yield self._put(customer_goal, "CustomerConversionGoalService", "mutate_customer_conversion_goals", request)
        else:
            yield not_asked(customer_goal, "The account has no goals.")
        config = Question(point=5, asks="Does ConversionGoalCampaignConfigService take validate_only?")
        campaign = next((c for c in state.campaigns if c.status != "REMOVED" and not c.custom_goal_id), None)
        if campaign is not None:
            request = configs_request(self.customer_id, campaign)
            name = "mutate_conversion_goal_campaign_configs"
            yield self._put(config, "ConversionGoalCampaignConfigService", name, request)
        else:
            yield not_asked(config, "The account has no campaign without a custom goal.")
        temporary = Question(point=6, asks="May a custom goal list an action that the same request makes?")
        yield self._put(
            temporary, "GoogleAdsService", "mutate", atomic_request(self.customer_id, _a_tag("adsync asks"))
        )

    def _owner(self, customer: Customer, state: AccountState) -> Iterator[Probed]:
        owner = customer.conversion_customer_id
        for who, target in (("client", self.customer_id), ("owner", owner)):
            question = Question(
                point=9, asks=f"Are customer goals changed on the {who} account under cross-account tracking?"
            )
            if owner == self.customer_id or not state.goals:
                yield not_asked(question, "The account owns its conversion actions itself.")
                continue
            request = goals_request(target, state.goals[0])
            yield self._put(question, "CustomerConversionGoalService", "mutate_customer_conversion_goals", request)

    # Queries ---------------------------------------------------------------------------------------------------------

    def _queries(self, day: date) -> Iterator[Probed]:
        metric = "metrics.all_conversions_by_conversion_date"
        lag = Question(point=7, asks=f"Is {metric} answered by segments.conversion_lag_bucket?")
        yield self._segmented(lag, "segments.conversion_lag_bucket", metric, "customer", day)
        for resource in ("customer", "campaign"):
            by_action = Question(point=10, asks=f"Is {metric} answered by segments.conversion_action FROM {resource}?")
            yield self._segmented(by_action, "segments.conversion_action", metric, resource, day)
        twice = Question(point=14, asks="May a query select a field twice?")
        yield self._query(twice, "SELECT customer.id, customer.id FROM customer")

    def _segmented(self, question: Question, segment: str, metric: str, resource: str, day: date) -> Probed:
        text = f"SELECT {segment}, {metric} FROM {resource} WHERE segments.date = '{day}'"  # noqa: S608  (fixed names)
        return self._query(question, text)

    def _query(self, question: Question, text: str) -> Probed:
        def call() -> None:
            from google.ads.googleads.v26.services.types.google_ads_service import SearchGoogleAdsStreamRequest

            request = SearchGoogleAdsStreamRequest(customer_id=self.customer_id, query=text)
            service = self.services.service("GoogleAdsService")
            self.operations += 1
            for _ in service.search_stream(request=request, timeout=self.patience.timeout_seconds):
                pass

        return self._heard(question, call)

    # Asking ----------------------------------------------------------------------------------------------------------

    def _put(self, question: Question, service_name: str, method: str, request: Any) -> Probed:
        """Sends a mutate that only validates. Raises UnexpectedAnswer rather than send another."""
        if service_name in _OWNERS and question.point != _WHO_OWNS and self.owner != self.customer_id:
            return not_asked(question, "The conversion actions belong to another account: ask there.")
        if not request.validate_only:
            raise UnexpectedAnswer("A question to Google would have changed something.", "It was not asked.")

        def call() -> None:
            service = self.services.service(service_name)
            self.operations += len(getattr(request, "operations", ())) or len(request.mutate_operations)
            getattr(service, method)(request=request, timeout=self.patience.timeout_seconds)

        return self._heard(question, call)

    def _heard(self, question: Question, call: Callable[[], None]) -> Probed:
        def unit() -> None:
            with speaking("Asking Google"):
                call()

        try:
            self.patience.read(unit)
        except (GoogleRefused, AccessDenied) as error:
            return Probed(question=question, reaction=Reaction.REFUSED, code=error.code, said=error.because)
        except AdsyncError as error:
            said = error.because or error.what
            return Probed(question=question, reaction=Reaction.NOT_ANSWERED, code=error.code, said=said)
        return Probed(question=question, reaction=Reaction.ACCEPTED)


def _a_tag(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "WEBPAGE",
        "category": "SIGNUP",
        "status": "ENABLED",
        "primary_for_goal": False,
        "counting_type": "ONE_PER_CLICK",
    }
