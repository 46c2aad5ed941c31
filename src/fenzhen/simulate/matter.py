"""What a ticket has to say, phrase by phrase: the issue, a second topic, what was tried, what is wanted."""

from collections.abc import Sequence

from fenzhen.simulate.dice import Dice
from fenzhen.simulate.scene import Scene
from fenzhen.simulate.slots import expand

__all__ = ["Matter"]

SECOND_ISSUE_SHARE = 0.3
FILLER_SHARE = 0.12
HOT_SHARE = 0.8
SPECIAL_SHARE = 0.6
REPEAT_SHARE = 0.75


class Matter:
    """Draws the phrases of one scene; which of them are said, and in which order, is the writer's affair."""

    def __init__(self, scene: Scene, dice: Dice) -> None:
        self.scene, self.dice, self.common = scene, dice, scene.company.bank.common

    def say(self, templates: Sequence[str]) -> str:
        """Return one of ``templates``, filled."""
        return expand(self.dice.pick(templates), self.dice, self.scene)

    def title(self) -> str:
        """Return the matter in a few words."""
        special = self.scene.topic.kind_titles.get(self.scene.product.kind, ())
        return self.say(special if special and self.dice.chance(0.5) else self.scene.topic.titles)

    def issue(self) -> str:
        """Return the matter as one phrase."""
        return self.say(self._issues())

    def _issues(self) -> Sequence[str]:
        topic, product = self.scene.topic, self.scene.product
        if self.scene.vague:
            vague: Sequence[str] = self.common["vague"]["issues"]
            return vague
        if self.scene.hot and self.dice.chance(HOT_SHARE):
            return self.scene.hot
        special = (*topic.kind_issues.get(product.kind, ()), *topic.kind_issues.get(product.group, ()),
                   *topic.mood_issues.get(self.scene.mood, ()))
        return special if special and self.dice.chance(SPECIAL_SHARE) else topic.issues

    def parts(self, *, by_agent: bool = False) -> list[str]:
        """Return the issue, perhaps told in two phrases, with the second topic before or after it."""
        templates = [self.dice.pick(self._issues()), self.dice.pick(self._issues())]
        twice = self.dice.chance(SECOND_ISSUE_SHARE) and not self.scene.vague and templates[0] != templates[1]
        first, second = (expand(template, self.dice, self.scene) for template in templates)
        if self.scene.other is None and not by_agent and self.dice.chance(FILLER_SHARE):
            first = self.say(self.common["fillers"]) + first
        told = [first, second] if twice else [first]
        if self.scene.repeat and self.dice.chance(REPEAT_SHARE):
            told = [self.say(self.common["repeats"]), *told]
        if self.scene.other is None:
            return told
        return [*told, self._aside("agent")] if by_agent else self._with_other(told)

    def _with_other(self, told: list[str]) -> list[str]:
        if self.dice.chance(0.35):
            return [self._aside("before") + told[0], *told[1:]]
        return [*told, self._aside("after")]

    def _aside(self, place: str) -> str:
        other = self.scene.other or self.scene.topic
        link = self.say(self.common["links"][place])
        return link.replace("<other>", self.say(other.issues)).replace("<title>", self.say(other.titles))

    @property
    def contexts(self) -> Sequence[str]:
        """What customers say about themselves and their purchase."""
        phrases: Sequence[str] = self.common["contexts_business" if self.scene.customer.business else "contexts_home"]
        return phrases

    @property
    def situations(self) -> Sequence[str]:
        """What customers say about a fault's circumstances; nothing where nothing is broken."""
        own = "contexts_fault_business" if self.scene.customer.business else "contexts_fault"
        phrases: Sequence[str] = self.common[own]
        return phrases if self.scene.topic.fault else ()

    @property
    def attempts(self) -> Sequence[str]:
        """What customers tried before they wrote."""
        phrases: Sequence[str] = self.common["attempts_fault"]
        return phrases if self.scene.topic.fault and self.dice.chance(0.7) else self.common["attempts"]

    @property
    def anger(self) -> Sequence[str]:
        """How customers vent their anger."""
        own = "moods_negative_business" if self.scene.customer.business else "moods_negative_home"
        phrases: Sequence[str] = self.common[own if self.dice.chance(0.2) else "moods_negative"]
        return phrases

    @property
    def praise(self) -> Sequence[str]:
        """How content customers show it; whoever reports a fault praises what was before."""
        phrases: Sequence[str] = self.common["moods_positive_fault" if self.scene.topic.fault else "moods_positive"]
        return phrases

    @property
    def asks(self) -> Sequence[str]:
        """What customers want done, by request type; a visit instead of a repair where nothing is broken."""
        request, topic = self.scene.request, self.scene.topic
        if request in topic.asks:
            return topic.asks[request]
        if request == "报修" and not topic.fault:
            request = "上门"
        if request == "咨询" and topic.fault and self.dice.chance(0.6):
            request = "原因"
        phrases: Sequence[str] = self.common["asks"][request]
        return phrases
