"""Labels of request metrics."""

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from serving.metrics import route_label
from tests.serving.in_process import in_process


def labels(paths: list[str]) -> list[str]:
    def hello(_: object) -> PlainTextResponse:
        return PlainTextResponse("hello")

    inner = Starlette(routes=[Route("/accounts/{id}", hello)])
    app = Starlette(routes=[Route("/v1/classify", hello, methods=["POST"]), Mount("/v1/churn", inner)])
    found: list[str] = []

    async def spy(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)
        if scope["type"] == "http":
            found.append(route_label(scope))

    with in_process(spy) as client:
        for path in paths:
            client.get(path)
    return found


def test_a_label_is_the_template_of_the_route() -> None:
    assert labels(["/v1/classify", "/v1/churn/accounts/17", "/v1/churn/accounts/18"]) == [
        "/v1/classify", "/v1/churn/accounts/{id}", "/v1/churn/accounts/{id}",
    ]


def test_unknown_paths_share_few_labels() -> None:
    assert len(set(labels([f"/x{i}" for i in range(20)] + [f"/v1/churn/x{i}" for i in range(20)]))) <= 2
