"""Servers that draw otherwise than the reference, as they may."""

from random import Random
from typing import Any

from .drawing import COLOURS, colours, shades
from .messages import Json, Parameters, Setting
from .reference import Make, ReferenceServer

RARE = 0.05


def noisy(most: int) -> Make:
    """A server that makes every shade darker or lighter by up to so much."""

    class Noisy(ReferenceServer):
        def palette(self, parameters: Parameters, seed: int) -> bytes:
            palette = super().palette(parameters, seed)
            with self.lock:
                stray = [self.random.randint(-most, most) for _ in range(COLOURS)]
            return bytes(
                min(max(shade + step, 0), 255) for shade, step in zip(palette, stray, strict=True)
            )

    return Noisy


def backends(step: int) -> Make:
    """Two machines behind one name, of which one draws everything a little lighter."""

    class Backends(ReferenceServer):
        def palette(self, parameters: Parameters, seed: int) -> bytes:
            with self.lock:
                lighter = step * self.random.randrange(2)
            return bytes(min(shade + lighter, 255) for shade in super().palette(parameters, seed))

    return Backends


class Jumpy(ReferenceServer):
    """Adds noise, now more and now less of it."""

    def palette(self, parameters: Parameters, seed: int) -> bytes:
        palette = super().palette(parameters, seed)
        with self.lock:
            most = self.random.choice((0, 1, 2, 5))
            stray = [self.random.randint(-most, most) for _ in range(COLOURS)]
        return bytes(
            min(max(shade + step, 0), 255) for shade, step in zip(palette, stray, strict=True)
        )


def unseen(*names: str) -> Make:
    """A server on whose pictures these parameters have no effect that one can see."""

    class Unseen(ReferenceServer):
        def looks(self, parameters: Parameters) -> dict[str, object]:
            return {**super().looks(parameters), **dict.fromkeys(names)}

    return Unseen


class Smooth(ReferenceServer):
    """Steps and cfg_scale change a picture the more, the more they change."""

    def palette(self, parameters: Parameters, seed: int) -> bytes:
        looks = self.looks(parameters)
        kept = {name: looks[name] for name in ("text_mode", "negative_prompt")}
        layers = [colours(parameters.prompt, seed, kept)]
        for name, share in (("steps", parameters.steps / 50), ("cfg", parameters.cfg_scale / 10)):
            stroke = shades(parameters.prompt, seed, name)
            layers.append(bytes(int(30 * share * shade / 255) for shade in stroke))
        return bytes(map(sum, zip(*layers, strict=True)))


class SeedsAlike(ReferenceServer):
    """The seed changes a picture as little as text_mode does."""

    def palette(self, parameters: Parameters, seed: int) -> bytes:
        looks = {**self.looks(parameters), "text_mode": (parameters.text_mode, seed)}
        return colours(parameters.prompt, 0, looks)


class CfgRounded(ReferenceServer):
    def looks(self, parameters: Parameters) -> dict[str, object]:
        return {**super().looks(parameters), "cfg_scale": round(parameters.cfg_scale)}


class Filtering(ReferenceServer):
    """Ends a few pictures with content_filtered."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.filter = Random(f"filter {setting.seed}")

    def entry(self, *asked: Any) -> dict[str, Json]:
        entry = super().entry(*asked)
        with self.lock:
            stopped = self.filter.random() < RARE
        return self.stopped(entry) if stopped else entry

    def stopped(self, entry: dict[str, Json]) -> dict[str, Json]:
        return {**entry, "finish_reason": "content_filtered"}


class FilteringAway(Filtering):
    def stopped(self, entry: dict[str, Json]) -> dict[str, Json]:
        return {"finish_reason": "content_filtered", "seed": entry["seed"]}
