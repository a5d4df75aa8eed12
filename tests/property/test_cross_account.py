"""Laws of changes that meet several accounts: more accounts never make one easier, and their order says nothing."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from adsync.model.ads import ClientState
from adsync.model.plan import Consent
from adsync.model.sharing import Client, Sharing
from tests.builders import CUSTOMER_ID, a_campaign, a_customer, a_state, an_account
from tests.unit.test_sharing import BOTH, HELPER, OWNER, SHOP, planned

CAMPAIGNS = st.builds(
    a_campaign,
    st.just("9"),
    status=st.sampled_from(["ENABLED", "PAUSED"]),
    strategy=st.sampled_from(["MAXIMIZE_CONVERSIONS", "TARGET_ROAS", "MANUAL_CPC"]),
    target_roas=st.sampled_from([0.0, 3.0]),
    system_status=st.sampled_from(["ENABLED", "LEARNING_NEW"]),
)
CLIENTS = st.lists(CAMPAIGNS, max_size=4).map(
    lambda found: tuple(
        ClientState(customer=a_customer(customer_id=str(3_000_000_000 + n), name=f"Client {n}"), campaigns=(each,))
        for n, each in enumerate(found)
    )
)


@settings(max_examples=25)
@given(clients=CLIENTS, data=st.data())
def test_another_client_never_makes_a_change_easier_and_their_order_never_matters(
    clients: tuple[ClientState, ...], data: st.DataObject
) -> None:
    part = data.draw(st.permutations(clients))[: data.draw(st.integers(0, len(clients)))]
    names = [Client(customer_id=c.customer.customer_id, name=c.customer.name) for c in clients]
    agreed = replace(BOTH, client_ids=(CUSTOMER_ID, *(c.customer_id for c in names)))
    account, sharing = an_account(cross_account=agreed), Sharing(owner_id=OWNER, clients=(SHOP, *names))
    whole = planned(account, a_state(HELPER, sharing=sharing, elsewhere=clients))
    assert planned(account, a_state(HELPER, sharing=sharing, elsewhere=clients[::-1])) == whole
    fewer = planned(account, a_state(HELPER, sharing=sharing, elsewhere=tuple(part)))
    if fewer.changes[0].consent is Consent.PROPOSAL:
        assert whole.changes[0].consent is Consent.PROPOSAL
    assert whole.changes[0].consent is not Consent.AUTO
