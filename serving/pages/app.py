"""Everything under /app, as the Starlette application that BentoML mounts there."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from serving.pages import account, churn, corrections, device, devices, sign_in, triage
from serving.pages.static_files import static_file
from serving.pages.visits import Visits
from serving.worker import Worker


def pages_app(worker: Callable[[], Worker]) -> Starlette:
    """Return the application; ``worker`` gives what lives in this process. Its errors are pages.

    A later page is a row here, one in ``serving.access`` and one in ``serving.pages.navigation``.
    """
    visits = Visits(worker)
    return Starlette(routes=[
        Route("/", _start, methods=["GET"]),
        Route("/sign-in", visits.open(sign_in.form), methods=["GET"]),
        Route("/sign-in", visits.open(sign_in.enter), methods=["POST"]),
        Route("/sign-out", visits.open(sign_in.leave), methods=["POST"]),
        Route("/triage", visits.signed_in(triage.empty, "triage"), methods=["GET"]),
        Route("/triage", visits.signed_in(triage.classified, "triage"), methods=["POST"]),
        Route("/feedback", visits.signed_in(corrections.corrected, "triage", "feedback"), methods=["POST"]),
        Route("/churn", visits.signed_in(churn.listed, "churn"), methods=["GET"]),
        Route("/account", visits.signed_in(account.shown, "churn"), methods=["GET"]),
        Route("/accounts-file", visits.signed_in(churn.file, "churn"), methods=["GET"]),
        Route("/outcome", visits.signed_in(account.told, "churn"), methods=["POST"]),
        Route("/devices", visits.signed_in(devices.listed, "devices"), methods=["GET"]),
        Route("/device", visits.signed_in(device.shown, "devices"), methods=["GET"]),
        Route("/alerts-file", visits.signed_in(devices.file, "devices"), methods=["GET"]),
        Route("/alert", visits.signed_in(device.told, "devices"), methods=["POST"]),
        Route("/static/{file}", static_file, methods=["GET"]),
    ])


async def _start(_: Request) -> Response:
    return RedirectResponse("triage", 303)
