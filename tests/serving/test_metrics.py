"""What is counted, and under which labels."""

from prometheus_client import CollectorRegistry

from serving.access import ROUTE, TABLE, routes
from serving.metrics import Counted, route_label


def test_a_label_is_the_template_of_the_route() -> None:
    found = routes().find("/v1/modes/category")["PUT"]
    assert route_label({"path": "/v1/modes/category", ROUTE: found}) == "/v1/modes/{field}"


def test_unknown_paths_and_methods_share_one_label() -> None:
    registry = CollectorRegistry()
    counted = Counted(registry)
    for index in range(50):
        counted.answered({"path": f"/x{index}", "method": f"M{index}"}, 404, 0.001)
    labels = {"route": "unmatched", "method": "other", "status": "404"}
    assert registry.get_sample_value("fenzhen_requests_total", labels) == 50


def test_every_route_has_a_label_of_its_own() -> None:
    assert len({route_label({ROUTE: row}) for row in TABLE}) == len({row.path for row in TABLE})
