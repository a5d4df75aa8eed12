"""adsync init: what the credentials can see, and a first config."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from adsync.cli.options import console, json_option

if TYPE_CHECKING:
    from adsync.discovery import FoundAccount
    from adsync.wiring import Wiring


@click.command(name="init")
@click.option("--key-file", type=click.Path(path_type=Path), metavar="PATH", help="A service account's key.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="PATH", help="The config to write (default: adsync.yaml)."
)
@click.option("--force", is_flag=True, help="Replace a config that exists.")
@click.option("--list", "only_list", is_flag=True, help="Write nothing.")
@json_option
@click.pass_context
def command(
    context: click.Context, key_file: Path | None, out: Path | None, force: bool, only_list: bool, as_json: bool
) -> None:
    """List what your credentials can see, and write a config for the accounts that can be managed.

    Without --key-file the credentials are those of other Google Ads programs: GOOGLE_ADS_* variables, the
    google-ads.yaml that they name, or the machine's own (gcloud).

    \b
    Example:
      adsync init --key-file service-account.json
    """
    from adsync.discovery import discover
    from adsync.errors import UsageError
    from adsync.files import write_private
    from adsync.settings import DEFAULT_PATH

    target = out or Path(context.obj["config"] or DEFAULT_PATH)
    if target.exists() and not (force or only_list):
        raise UsageError(
            f"{target} exists.",
            "adsync init would replace it.",
            next_step="Name another with --out, add --force, or --list.",
        )
    wiring = _wiring(context, key_file, target)
    found = discover(wiring, "default")
    if as_json:
        from adsync.render.document import as_json as to_json

        click.echo(to_json(found))
    else:
        _show(found)
    usable = [a for a in found if not a.problem]
    if only_list:
        return
    if not usable:
        raise UsageError(
            "No account can be managed yet, so no config was written.", next_step="Mend what is named above."
        )
    try:
        write_private(target, _config(usable, key_file, target))
    except OSError as error:
        raise UsageError(f"{target} cannot be written.", error.strerror or str(error)) from None
    click.echo(
        f"\nWrote {target} with {len(usable)} account{'s' if len(usable) > 1 else ''}. Look at macro and actions in it,",
        err=True,
    )
    named = "" if target == Path("adsync.yaml") else f" --config {target}"
    click.echo(f"at business, and at candidates; then check everything:  adsync{named} doctor", err=True)


def _wiring(context: click.Context, key_file: Path | None, target: Path) -> Wiring:
    """Adapters without a config file: the credentials are all that is known."""
    from adsync.cli.logs import set_up_logs
    from adsync.settings import CredentialSource, bare
    from adsync.wiring import Wiring

    set_up_logs(context.obj["verbose"])
    source = {"default": CredentialSource(key_file=key_file)} if key_file else {}
    return Wiring(bare(target, source))


def _show(found: tuple[FoundAccount, ...]) -> None:
    from adsync.render.terminal import accounts_table

    rows = [
        (
            a.name,
            a.customer.customer_id,
            a.login_customer_id or "direct",
            ", ".join(
                f"{p.property_id} ({p.name}; key events: {', '.join(p.key_events) or 'none'})" for p in a.properties
            ),
            ", ".join(
                f"{x.name} ({x.status.lower()}, {'primary' if x.primary_for_goal else 'secondary'})" for x in a.actions
            ),
            a.problem or (f"main conversion: {a.macro[0]}. {a.line}" if a.macro else ""),
        )
        for a in found
    ]
    console().print(accounts_table(rows) if rows else "The credential reaches no Google Ads account.")


def _config(found: list[FoundAccount], key_file: Path | None, target: Path) -> str:
    import os

    import yaml

    names = [a.name for a in found]
    accounts = [
        {
            # Two accounts of one name are told apart by their ids.
            "name": a.name if names.count(a.name) == 1 else f"{a.name[:29]}-{a.customer.customer_id}",
            "customer_id": a.customer.customer_id,
            **({"login_customer_id": a.login_customer_id} if a.login_customer_id else {}),
            "property_id": a.properties[0].property_id,
            "business": "shop" if a.macro and a.macro[1] == "purchase" else "leads",
            "macro": {"event": a.macro[1], "actions": [a.macro[0]]} if a.macro else {},
            "candidates": "from the catalogue",
        }
        for a in found
    ]
    document: dict[str, object] = {"state": "adsync.db"}
    if key_file:
        document["credentials"] = {"default": {"key_file": os.path.relpath(key_file, target.parent)}}
    text = yaml.safe_dump({**document, "accounts": accounts}, sort_keys=False, allow_unicode=True)
    return f"# Written by adsync init. Every key is described in the documentation and in config/adsync.yaml.\n{text}"
