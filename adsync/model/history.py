"""The numbers that one night's decisions read, as they were known on that night."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from adsync.model.analytics import Funnel, OrderIds
from adsync.model.capability import Capability
from adsync.model.log_scores import LogScores, PastShare
from adsync.model.volume import ActionDay, CampaignVolume, ClientVolume, DailySeries


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is known of one account on the night `as_of`.

    conversions: all conversions by conversion date, for each action. users: people a day, for each GA4 event.
    ad_sessions: sessions a day that GA4 puts down to the account's ads.
    by_scope: the macro's conversions of each scope that is not the whole account, by its key.
    clicks, cost: of ads, a day. values: of all conversions of each macro action, a day. recent: the newest 28 days by
    campaign and action.
    campaigns: macros and cost of each campaign over the newest weeks that decide on the demand. conversions_as_of: the
    night of the newest copy of the macro's numbers; None when there is none. funnels_fault: why the newest funnels are not whole.
    log_scores: what the newest reading of the event log said; None where there is no log or none was read. log_fault: why the
    newest try to read it failed. log_shares: P(macro | candidate) in every reading, oldest first.
    orders: what each night until then found of the orders' ids, oldest first, of the nights that could tell.
    capabilities: Google's answers to what of its GA4 mirrors it would let adsync write.
    complete_until: None, or where Google gives conversions by click date only, the last day whose clicks have all had
    their time to convert; later days are unknown then. elsewhere: by id, what other accounts that use the same actions counted.
    """

    as_of: date
    conversions: Mapping[str, DailySeries] = field(default_factory=dict)
    users: Mapping[str, DailySeries] = field(default_factory=dict)
    by_scope: Mapping[str, DailySeries] = field(default_factory=dict)
    ad_sessions: DailySeries | None = None
    clicks: DailySeries | None = None
    cost: DailySeries | None = None
    values: Mapping[str, DailySeries] = field(default_factory=dict)
    funnels: tuple[Funnel, ...] = ()
    recent: tuple[ActionDay, ...] = ()
    campaigns: tuple[CampaignVolume, ...] = ()
    conversions_as_of: date | None = None
    complete_until: date | None = None
    funnels_fault: str = ""
    orders: tuple[tuple[date, OrderIds], ...] = ()
    log_scores: LogScores | None = None
    log_fault: str = ""
    log_shares: Mapping[str, tuple[PastShare, ...]] = field(default_factory=dict)
    capabilities: tuple[Capability, ...] = ()
    elsewhere: Mapping[str, ClientVolume] = field(default_factory=dict)
