"""Sites that sell no goods: a software service with a trial, and a firm that collects leads."""

from __future__ import annotations

from datetime import date

from adsync.sandbox.scenarios.words import (
    After,
    Aside,
    CampaignSpec,
    Delay,
    Loyal,
    Path,
    Redesign,
    Scenario,
    Step,
)

DAY = 86_400

SAAS_TRIAL = Scenario(
    name="saas-trial",
    title="A software service: visitors sign up, try it, and some subscribe",
    starts_on=date(2026, 2, 16),
    business="saas",
    account="saas",
    site="Sandbox software",
    action="Subscription (web)",
    category="SUBSCRIBE_PAID",
    volume=((0, 14.0),),
    campaigns=(
        CampaignSpec(name="Brand", share=0.2, cost_per_click=1.2, quality=1.6),
        CampaignSpec(name="Problem", share=0.5, cost_per_click=3.4, quality=0.8),
        CampaignSpec(name="Alternatives", share=0.3, cost_per_click=4.1, quality=0.93),
    ),
    path=Path(
        steps=(
            Step(name="view_pricing", chance=0.4, delay=Delay(floor=20, mean=90)),
            Step(
                name="sign_up",
                chance=0.14,
                delay=Delay(floor=30, mean=200, at_once=0.8, pause_median=2 * DAY, longest_pause=15 * DAY),
                depends=True,
            ),
            Step(name="tutorial_begin", chance=0.72, delay=Delay(floor=40, mean=120)),
            Step(
                name="tutorial_complete",
                chance=0.55,
                delay=Delay(floor=120, mean=400, at_once=0.7, pause_median=1.0 * DAY, longest_pause=8 * DAY),
            ),
            # A trial lasts a fortnight; few pay before it ends, and hardly anybody much later.
            Step(
                name="purchase",
                chance=0.34,
                delay=Delay(
                    floor=300, mean=3600, at_once=0.1, pause_median=12 * DAY, pause_sigma=0.25, longest_pause=20 * DAY
                ),
            ),
        )
    ),
    average_order=490.0,
    organic=1.6,
    asides=(
        Aside(name="video_progress", rate=0.12, delay=Delay(floor=20, mean=60)),
        Aside(name="video_complete", rate=0.05, delay=Delay(floor=90, mean=60), raises=2.0, target="sign_up"),
        Aside(name="file_download", rate=0.04, delay=Delay(floor=40, mean=90), by_activity=False),
        Aside(name="view_docs", rate=0.1, loyal_rate=0.6, delay=Delay(floor=30, mean=90)),
    ),
    afters=(
        # The trial starts with the sign-up: the same moments under another name.
        After(name="start_trial", chance=0.97, delay=Delay(floor=2), of="sign_up"),
        After(name="scroll", chance=0.4, delay=Delay(floor=20)),
        After(name="login", chance=0.9, delay=Delay(floor=3600, mean=2 * DAY)),
        After(name="invite_member", chance=0.5, delay=Delay(floor=3600, mean=3 * DAY)),
    ),
    busy_convert=0.4,
    hesitant=0.2,
    loyal=Loyal(share=0.05, quality=2.5),
    bots=0.004,
    redesigns=(Redesign(day=-90, step="tutorial_complete", factor=1.25),),
    candidates=(
        "video_progress",
        "video_complete",
        "file_download",
        "view_docs",
        "view_pricing",
        "sign_up",
        "start_trial",
        "tutorial_begin",
        "tutorial_complete",
        "login",
        "invite_member",
    ),
)

LEAD_GEN = Scenario(
    name="lead-gen",
    title="A firm that collects leads by a form; its sales people qualify some of them days later",
    starts_on=date(2026, 3, 9),
    business="leads",
    account="leads",
    site="Sandbox advisers",
    action="Lead form (web)",
    category="SUBMIT_LEAD_FORM",
    volume=((0, 18.0),),
    campaigns=(
        CampaignSpec(name="Brand", share=0.15, cost_per_click=0.9, quality=1.8),
        CampaignSpec(name="Services", share=0.6, cost_per_click=2.8, quality=0.8),
        CampaignSpec(name="Cities", share=0.25, cost_per_click=2.1, quality=1.0),
    ),
    path=Path(
        steps=(
            Step(name="view_services", chance=0.55, delay=Delay(floor=15, mean=60)),
            Step(
                name="form_start",
                chance=0.11,
                delay=Delay(floor=20, mean=150, at_once=0.75, pause_median=2 * DAY, longest_pause=20 * DAY),
                depends=True,
            ),
            Step(name="generate_lead", chance=0.48, delay=Delay(floor=40, mean=120)),
        )
    ),
    average_order=0.0,
    asides=(
        Aside(name="file_download", rate=0.07, delay=Delay(floor=40, mean=120), raises=2.6, target="form_start"),
        Aside(name="video_progress", rate=0.1, delay=Delay(floor=20, mean=60)),
        Aside(name="video_complete", rate=0.04, delay=Delay(floor=90, mean=80)),
        Aside(name="newsletter_sign_up", rate=0.02, delay=Delay(floor=30, mean=120)),
        Aside(name="click_phone", rate=0.03, delay=Delay(floor=20, mean=60), by_activity=False),
        Aside(name="view_client_area", rate=0.005, loyal_rate=0.6, delay=Delay(floor=8, mean=20)),
    ),
    afters=(
        # GA4's enhanced measurement sees the same form being sent.
        After(name="form_submit", chance=0.95, delay=Delay(floor=1)),
        After(name="scroll", chance=0.5, delay=Delay(floor=15)),
        After(name="qualify_lead", chance=0.42, delay=Delay(floor=4 * 3600, mean=2.5 * DAY)),
    ),
    busy_convert=0.4,
    hesitant=0.2,
    loyal=Loyal(share=0.04, quality=2.0),
    bots=0.006,
    redesigns=(Redesign(day=-60, step="generate_lead", factor=0.85),),
    candidates=(
        "view_services",
        "file_download",
        "video_progress",
        "video_complete",
        "newsletter_sign_up",
        "click_phone",
        "view_client_area",
        "form_start",
        "form_submit",
        "qualify_lead",
        "scroll",
    ),
)
