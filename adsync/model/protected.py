"""What adsync must leave alone, whoever agrees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from adsync.model.ads import AccountState, Campaign, ConversionAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """Ids or exact names. A name that several bear protects each of them."""

    actions: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()

    def has_action(self, action: ConversionAction) -> bool:
        return action.id in self.actions or action.name in self.actions

    def has_campaign(self, campaign: Campaign) -> bool:
        return campaign.id in self.campaigns or campaign.name in self.campaigns

    def amiss(self, state: AccountState) -> str:
        """What of it the account does not have, and so is not protected; "" when all is there."""
        actions = [one for one in self.actions if not state.actions_named(one)]
        campaigns = [one for one in self.campaigns if not any(one in (c.id, c.name) for c in state.campaigns)]
        said = [
            *(
                f"protected.{key} names {_listed(missing)}, which the account does not have."
                for key, missing in (("actions", actions), ("campaigns", campaigns))
                if missing
            ),
        ]
        return " ".join(said)


def _listed(names: Iterable[str]) -> str:
    return " and ".join(f'"{name}"' for name in names)
