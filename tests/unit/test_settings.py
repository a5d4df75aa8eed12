"""The config file and the environment: what is accepted, and what a mistake says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from adsync.errors import SettingsError
from adsync.model.freeze import Freeze
from adsync.model.limits import ChangeLimits
from adsync.model.policy import APPROVAL_KINDS, DEFAULT_AUTO, Policy
from adsync.model.presets import preset
from adsync.model.protected import Protected
from adsync.model.sharing import CrossAccount
from adsync.model.window import Window
from adsync.settings import DEFAULT_PATH, Environment, Limits, Settings, endpoints, is_loopback, load
from adsync.settings.policy import PolicyEntry
from adsync.settings.schema import AccountEntry, ConfigFile

SHOP = """
accounts:
  - name: shop
    customer_id: 123-456-7890
    property_id: 371001234
    macro: {event: purchase, actions: [Purchase (web)]}
"""
SECOND = SHOP.replace("accounts:\n", "").replace("name: shop", "name: other").replace("7890", "7891")


def environment(**variables: Any) -> Environment:
    return Environment.model_validate(variables)


def loaded(directory: Path, text: str, **variables: Any) -> Settings:
    path = directory / "adsync.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, environment(**variables))


def problem(directory: Path, text: str) -> str:
    """Why the only account was set aside."""
    settings = loaded(directory, text)
    assert settings.accounts == ()
    [faulty] = settings.faulty
    return faulty.problem


def refusal(directory: Path, text: str) -> str:
    """Why the whole file was refused."""
    with pytest.raises(SettingsError) as refused:
        loaded(directory, text)
    assert refused.value.exit_code == 2
    return str(refused.value)


# What a file says ----------------------------------------------------------------------------------------------------


def test_a_short_file_is_enough(tmp_path: Path) -> None:
    settings = loaded(tmp_path, SHOP)
    [shop] = settings.accounts
    assert (shop.name, shop.customer_id, shop.property_id) == ("shop", "1234567890", "371001234")
    assert (shop.macro.event_name, shop.macro.actions) == ("purchase", ("Purchase (web)",))
    assert "add_to_cart" in [c.event_name for c in shop.candidates]
    assert (shop.policy, shop.auto, shop.business) == (Policy(), DEFAULT_AUTO, "shop")
    assert (shop.read_credentials, shop.write_credentials) == ("default", "default")
    assert settings.faulty == () and settings.limits == Limits()


def test_an_empty_file_has_no_accounts(tmp_path: Path) -> None:
    assert loaded(tmp_path, "").accounts == ()


@pytest.mark.parametrize("written", ["1234567890", '"1234567890"', "123-456-7890", "123 456 7890"])
def test_a_customer_id_may_be_written_as_people_write_it(tmp_path: Path, written: str) -> None:
    assert loaded(tmp_path, SHOP.replace("123-456-7890", written)).accounts[0].customer_id == "1234567890"


@pytest.mark.parametrize("written", ["371001234", '"371001234"', "properties/371001234"])
def test_a_property_id_may_be_written_as_google_writes_it(tmp_path: Path, written: str) -> None:
    assert loaded(tmp_path, SHOP.replace("371001234", written)).accounts[0].property_id == "371001234"


def test_a_macro_may_be_named_by_its_id(tmp_path: Path) -> None:
    settings = loaded(tmp_path, SHOP.replace("[Purchase (web)]", '[6012345678, "77", Purchase (web)]'))
    assert settings.accounts[0].macro.actions == ("6012345678", "77", "Purchase (web)")


def test_an_accounts_policy_stands_over_the_files_and_that_over_the_defaults(tmp_path: Path) -> None:
    text = "policy: {demote_checks: 4, return_checks: 3}\n" + SHOP + "    policy: {demote_checks: 5}\n"
    policy = loaded(tmp_path, text).accounts[0].policy
    assert (policy.demote_checks, policy.return_checks, policy.stage_gap_days) == (5, 3, 14)


def test_a_preset_stands_under_the_numbers_beside_it_and_over_those_of_the_file(tmp_path: Path) -> None:
    text = "policy: {preset: fast, demote_checks: 4, minimum_share: 0.4}\n" + SHOP
    assert loaded(tmp_path, text).accounts[0].policy == replace(preset("fast"), demote_checks=4, minimum_share=0.4)
    own = loaded(tmp_path, text + "    policy: {preset: cautious, stage_gap_days: 21}\n").accounts[0].policy
    assert own == replace(preset("cautious"), stage_gap_days=21, minimum_share=0.4)
    back = loaded(tmp_path, text + "    policy: {preset: default}\n").accounts[0].policy
    assert back == Policy(minimum_share=0.4)


def test_declared_seasons_of_an_account_are_added_to_those_of_the_file(tmp_path: Path) -> None:
    text = "policy: {freezes: [{from: 2026-11-20, to: 2026-12-27, why: Black Friday}]}\n" + SHOP
    own = '    policy: {freezes: [{from: "2026-07-01", to: 2026-07-14, every_year: true}]}\n'
    assert loaded(tmp_path, text + own).accounts[0].policy.freezes == (
        Freeze(days=Window(date(2026, 11, 20), date(2026, 12, 27)), why="Black Friday"),
        Freeze(days=Window(date(2026, 7, 1), date(2026, 7, 14)), every_year=True),
    )


def test_an_accounts_approval_stands_over_the_files_and_that_over_the_defaults(tmp_path: Path) -> None:
    text = "approval: {promote: auto, demote: review}\n" + SHOP + "    approval: {promote: review, update: auto}\n"
    assert loaded(tmp_path, text).accounts[0].auto == {"create", "enable", "restore", "update"}


def test_candidates_of_ones_own_take_what_the_catalogue_knows_and_what_is_said(tmp_path: Path) -> None:
    text = SHOP + "    candidates: [{event: begin_checkout, depth: 8, route: tag}, {event: spun_the_wheel}]\n"
    known, own = loaded(tmp_path, text).accounts[0].candidates
    assert (known.title, known.category, known.depth, known.route) == ("Checkout begun", "BEGIN_CHECKOUT", 8, "tag")
    assert known.on_path
    assert (own.title, own.category, own.depth, own.route) == ("spun_the_wheel", "ENGAGEMENT", 3, "ga4")
    assert not own.on_path


def test_what_counts_something_else_is_named_and_no_candidate_is_lost(tmp_path: Path) -> None:
    usual = loaded(tmp_path, SHOP).accounts[0]
    shop = loaded(tmp_path, SHOP + "    distinct_from: {add_to_cart: [700000007, Cart (GTM)]}\n").accounts[0]
    assert shop.events == usual.events and len(shop.events) > 5
    apart = {c.event_name: c.distinct_from for c in shop.candidates if c.distinct_from}
    assert apart == {"add_to_cart": ("700000007", "Cart (GTM)")}
    both = "    candidates: [{event: add_to_cart, distinct_from: [1]}]\n    distinct_from: {add_to_cart: [1, 2]}\n"
    assert loaded(tmp_path, SHOP + both).accounts[0].candidates[0].distinct_from == ("1", "2")


def test_an_event_of_the_catalogue_may_be_named_alone(tmp_path: Path) -> None:
    short, long = (
        loaded(tmp_path, SHOP + f"    candidates: [{written}]\n").accounts[0].candidates
        for written in ("start_trial", "{event: start_trial}")
    )
    assert short == long
    [trial] = short
    assert (trial.title, trial.category, trial.depth, trial.route) == ("Trial begun", "SIGNUP", 5, "ga4")


def test_conditions_are_candidates_for_logs_of_events_alone(tmp_path: Path) -> None:
    listed = "\n".join(f"    - {c}" for c in ("add_to_cart", "page_view*3", "page_view[/pricing]", "60s"))
    shop = loaded(tmp_path, f"{SHOP}    candidates:\n{listed}\n").accounts[0]
    assert shop.events == ("purchase", "add_to_cart")
    assert [c.text for c in shop.conditions] == ["page_view*3", "page_view[/pricing]", "60s"]
    assert loaded(tmp_path, SHOP).accounts[0].conditions == ()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("export", ["export"]),
        ("[export, old/events.csv]", ["export", "old/events.csv"]),
        ("bigquery://shop-1/analytics_123", []),
    ],
)
def test_a_log_of_events_lies_beside_the_config_or_in_bigquery(tmp_path: Path, written: str, read: list[str]) -> None:
    shop = loaded(tmp_path, f"{SHOP}    events: {written}\n").accounts[0]
    assert shop.event_log == (tuple(str(tmp_path / name) for name in read) or (written,))
    assert loaded(tmp_path, f"{SHOP}    events: /data/export\n").accounts[0].event_log == ("/data/export",)
    assert loaded(tmp_path, SHOP).accounts[0].event_log == ()


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ('""', "accounts[0].events: found ''; no path stands there"),
        ("[]", "accounts[0].events: list should have at least 1 item"),
        (
            "s3://bucket/export",
            "accounts[0].events: found 's3://bucket/export'; an event log is a file, a folder or bigquery",
        ),
        ("[export, bigquery://shop-1]", "accounts[0].events[1]: found 'bigquery://shop-1'; an event log is"),
        ("2026", "accounts[0].events: found 2026; "),
        ("{path: export}", "accounts[0].events: "),
        ("~nobody-of-that-name/export", "accounts[0]: events: "),
    ],
)
def test_an_event_log_that_is_none_sets_its_account_aside(tmp_path: Path, written: str, says: str) -> None:
    assert says in problem(tmp_path, f"{SHOP}    events: {written}\n").replace("List", "list")


def test_the_business_chooses_its_part_of_the_catalogue_without_the_macro(tmp_path: Path) -> None:
    text = SHOP.replace("purchase", "sign_up") + "    business: saas\n"
    names = [c.event_name for c in loaded(tmp_path, text).accounts[0].candidates]
    assert "tutorial_begin" in names and "add_to_cart" not in names and "sign_up" not in names


def test_an_account_may_read_and_write_with_different_credentials(tmp_path: Path) -> None:
    text = "credentials: {r: {environment: true}, w: {application_default: true}}\n"
    shop = loaded(tmp_path, text + SHOP + "    credentials: {read: r, write: w}\n").accounts[0]
    assert (shop.read_credentials, shop.write_credentials) == ("r", "w")


def test_files_of_credentials_lie_beside_the_config(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "credentials: {a: {key_file: keys/a.json}, b: {key_file: /etc/b.json}}\n" + SHOP)
    assert settings.credentials["a"].key_file == tmp_path / "keys" / "a.json"
    assert settings.credentials["b"].key_file == Path("/etc/b.json")


def test_the_state_lies_beside_the_config_wherever_the_command_runs(tmp_path: Path) -> None:
    assert loaded(tmp_path, SHOP).state == f"sqlite:///{tmp_path / 'adsync.db'}"
    assert loaded(tmp_path, "state: ../other.db\n" + SHOP).state == f"sqlite:///{tmp_path.parent / 'other.db'}"
    assert loaded(tmp_path, "state: sqlite:////var/lib/a.db\n" + SHOP).state == "sqlite:////var/lib/a.db"


def test_the_environment_beats_the_file_about_the_state(tmp_path: Path) -> None:
    assert loaded(tmp_path, SHOP, ADSYNC_STATE="sqlite:////tmp/x.db").state == "sqlite:////tmp/x.db"
    assert loaded(tmp_path, SHOP, ADSYNC_STATE="/tmp/x.db").state == "sqlite:////tmp/x.db"


def test_the_environment_names_the_config_and_the_command_line_beats_it(tmp_path: Path) -> None:
    path = tmp_path / "named.yaml"
    path.write_text(SHOP, encoding="utf-8")
    assert load(None, environment(ADSYNC_CONFIG=path)).path == path
    assert loaded(tmp_path, SHOP, ADSYNC_CONFIG=tmp_path / "missing.yaml").path == tmp_path / "adsync.yaml"
    assert Path("adsync.yaml") == DEFAULT_PATH


# Choosing accounts ---------------------------------------------------------------------------------------------------


def test_accounts_are_chosen_by_name_in_the_order_asked_or_all(tmp_path: Path) -> None:
    settings = loaded(tmp_path, SHOP + SECOND)
    assert [a.name for a in settings.chosen(())] == ["shop", "other"]
    assert [a.name for a in settings.chosen(("other", "shop"))] == ["other", "shop"]


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no account 'shpo'.*It knows: other, shop"):
        loaded(tmp_path, SHOP + SECOND).chosen(("shpo",))


def test_a_faulty_account_that_is_asked_for_says_what_is_wrong(tmp_path: Path) -> None:
    settings = loaded(tmp_path, SHOP.replace("371001234", "G-12345"))
    with pytest.raises(SettingsError, match=r"Account shop was set aside.*Property details"):
        settings.chosen(("shop",))


# Mistakes in one account ---------------------------------------------------------------------------------------------


def test_a_faulty_account_is_set_aside_while_the_others_load(tmp_path: Path) -> None:
    settings = loaded(tmp_path, SHOP.replace("371001234", "G-12345") + SECOND)
    assert [a.name for a in settings.accounts] == ["other"]
    [faulty] = settings.faulty
    assert faulty.name == "shop"
    assert faulty.problem.startswith(f"{tmp_path / 'adsync.yaml'}, accounts[0].property_id: found 'G-12345'; ")


def test_an_account_without_a_name_is_called_by_its_number(tmp_path: Path) -> None:
    settings = loaded(tmp_path, SHOP + "  - 5\n  - {customer_id: 1}\n")
    assert [f.name for f in settings.faulty] == ["number 2", "number 3"]
    assert "accounts[1]: found 5; a mapping (key: value) is wanted here" in settings.faulty[0].problem
    assert "accounts[2].name: it is missing and has no default" in settings.faulty[1].problem


@pytest.mark.parametrize("written", ["123456789", "12345678901", "abc", "true", "1234567890.0", "١٢٣٤٥٦٧٨٩٠", "[]"])
def test_a_customer_id_of_the_wrong_shape_is_refused(tmp_path: Path, written: str) -> None:
    text = problem(tmp_path, SHOP.replace("123-456-7890", written))
    assert "accounts[0].customer_id" in text and "ten digits, like 123-456-7890" in text


@pytest.mark.parametrize("written", ["G-ABC123", "12345", "1234567890123", "UA-1-1", "true", "٣٧١٠٠١٢٣٤"])
def test_a_property_id_of_the_wrong_shape_is_refused(tmp_path: Path, written: str) -> None:
    text = problem(tmp_path, SHOP.replace("371001234", written))
    assert "accounts[0].property_id" in text and "not a G- id" in text


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ("candidats: []", "accounts[0].candidats: there is no such key (did you mean candidates?); allowed are"),
        ("name-prefix: x", "accounts[0].name-prefix: there is no such key (did you mean name_prefix?)"),
        (
            "policy: {demote_check: 3}",
            "accounts[0].policy.demote_check: there is no such key (did you mean demote_checks?).",
        ),
        (
            "policy: {xyz: 3}",
            "accounts[0].policy.xyz: there is no such key; allowed are ad_sessions_fall, check_every_days",
        ),
        (
            "candidates: [{event: a, titel: b}]",
            "accounts[0].candidates[0].titel: there is no such key (did you mean title?)",
        ),
        ("xyz: 1", "accounts[0].xyz: there is no such key; allowed are approval, business"),
        ("approval: {demot: auto}", "found 'demot'; a kind of change is one of key_event, create"),
        ("approval: {demote: maybe}", "accounts[0].approval.demote: found 'maybe'; input should be 'auto' or 'review'"),
        ("approval: {demote: [auto]}", "accounts[0].approval.demote: input should be 'auto' or 'review'"),
        ("business: shopp", "accounts[0].business: found 'shopp'; a business model is one of shop, saas"),
        ("candidates: catalogue", "accounts[0].candidates: found 'catalogue'; input should be 'from the catalogue'"),
        ("distinct_from: {spun: [1]}", "accounts[0]: distinct_from: spun is no candidate of the account; they are "),
        ("candidates: {event: a}", "accounts[0].candidates: a list is wanted here"),
        ("candidates: [5]", "accounts[0].candidates[0]: found 5; a mapping (key: value) is wanted here"),
        (
            "candidates: [add_to_crat]",
            "accounts[0].candidates[0]: found 'add_to_crat'; did you mean add_to_cart? the catalogue has no such event; "
            "one of your own is written as {event: add_to_crat}.",
        ),
        (
            "candidates: [spun]",
            "found 'spun'; the catalogue has no such event; one of your own is written as {event: sp",
        ),
        (
            "candidates: [page_view*0]",
            "accounts[0].candidates[0]: found 'page_view*0'; 'page_view*0' is no condition: the times are 1 to 100. A co",
        ),
        ("candidates: [60s, 60s]", "accounts[0]: candidates: 60s is named twice"),
        ("candidates: [page_view*3, 'page_view*3 ']", "accounts[0]: candidates: page_view*3 is named twice"),
        ("candidates: [add_to_cart, {event: add_to_cart}]", "accounts[0]: candidates: add_to_cart is named twice"),
        ("candidates: [purchase*2/7d]", "purchase is the macro; it cannot announce itself"),
        ("candidates: [{event: 1st}]", "accounts[0].candidates[0].event: found '1st'; a GA4 event name has"),
        ("candidates: [{event: a, depth: 10}]", "accounts[0].candidates[0].depth: found 10; allowed is 0 to 9."),
        ("candidates: [{event: a, route: gtm}]", "input should be 'ga4' or 'tag'"),
        ("candidates: [{event: a}, {event: a}]", "accounts[0]: candidates: a is named twice"),
        ("candidates: [{event: purchase}]", "purchase is the macro; it cannot announce itself"),
        ("credentials: {read: default}", "accounts[0].credentials.write: it is missing and has no default"),
        ("credentials: [default]", "accounts[0].credentials: a mapping (key: value) is wanted here"),
        ("credentials: other", "credentials: found 'other'; the file names default"),
        ("credentials: {read: default, write: other}", "credentials: found 'other'; the file names default"),
        ("policy: {demand_per_30_days: 2}", "policy.demand_per_30_days: found 2; allowed is 5 to 1000."),
        (
            "policy: {demote_confidence: 1}",
            "policy.demote_confidence: found 1; allowed is 0.5 to 0.999.",
        ),
        (
            "policy: {demote_confidence: 95}",
            "policy.demote_confidence: found 95; allowed is 0.5 to 0.999; for 95 % write 0.95.",
        ),
        ("policy: {enough_of_spend: 70}", "found 70; allowed is 0.5 to 1; for 70 % write 0.7."),
        ("policy: {demote_confidence: 950}", "found 950; allowed is 0.5 to 0.999."),
        ("policy: {demote_confidence: high}", "found 'high'; input should be a valid number"),
        ("policy: {preset: bold}", "policy.preset: found 'bold'; input should be 'cautious', 'default' or 'fast'"),
        ("policy: {gate_macro_joins: 0.9}", "found 0.9; allowed is up to gate_macro (0.7), or gate A would close"),
        (
            "policy: {freezes: [{from: 2026-12-27, to: 2026-11-20}]}",
            "policy.freezes[0]: it ends (2026-11-20) before it begins (2026-12-27)",
        ),
        (
            "policy: {freezes: [{from: Black Friday, to: 2026-11-20}]}",
            "policy.freezes[0].from: found 'Black Friday'; a day is wanted, like 2026-11-20",
        ),
        ("policy: {freezes: [{from: 20261120, to: 2026-12-27}]}", "freezes[0].from: found 20261120; a day is wanted"),
        ("policy: {freezes: [{from: 2026-11-20}]}", "policy.freezes[0].to: it is missing and has no default"),
        (
            "policy: {freezes: [{from: 2026-11-20, until: 2026-12-27}]}",
            "freezes[0].until: there is no such key; allowed are every_year, from, to, why",
        ),
        (
            "policy: {freezes: [{from: 2026-01-01, to: 2026-12-31, every_year: true}]}",
            "policy.freezes[0]: what comes every year is shorter than a year",
        ),
        ("policy: {freezes: 2026-11-20}", "policy.freezes: "),
        ("policy: {return_per_30_days: 21}", "found 21; allowed is up to two thirds of the demand line (30)"),
        (
            "policy: {demand_per_30_days: 29, return_per_30_days: 20}",
            "found 20; allowed is up to two thirds of the demand line (29)",
        ),
    ],
)
def test_a_mistake_is_named_by_its_key_and_what_is_allowed(tmp_path: Path, extra: str, words: str) -> None:
    assert words.lower() in problem(tmp_path, f"{SHOP}    {extra}\n").lower()


@pytest.mark.parametrize(
    ("file", "account", "line"),
    [
        ("", "{demand_per_30_days: 24}", 16),
        ("policy: {demand_per_30_days: 24}\n", "{}", 16),
        ("policy: {demand_per_30_days: 24}\n", "{demand_per_30_days: 30}", 20),
        ("policy: {return_per_30_days: 10}\n", "{demand_per_30_days: 24}", 10),
        ("", "{demand_per_30_days: 60}", 20),
        ("", "{demand_per_30_days: 24, return_per_30_days: null, preset: fast}", 16),
    ],
)
def test_a_return_line_that_nobody_wrote_stays_under_the_demand_line(
    tmp_path: Path, file: str, account: str, line: float
) -> None:
    settings = loaded(tmp_path, f"{file}{SHOP}    policy: {account}\n")
    assert [a.policy.return_per_30_days for a in settings.accounts] == [line]


def test_a_return_line_that_the_file_wrote_is_not_lowered_for_one_account(tmp_path: Path) -> None:
    text = problem(tmp_path, "policy: {return_per_30_days: 20}\n" + SHOP + "    policy: {demand_per_30_days: 24}\n")
    assert "found 20; allowed is up to two thirds of the demand line (24)" in text


@pytest.mark.parametrize("name", ["a b", "../x", "x/1", "-x", "", "x" * 41, "shop\\n"])
def test_a_name_is_a_word_that_fits_into_file_names_and_plan_ids(tmp_path: Path, name: str) -> None:
    assert "a name has up to 40 letters" in problem(tmp_path, SHOP.replace("name: shop", f'name: "{name}"'))


def test_one_mistake_is_said_once(tmp_path: Path) -> None:
    text = problem(tmp_path, SHOP + "    candidates: [{event: a, titel: b}]\n")
    assert text.count("titel") == 1


def test_several_mistakes_are_all_said(tmp_path: Path) -> None:
    text = problem(tmp_path, SHOP.replace("371001234", "x") + "    business: y\n    z: 1\n")
    assert all(key in text for key in ("property_id", "business", "accounts[0].z"))


def test_two_accounts_with_one_name_are_one_too_many(tmp_path: Path) -> None:
    settings = loaded(tmp_path, SHOP + SECOND.replace("other", "shop"))
    assert [a.customer_id for a in settings.accounts] == ["1234567890"]
    assert "the name 'shop' is used by another account" in settings.faulty[0].problem


def test_one_google_account_under_two_names_is_one_too_many(tmp_path: Path) -> None:
    settings = loaded(tmp_path, SHOP + SECOND.replace("123-456-7891", "1234567890"))
    assert [a.name for a in settings.accounts] == ["shop"]
    assert "customer_id 1234567890 is the account 'shop' already" in settings.faulty[0].problem


def test_a_faulty_account_takes_no_name_from_a_good_one(tmp_path: Path) -> None:
    settings = loaded(tmp_path, SHOP.replace("371001234", "x") + SECOND.replace("other", "shop"))
    assert [a.customer_id for a in settings.accounts] == ["1234567891"]


# Mistakes anywhere else ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("acounts: []", "acounts: there is no such key (did you mean accounts?)"),
        ("limits: {thread: 3}", "limits.thread: there is no such key (did you mean threads?)"),
        ("limits: {threads: 65}", "limits.threads: found 65; allowed is 1 to 64."),
        ("limits: 5", "limits: found 5; a mapping (key: value) is wanted here"),
        ("accounts: {}", "accounts: a list is wanted here"),
        ("policy: {demote_checks: nein}", "policy.demote_checks: found 'nein'"),
        ("credentials: {my-key: {}}", "credentials.my-key: name exactly one of key_file, google_ads_yaml"),
        ("credentials: {a: {environment: true, key_file: x}}", "credentials.a: name exactly one of"),
        (
            "credentials: {my-key: {keyfile: x}}",
            "credentials.my-key.keyfile: there is no such key (did you mean key_file?)",
        ),
        ("- accounts", "top level: a mapping (key: value) is wanted here"),
        ("just words", "top level: found 'just words'; a mapping"),
    ],
)
def test_a_mistake_outside_the_accounts_stops_the_command(tmp_path: Path, text: str, words: str) -> None:
    found = refusal(tmp_path, text)
    assert words in found
    assert found.startswith(str(tmp_path / "adsync.yaml"))
    assert found.endswith("Every key is described in config/adsync.yaml.")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("accounts: [", "is not YAML"),
        ("\taccounts:", "is not YAML"),
        ("? [a]\n: b\n", "is not YAML.*unhashable key"),
        ("state: !!python/object/apply:os.getcwd []", "is not YAML.*could not determine a constructor"),
        ("state: a\nstate: b\n", "the key 'state' stands twice.*line 2"),
        (SHOP + "    name: other\n", "the key 'name' stands twice.*line 7"),
    ],
)
def test_what_is_not_clean_yaml_is_refused_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    assert re.search(words, refusal(tmp_path, text))


def test_equal_keys_in_different_mappings_are_fine(tmp_path: Path) -> None:
    assert len(loaded(tmp_path, SHOP + SECOND).accounts) == 2


def test_a_file_that_is_not_there_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no config file .*adsync\.yaml\. Write one with: adsync init"):
        load(tmp_path / "adsync.yaml", environment())


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path, environment())
    (tmp_path / "latin.yaml").write_bytes(b"state: caf\xe9.db")
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path / "latin.yaml", environment())


# Where Google is -----------------------------------------------------------------------------------------------------

SANDBOX = {"ADSYNC_ADS_ENDPOINT": "localhost:8086", "ADSYNC_GA4_ENDPOINT": "http://127.0.0.1:8085"}


def test_without_endpoints_google_is_google() -> None:
    assert not endpoints(environment()).is_sandbox
    assert endpoints(environment(ADSYNC_CLOCK_URL="http://localhost:1")).clock_url == ""


def test_a_sandbox_on_this_machine_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(b"PEM")
    clock = "http://127.0.0.1:8085/clock"
    found = endpoints(environment(**SANDBOX, ADSYNC_CLOCK_URL=clock, ADSYNC_ADS_CA_FILE=tmp_path / "ca.pem"))
    assert found.is_sandbox
    assert (found.ads, found.ga4) == ("localhost:8086", "http://127.0.0.1:8085")
    assert (found.ads_ca_pem, found.clock_url) == (b"PEM", clock)


@pytest.mark.parametrize("half", SANDBOX)
def test_half_a_sandbox_is_refused(half: str) -> None:
    with pytest.raises(SettingsError, match="belong together"):
        endpoints(environment(**{half: SANDBOX[half]}))


@pytest.mark.parametrize("name", [*SANDBOX, "ADSYNC_CLOCK_URL"])
def test_an_endpoint_on_another_machine_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}: found 'http://example.com:1'; .*only be on this machine"):
        endpoints(environment(**{**SANDBOX, name: "http://example.com:1"}))


def test_a_certificate_that_is_not_there_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ADSYNC_ADS_CA_FILE cannot be read"):
        endpoints(environment(**SANDBOX, ADSYNC_ADS_CA_FILE=tmp_path / "missing.pem"))


@pytest.mark.parametrize(
    "address",
    [
        "localhost",
        "localhost:8086",
        "http://LOCALHOST:80/x",
        "127.0.0.1:1",
        "http://127.9.9.9",
        "[::1]:8080",
        "http://[::1]",
    ],
)
def test_these_can_only_be_this_machine(address: str) -> None:
    assert is_loopback(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "example.com",
        "googleads.googleapis.com:443",
        "localhost.example.com",
        "127.0.0.1.example.com",
        "http://localhost@example.com",
        "http://localhost:80@example.com/",
        "http://example.com/localhost",
        "http://example.com#//localhost",
        "dns:///example.com",
        "unix:///tmp/socket",
        "0.0.0.0:80",
        "10.0.0.1",
        "[::2]:80",
        "http://[localhost",
        "dns://127.0.0.1:53/192.0.2.1:29999",
        "evil.test://localhost",
        "localhost:1/192.0.2.1",
        "unix://localhost",
        "http://localhost@192.0.2.1",
        "http://user@localhost:1",
        "localhost\\@192.0.2.1",
    ],
)
def test_these_may_be_another_machine(address: str) -> None:
    assert not is_loopback(address)


# Promises: every setting is described --------------------------------------------------------------------------------


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


def all_keys(*models: type[BaseModel]) -> set[str]:
    """Every key that these models and those inside them take."""
    seen: set[type[BaseModel]] = set()
    waiting, keys = list(models), set()
    while waiting:
        model = waiting.pop()
        if model in seen:
            continue
        seen.add(model)
        for name, field in model.model_fields.items():
            keys.add(field.alias or name)
            waiting.extend(models_in(field.annotation))
    return keys


KEYS = sorted(all_keys(ConfigFile, AccountEntry))


def test_the_walk_over_the_schema_reaches_its_depths() -> None:
    assert {"threads", "impersonate", "minimum_lift", "event", "route", "write", "name_prefix"} <= set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_in_the_commented_config(root: Path, key: str) -> None:
    text = (root / "config" / "adsync.yaml").read_text(encoding="utf-8")
    assert re.search(rf"(?:^|[\s{{#-]){key}:", text, flags=re.M)


@pytest.mark.parametrize("kind", APPROVAL_KINDS)
def test_every_kind_of_change_is_in_the_commented_config(root: Path, kind: str) -> None:
    document = yaml.safe_load((root / "config" / "adsync.yaml").read_text(encoding="utf-8"))
    assert document["approval"][kind] == ("auto" if kind in DEFAULT_AUTO else "review")


def test_the_commented_config_loads_and_says_the_defaults(root: Path) -> None:
    settings = load(root / "config" / "adsync.yaml", environment())
    assert settings.faulty == ()
    [shop] = settings.accounts
    assert shop.policy == Policy()
    assert shop.auto == DEFAULT_AUTO
    assert settings.limits == Limits() and shop.limits == ChangeLimits()
    assert (shop.name_prefix, shop.business) == ("adsync: ", "shop")
    assert AccountEntry.model_fields["candidates"].default == "from the catalogue"


def test_an_accounts_limits_of_changes_stand_over_those_of_the_file(tmp_path: Path) -> None:
    text = "limits: {account_changes_per_run: 7, account_changes_per_month: 30}\n" + SHOP
    assert loaded(tmp_path, text).accounts[0].limits == ChangeLimits(changes_per_run=7, changes_per_month=30)
    text += "    limits: {changes_per_run: 9}\n"
    assert loaded(tmp_path, text).accounts[0].limits == ChangeLimits(changes_per_run=9, changes_per_month=30)
    (faulty,) = loaded(tmp_path, SHOP + "    limits: {changes_per_run: 0}\n").faulty
    assert "limits.changes_per_run: found 0; allowed is 1 to 1000" in faulty.problem


def test_what_is_protected_may_be_named_by_an_id_as_yaml_reads_it(tmp_path: Path) -> None:
    text = SHOP + "    protected: {actions: [700000001, Purchase (web)], campaigns: [Brand]}\n"
    found = loaded(tmp_path, text).accounts[0].protected
    assert found == Protected(actions=("700000001", "Purchase (web)"), campaigns=("Brand",))
    (faulty,) = loaded(tmp_path, SHOP + '    protected: {actions: [""]}\n').faulty
    assert "protected.actions[0]" in faulty.problem


AGREED = "    cross_account: {owner: 999-000-0001, clients: [123-456-7890, 1234567891]}\n"


def test_an_agreement_to_changes_that_meet_other_accounts_names_them_all(tmp_path: Path) -> None:
    found = loaded(tmp_path, SHOP + AGREED).accounts[0].cross_account
    assert found == CrossAccount(owner_id="9990000001", client_ids=("1234567890", "1234567891"))
    assert loaded(tmp_path, SHOP).accounts[0].cross_account is None
    without_itself = AGREED.replace("123-456-7890, ", "")
    assert "the account itself, 123-456-7890, is not named" in problem(tmp_path, SHOP + without_itself)
    assert "cross_account.clients" in problem(
        tmp_path, SHOP + "    cross_account: {owner: 999-000-0001, clients: []}\n"
    )


def test_two_accounts_do_not_both_decide_about_the_actions_of_one_owner(tmp_path: Path) -> None:
    settings = loaded(tmp_path, SHOP + AGREED + SECOND + AGREED)
    assert [a.name for a in settings.accounts] == ["shop"]
    assert (
        "the account 'shop' decides about the conversion actions of 999-000-0001 already" in settings.faulty[0].problem
    )
    assert len(loaded(tmp_path, SHOP + AGREED + SECOND + AGREED.replace("999-", "888-")).accounts) == 2
    assert [a.decided_by for a in loaded(tmp_path, SHOP + AGREED + SECOND).accounts] == ["", "shop"]


def test_every_key_of_the_policy_is_a_threshold_that_exists() -> None:
    assert set(PolicyEntry.model_fields) - {"preset"} == set(Policy.__dataclass_fields__)


@pytest.mark.parametrize("name", sorted(str(f.validation_alias) for f in Environment.model_fields.values()))
def test_every_variable_is_in_the_example_environment(root: Path, name: str) -> None:
    example = root / ".env.example"
    if not example.exists():
        pytest.skip("there is no .env.example")
    assert re.search(rf"^#? ?{name}=", example.read_text(encoding="utf-8"), flags=re.M)


def test_secrets_do_not_show_when_the_environment_is_printed() -> None:
    shown = repr(environment(GOOGLE_ADS_CLIENT_SECRET="s3cret", GOOGLE_ADS_REFRESH_TOKEN="t0ken"))
    assert "s3cret" not in shown and "t0ken" not in shown


@pytest.mark.parametrize("state", ["~nosuchuser/x.db", "a\0b", "x" * 5000])
def test_a_state_that_is_no_path_is_refused(tmp_path: Path, state: str) -> None:
    import json

    (tmp_path / "adsync.yaml").write_text(json.dumps({"state": state, "accounts": []}))
    with pytest.raises(SettingsError, match=r"state: found .* it is no path here"):
        load(tmp_path / "adsync.yaml", environment())


def test_an_account_is_chosen_once_however_often_it_is_named(tmp_path: Path) -> None:
    found = loaded(tmp_path, SHOP)
    name = found.accounts[0].name
    assert found.chosen((name, name)) == found.accounts


def test_a_category_that_google_does_not_know_is_refused_with_its_likeness(tmp_path: Path) -> None:
    text = SHOP + "    candidates: [{event: x, category: ADD_TO_CARTT}]\n"
    (faulty,) = loaded(tmp_path, text).faulty
    assert "did you mean ADD_TO_CART?" in faulty.problem
