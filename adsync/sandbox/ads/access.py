"""Which accounts a call may see, and whether it may change them."""

from __future__ import annotations

from adsync.sandbox.ads.call import Call
from adsync.sandbox.ads.errors import refuse
from adsync.sandbox.estate import MANAGER_ID, Estate
from adsync.sandbox.users import USERS

DENIED = (
    "User doesn't have permission to access customer. Note: If you're accessing a client customer, the manager's "
    "customer id must be set in the 'login-customer-id' header."
)


def linked_accounts(estate: Estate, call: Call) -> frozenset[str]:
    """The accounts of which the caller is a direct user."""
    return USERS[call.user].links(MANAGER_ID, estate.accounts)


def check_access(estate: Estate, customer_id: str, call: Call, *, changes: bool = False) -> None:
    """Raises AdsRefusal unless the call may see (changes: change) this customer.

    The login customer is the header's, or else the customer itself. The caller has to be a direct user of it, and it
    has to be the customer or above it: a user of a manager reaches a client only by naming the manager.
    """
    if not _is_customer_id(customer_id):
        raise refuse("request_error", "INVALID_CUSTOMER_ID", f"Invalid customer ID '{customer_id}'.")
    login = call.metadata.get("login-customer-id") or customer_id
    if not _is_customer_id(login):
        raise refuse("header_error", "INVALID_LOGIN_CUSTOMER_ID", "The login customer ID could not be validated.")
    if login not in linked_accounts(estate, call) or not _reaches(estate, login, customer_id):
        raise refuse("authorization_error", "USER_PERMISSION_DENIED", DENIED)
    if changes and not USERS[call.user].may_change:
        raise refuse(
            "authorization_error",
            "ACTION_NOT_PERMITTED",
            "The user does not have permission to perform this action on the resource or call a method.",
        )


def _is_customer_id(text: str) -> bool:
    return len(text) == 10 and text.isascii() and text.isdigit()


def _reaches(estate: Estate, login: str, customer_id: str) -> bool:
    account = estate.accounts.get(customer_id)
    if account is None:
        return login == customer_id == MANAGER_ID
    return login in (customer_id, account.manager_id)
