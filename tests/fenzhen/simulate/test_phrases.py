import re

import pytest

from fenzhen.simulate.phrases import Topic, load_bank
from fenzhen.simulate.slots import SLOTS

BANK = load_bank()
TOPICS = list(BANK.topics.values())


def every_string(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in every_string(item)]
    return [text for item in value for text in every_string(item)] if isinstance(value, list | tuple) else []


def topic_strings(topic: Topic) -> list[str]:
    return every_string([topic.titles, topic.issues, topic.english, dict(topic.kind_issues), dict(topic.kind_titles),
                         dict(topic.mood_issues), dict(topic.asks)])


def test_every_slot_that_a_phrase_names_can_be_filled():
    texts = [text for topic in TOPICS for text in topic_strings(topic)] + every_string(dict(BANK.common))
    texts += [text for hot in BANK.hot for text in hot.issues]
    assert {slot for text in texts for slot in re.findall(r"\{(\w+)\}", text)} <= set(SLOTS)


def test_brackets_of_every_phrase_are_closed_and_not_nested():
    for topic in TOPICS:
        for text in topic_strings(topic):
            assert "[" not in re.sub(r"\[[^\[\]]*\]", "", text), text


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.external_id)
def test_a_topic_names_known_neighbours_kinds_and_enough_words(topic: Topic):
    kinds = {product["kind"] for product in BANK.company["product"]}
    groups = {product["group"] for product in BANK.company["product"]}
    assert set(topic.near) <= set(BANK.topics) - {topic.name}
    assert set(topic.kinds) <= kinds
    assert set(topic.kind_issues) | set(topic.kind_titles) <= kinds | groups
    assert len(topic.issues) >= 5
    assert len(topic.titles) >= 4


def test_there_are_eight_categories_with_two_to_five_topics_each():
    counts = [sum(topic.category == given["category"] for topic in TOPICS) for given in BANK.categories]
    assert len(counts) == 8
    assert all(2 <= count <= 5 for count in counts)


def test_hot_issues_concern_known_topics():
    assert {hot.topic for hot in BANK.hot} <= set(BANK.topics)
