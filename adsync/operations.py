"""Google Ads operations: how many an account's night will use, and for which accounts a day's budget reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from adsync.model.account import Account
from adsync.plan.outcome import takes_away
from adsync.ports import State
from adsync.pull import questions_due
from adsync.state.cells import Unreadable

READS_PER_NIGHT = 11
"""Google Ads operations of one account's night: account, actions, four kinds of goals, campaigns, data exclusions,
conversions by either date, cost. A query is one operation however many rows it has."""

READS_PER_CHANGE, READS_BEFORE_CHANGES = 2, 7
"""Each change is one operation and one to read it back; before the first the account is read again, and before each
later one that takes a signal from bidding."""

READS_PER_OWNER, READS_PER_CLIENT = 3, 1
"""Where changes meet other accounts: who is below the owner, its goals and custom goals, and each of these accounts."""

STATE_READS_PER_CLIENT, NUMBERS_READ_PER_CLIENT = 4, 2
"""Of each of the others: itself, goal settings, campaign goals, campaigns; and in the night conversions by either date."""


def foreseen(account: Account, state: State, now: datetime) -> int:
    """What the night of an account will use, with the changes that a person has agreed to."""
    ledger, elsewhere = state.ledger, _reads_elsewhere(account)
    nightly = of_a_night(account)
    try:
        plan, words = ledger.newest_plan(account.customer_id), ledger.approvals(account.customer_id)
    except Unreadable:
        return nightly  # its own turn says what is wrong
    if plan is None:
        return nightly
    agreed = [p for p in plan.changes if (w := words.get(p.change.hash)) and w.approved and w.holds(now)]
    whole = len(agreed[:1]) + sum(takes_away(p.change) or bool(p.change.owner_id) for p in agreed[1:])
    return nightly + (READS_BEFORE_CHANGES + elsewhere) * whole + READS_PER_CHANGE * len(agreed)


def of_a_night(account: Account) -> int:
    """Without changes."""
    return READS_PER_NIGHT + _reads_elsewhere(account) + NUMBERS_READ_PER_CLIENT * _others(account)


def _others(account: Account) -> int:
    return len(account.cross_account.client_ids) - 1 if account.cross_account is not None else 0


def _reads_elsewhere(account: Account) -> int:
    """To see whom a change would meet, and how they bid. Of the accounts below an owner only its clients are foreseen."""
    if account.cross_account is None:
        return 0
    clients = _others(account) + 1
    return READS_PER_OWNER + READS_PER_CLIENT * clients + STATE_READS_PER_CLIENT * _others(account)


def questions(account: Account, state: State, now: datetime) -> int:
    """What it will use to ask Google what it would accept. Mirrors that appear tonight are not foreseen."""
    numbers, customer_id = state.numbers, account.customer_id
    try:
        snapshot = numbers.snapshot(customer_id)
        entries = state.ledger.entries([customer_id])
        known = numbers.capabilities(customer_id, date.max)
    except Unreadable:
        return 0  # its own turn says what is wrong
    if snapshot is None:
        return 0
    return sum(map(len, questions_due(account, snapshot.state, known, entries, now).values()))


def within(accounts: Sequence[Account], needs: Mapping[str, int], left: int) -> list[Account]:
    """The first accounts for which the operations reach; none is passed over for a smaller one behind it."""
    chosen: list[Account] = []
    for account in accounts:
        left -= needs[account.customer_id]
        if left < 0:
            break
        chosen.append(account)
    return chosen


def turns_of(waiting: Sequence[Account], needs: Mapping[str, int], a_day: int) -> dict[str, int | None]:
    """After how many days each waiting account has its turn, when one run a day goes on; None for never."""
    turns: dict[str, int | None] = {}
    day, left = 1, a_day
    for account in waiting:
        need = needs[account.customer_id]
        if need > a_day:
            turns[account.customer_id] = None
            continue
        if need > left:
            day, left = day + 1, a_day
        left -= need
        turns[account.customer_id] = day
    return turns
