"""Putting a scene into words: subject and body as a customer or an agent would write them."""

from collections.abc import Sequence

from fenzhen.simulate.dice import Dice
from fenzhen.simulate.matter import Matter
from fenzhen.simulate.noise import mistype, traditional, widen
from fenzhen.simulate.punctuation import join
from fenzhen.simulate.scene import Scene

__all__ = ["alarmed", "write_ticket"]

SHORT_SHARE = 0.03
SUBJECT_ONLY_SHARE = 0.03
GENERIC_SUBJECT_SHARE = 0.25
DANGER_SHARE = 0.035
WIDE_SHARE = 0.015
WORDY_SHARE = 0.12
CHAT = ("微信", "App")


def write_ticket(scene: Scene, dice: Dice) -> tuple[str, str]:
    """Return ``(subject, body)``; one of them may be empty, never both."""
    writer = _Writer(scene, dice)
    subject, body = writer.subject(), writer.body()
    if dice.chance(SUBJECT_ONLY_SHARE):
        subject, body = subject or writer.matter.issue().replace(",", "，"), ""
    return _damaged(subject, scene, dice), _damaged(body, scene, dice)


def alarmed(body: str, scene: Scene, dice: Dice) -> str:
    """Return ``body``, to which few of those whose unit is broken add that it is dangerous."""
    if not scene.is_repair or scene.english or not dice.chance(DANGER_SHARE):
        return body
    said = Matter(scene, dice).say(scene.company.bank.common["dangers"]).replace(",", "，")
    return f"{said}。{body}" if dice.chance(0.4) else f"{body} {said}" if body else said


def _damaged(text: str, scene: Scene, dice: Dice) -> str:
    if not text:
        return text
    text = mistype(text, dice, scene.company.bank.common["typos"])
    text = widen(text) if dice.chance(WIDE_SHARE) else text
    return traditional(text) if scene.customer.traditional else text


class _Writer:
    """Arranges a matter's parts in the manner of the ticket's channel."""

    def __init__(self, scene: Scene, dice: Dice) -> None:
        self.scene, self.dice, self.common = scene, dice, scene.company.bank.common
        self.matter = Matter(scene, dice)
        self.openers: Sequence[str] = self.common["openers_business" if scene.customer.business else "openers_home"]
        self.wordy = dice.chance(WORDY_SHARE)

    def sometimes(self, share: float, templates: Sequence[str]) -> list[str]:
        """Return one of ``templates`` with probability ``share`` (more for a wordy writer), as a list of parts."""
        said = self.matter.say(templates) if templates and self.dice.chance(min(share * (1 + self.wordy), 1)) else ""
        return [said] if said else []

    def subject(self) -> str:
        vague, dice = self.common["vague"], self.dice
        if self.scene.channel in CHAT and dice.chance(0.7):
            return ""
        if self.scene.english:
            return self.matter.say(self.common["english"]["titles"])
        if self.scene.vague or dice.chance(GENERIC_SUBJECT_SHARE):
            return self.matter.say(vague["titles"])
        return self.matter.issue().split(",")[0] if dice.chance(0.12) else self.matter.title()

    def body(self) -> str:
        if self.scene.english:
            return self.english()
        if self.scene.channel == "电话":
            return self.agent_note()
        if self.dice.chance(SHORT_SHARE):
            return str(self.dice.pick(self.common["vague"]["short"]))
        return self.mail() if self.scene.channel == "邮件" else self.message()

    def message(self) -> str:
        """Return what a customer types into a form or a chat."""
        chat = self.scene.channel in CHAT
        parts = [*self.sometimes(0.4, self.openers), *self.account(0.22, 0.25 if chat else 0.35),
                 *self.sometimes(0.06 if self.scene.mood == "负面" else 0.22, self.common["moods_polite"])]
        text = join(parts, self.dice, casual=chat)
        return text + self.dice.pick(self.common["emoji"][self.scene.mood]) if chat and self.dice.chance(0.15) else text

    def account(self, context_share: float, attempt_share: float) -> list[str]:
        """Return context, matter, mood and wish, in one of the orders in which people tell them."""
        matter, dice = self.matter, self.dice
        told = [*matter.parts(), *self.sometimes(attempt_share, matter.attempts)]
        mood = self.mood()
        told = [*mood, *told] if dice.chance(0.2) else [*told, *mood]
        context = [*self.sometimes(context_share, matter.contexts), *self.sometimes(context_share, matter.situations)]
        wish = self.sometimes(0.66, matter.asks)
        return [*told, *context, *wish] if dice.chance(0.2) else [*context, *told, *wish]

    def mood(self) -> list[str]:
        if self.scene.mood == "负面":
            return self.sometimes(0.84, self.matter.anger) or self.sometimes(0.7, self.common["moods_mild"])
        if self.scene.mood == "正面":
            return self.sometimes(0.9, self.matter.praise)
        return self.sometimes(0.15, self.common["moods_mild"])

    def mail(self) -> str:
        mail = self.common["mail"]
        head = "".join(self.sometimes(0.12, mail["forwards"]))
        opener = self.matter.say(self.openers).replace(",", "，")
        told = join(self.account(0.4, 0.4), self.dice, casual=False)
        tail = "".join([*self.sometimes(0.6, mail["signatures"]), *self.sometimes(0.12, mail["disclaimers"])])
        return f"{head}{opener}\n{told}{tail}"

    def agent_note(self) -> str:
        """Return what the hotline's agent noted in the customer's stead."""
        agent, scene = self.common["agent"], self.scene
        tone = {"负面": agent["negative"], "正面": agent["positive"]}.get(scene.mood, [])
        parts = [*self.matter.parts(by_agent=True), *self.sometimes(0.75, tone),
                 *self.sometimes(0.66, agent["asks"][scene.request]), *self.sometimes(0.45, agent["closers"])]
        opener = self.sometimes(0.8, self.common["openers_agent"])
        return "".join(opener).replace(",", "，") + join(parts, self.dice, casual=False)

    def english(self) -> str:
        words = self.common["english"]
        tone = {"负面": words["negative"], "正面": words["positive"]}.get(self.scene.mood, [])
        parts = [*self.sometimes(0.7, words["openers"]), self.matter.say(self.scene.topic.english),
                 *self.sometimes(0.5, words["contexts"]), *self.sometimes(0.8, tone),
                 *self.sometimes(0.6, words["asks"])]
        return " ".join(parts)
