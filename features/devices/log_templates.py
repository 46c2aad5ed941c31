"""Log lines by template: drain3's tree as a fitted state that is data.

``电机温度 85.2℃ 过高`` and ``电机温度 91℃ 过高`` are one template. Numbers, hexadecimal and addresses become ``<*>``
before drain3 (He et al. 2017) sees a line, so that every difference it finds is one of words.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.text.normalise import normalise_text
from fenzhen.errors import ArtefactError

__all__ = ["UNKNOWN", "LogTemplates", "words_of"]

UNKNOWN = -1
MOST_TEMPLATES = 2_000
LONGEST_LINE = 500
_WORD = re.compile(r"<\*>|[A-Za-z_][A-Za-z_.]*|[\u3400-\u9fff]+|[^\sA-Za-z0-9\u3400-\u9fff]+")
_VARIABLE = re.compile(r"\b0x[0-9a-fA-F]+\b|\b[0-9a-fA-F]{8,}\b|(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?|[-+]?\d+(?:[.,:]\d+)*")


@lru_cache(maxsize=50_000)
def words_of(line: str) -> tuple[str, ...]:
    """Return the words of a log line with every variable part as ``<*>``; at least two, as drain3's tree needs.

    >>> words_of("电机温度85.2℃过高 0x1F")
    ('电机温度', '<*>', '°', 'c', '过高', '<*>')
    """
    masked = _VARIABLE.sub(" <*> ", normalise_text(line[:LONGEST_LINE]))
    words = tuple(word for word in _WORD.findall(masked) if word)
    return words if len(words) > 1 else (*words, "·", "·")[:2]


class LogTemplates:
    """Templates found in log lines. ``first_seen`` is the moment (ms) of each template's first line, by number."""

    def __init__(self) -> None:
        from drain3.drain import Drain

        self._drain = Drain(depth=4, sim_th=0.5, max_children=200)
        self.first_seen: list[int] = []
        self._known: dict[tuple[str, ...], int] = {}

    @classmethod
    def fitted(cls, lines: pd.Series, moments: NDArray[np.int64]) -> Self:
        """Return the templates of lines in order of time; once ``MOST_TEMPLATES`` are found no new ones are added."""
        found = cls()
        order = np.argsort(moments, kind="stable")
        texts = lines.to_numpy(dtype=object)
        for row in order.tolist():
            if isinstance(texts[row], str):
                found._learn(texts[row], int(moments[row]))
        return found

    def __len__(self) -> int:
        return len(self.first_seen)

    def match(self, lines: pd.Series) -> NDArray[np.int64]:
        """Return each line's template number, ``UNKNOWN`` for lines like none; the templates stay as they are."""
        codes, texts = pd.factorize(lines)
        numbers = np.array([self._number(text) for text in texts] + [UNKNOWN], dtype=np.int64)
        return numbers[codes]

    def template(self, number: int) -> str:
        """Return a template as people read it.

        >>> lines = pd.Series(["电机温度 85 过高", "电机温度 91 过高", "通信中断"])
        >>> templates = LogTemplates.fitted(lines, np.array([1, 2, 3]))
        >>> [templates.template(number) for number in range(len(templates))]
        ['电机温度 <*> 过高', '通信中断 ·']
        >>> templates.match(pd.Series(["电机温度 7 过高", "主轴 卡死 了"])).tolist()
        [0, -1]
        """
        return str(self._drain.id_to_cluster[number + 1].get_template())

    def facts(self) -> dict[str, Any]:
        """Return what JSON can say of the tree."""
        clusters = [[cluster.cluster_id, list(cluster.log_template_tokens), cluster.size]
                    for cluster in self._drain.clusters]
        return {"first_seen": self.first_seen, "clusters": clusters, "tree": _written(self._drain.root_node)}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """Return the tree that ``facts`` describes; ``ArtefactError`` for one that does not fit together."""
        from drain3.drain import LogCluster

        found = cls()
        found.first_seen = [int(moment) for moment in facts["first_seen"]]
        for number, words, size in facts["clusters"]:
            cluster = LogCluster([str(word) for word in words], int(number))
            cluster.size = int(size)
            found._drain.id_to_cluster[cluster.cluster_id] = cluster
        if sorted(found._drain.id_to_cluster) != list(range(1, len(found.first_seen) + 1)):
            raise ArtefactError(f"got {len(facts['clusters'])} log templates for {len(found.first_seen)} first lines")
        found._drain.clusters_counter = len(found.first_seen)
        found._drain.root_node = _read(facts["tree"])
        return found

    def _learn(self, text: str, moment: int) -> None:
        words = words_of(text)
        if words in self._known:
            return
        if len(self) >= MOST_TEMPLATES and self._drain.tree_search(self._drain.root_node, words) is None:
            return
        cluster, change = self._drain.add_log_message(" ".join(words))
        self._known[words] = cluster.cluster_id - 1
        if change == "cluster_created":
            self.first_seen.append(moment)

    def _number(self, text: Any) -> int:
        cluster = self._drain.tree_search(self._drain.root_node, words_of(text))
        return UNKNOWN if cluster is None else int(cluster.cluster_id) - 1


def _written(node: Any) -> dict[str, Any]:
    children = {key: _written(child) for key, child in node.key_to_child_node.items()}
    return {"clusters": list(node.cluster_ids), "children": children}


def _read(facts: Mapping[str, Any]) -> Any:
    from drain3.drain import Node

    node = Node()
    node.cluster_ids = [int(number) for number in facts["clusters"]]
    children: Iterable[tuple[str, Mapping[str, Any]]] = facts["children"].items()
    node.key_to_child_node = {str(key): _read(child) for key, child in children}
    return node
