"""The picture: a whole file, in strict Base64 or behind a link that answers."""

from stepfun_mock import contract

from .album import NoPictureError
from .evidence.pictures import distance
from .judge import Judge
from .rows import EVERY
from .run import Run
from .series import BASE, FIRST, LATE, REPLAY
from .ties import asks, judges, late, on_the_mock
from .verdict import CannotLookError

# How far a picture may be from itself when it is compressed again.
RECOMPRESSED = 0.02


@judges("reply.b64_json", "reply.url", "picture.whole", "picture.png")
@asks(*EVERY, pictures=True)
def test_it_can_be_read_to_its_last_byte(judge: Judge) -> None:
    reason = None
    for shot in judge.items(EVERY):
        try:
            taken = judge.lab.album.take(shot)
        except NoPictureError as problem:
            if problem.rule not in judge.rules:
                continue  # the payload is judged with the reply
            judge.against(problem.rule, problem.sentence, *problem.exchanges)
            if problem.rule == "picture.whole":
                judge.holds(f"reply.{shot.wants}", *problem.exchanges)
            continue
        except CannotLookError as cannot:
            reason = cannot
            continue
        if taken.unlabelled:
            text = "the link must answer with an image type, but says application/octet-stream"
            judge.against("reply.url", text, *taken.exchanges, lenient=True)
        else:
            judge.holds(f"reply.{shot.wants}", *taken.exchanges)
        judge.holds("picture.whole", *taken.exchanges)
        if taken.picture.format == "png":
            judge.holds("picture.png", *taken.exchanges)
        else:
            text = f"the pictures that were seen are PNG, but {taken.picture.format} came"
            judge.against("picture.png", text, *taken.exchanges)
    for rule in sorted(judge.rules):
        judge.unsure_unless_judged(rule, reason.reason if reason else "no such picture came")


@judges("url.lifetime", "reply.url")
@asks(FIRST, LATE, fetches=1, pictures=True)
@late
def test_a_link_still_brings_its_picture_a_while_later(judge: Judge, run: Run) -> None:
    (shot,) = judge.items([FIRST])
    young = judge.picture(FIRST)
    fetched = judge.lab.album.fetched[FIRST.id]
    age = run.wait_for(fetched.sent_at)
    judge.lab.look_together([LATE])
    try:
        old = judge.lab.album.linked(str(shot.item["url"]), shot, "the first link, later")
    except NoPictureError as problem:
        text = f"{age:.0f} s after it was fetched first: {problem.sentence}"
        judge.against("url.lifetime", text, *problem.exchanges)
        judge.holds("reply.url", *young.exchanges)
        return
    # Who delivers pictures may compress them meanwhile.
    if distance(old.picture, young.picture) <= RECOMPRESSED:
        judge.holds("reply.url", *old.exchanges)
    else:
        text = f"{age:.0f} s later the link brings another picture"
        judge.against("reply.url", text, *old.exchanges)
    judge.beyond("url.lifetime", f"alive after {age:.0f} s; nobody waited for two hours")


@judges("reply.url")
@asks(FIRST, LATE, REPLAY, BASE, pictures=True)
@late
def test_links_of_two_seeds_bring_two_pictures(judge: Judge) -> None:
    """A store that knows pictures by prompt and size brings the first one for ever."""
    seeds = [shot.item.get("seed") for shot in judge.items([FIRST, LATE])]
    first, last = judge.picture(FIRST), judge.picture(LATE)
    apart = distance(judge.picture(REPLAY).picture, judge.picture(BASE).picture)
    numbers = (*first.exchanges, *last.exchanges)
    if first.picture.pixels != last.picture.pixels or len(set(map(str, seeds))) < 2:
        judge.holds("reply.url", *numbers)
    elif apart > RECOMPRESSED:
        text = "the links of two requests with different seeds bring the same picture"
        judge.against("reply.url", text, *numbers)
    else:
        judge.unsure("reply.url", "every seed gives one picture", *numbers)


@judges("url.lifetime", "link.dead")
@asks(FIRST, fetches=3, pictures=True)
@late
@on_the_mock
def test_a_link_lives_two_hours_by_the_mocks_clock(judge: Judge, run: Run) -> None:
    (shot,) = judge.items([FIRST])
    url = str(shot.item["url"])
    mock = run.mock
    assert mock is not None
    life = contract.LINK_LIFE
    at = {}
    for age in (life - 1, life):
        mock.clock.freeze(at=float(str(shot.top["created"])) + age)
        at[age] = judge.lab.fetch(url, f"the first link after {age} s")
    mock.clock.unfreeze()
    forged = judge.lab.fetch(f"{url[:-1]}{'0' if url[-1] != '0' else '1'}", "a forged link")
    statuses = {age: found.reply.status for age, found in at.items() if found.reply}
    numbers = [found.number for found in at.values()]
    if statuses == {life - 1: 200, life: 404}:
        judge.holds("url.lifetime", *numbers)
    else:
        judge.against(
            "url.lifetime", f"a link must live {life} s, but answered {statuses}", *numbers
        )
    judge.refused_as("link.dead", at[life])
    judge.refused_as("link.dead", forged)
