"""Odd servers that conform: they do what the documentation leaves to them, or says in other words.

Weather is no fault either, and stands among them.
"""

from dataclasses import dataclass

from . import formats, habits, oddities, pictured
from .reference import Make, ReferenceServer
from .weather import bucket, bursts, failing, overloaded, slow, storm, throttled, under


@dataclass(frozen=True)
class Conforming:
    """A server without a fault, and what is odd about it."""

    name: str
    about: str
    server: Make


SKIES = (
    Conforming("slow", "takes 30 ms for every reply", under(ReferenceServer, slow(0.03))),
    Conforming("throttled", "says 429 to every tenth call", under(ReferenceServer, throttled(10))),
    Conforming(
        "throttled-politely",
        "says 429 to every thirtieth call, and when to come again",
        under(ReferenceServer, throttled(30, "1")),
    ),
    Conforming(
        "bucket",
        "lets 40 calls a second through, and 20 more in a burst",
        under(ReferenceServer, bucket(40, 20)),
    ),
    Conforming(
        "overloaded", "says 503 to 3 % of the calls", under(ReferenceServer, overloaded(0.03))
    ),
    Conforming("failing", "says 500 to 5 % of the calls", under(ReferenceServer, failing(0.05))),
    Conforming("bursting", "says 500 five times in a row", under(ReferenceServer, bursts(45, 5))),
    Conforming("stormy", "has a little of every weather", storm(ReferenceServer)),
)
FORMATS = (
    Conforming("jpeg", "gives JPEGs", formats.formatted(formats.jpeg)),
    Conforming("webp", "gives WebPs", formats.formatted(formats.webp)),
    Conforming(
        "full-colour", "gives PNGs without a palette", formats.formatted(formats.full_colour)
    ),
    Conforming(
        "see-through", "gives PNGs with an alpha channel", formats.formatted(formats.see_through)
    ),
    Conforming("deep", "gives PNGs with 16 bits a colour", formats.formatted(formats.deep)),
    Conforming(
        "deep-grey",
        "gives PNGs without colours, with 16 bits a shade",
        formats.formatted(formats.deep_grey),
    ),
    Conforming(
        "interlaced", "gives PNGs that are interlaced", formats.formatted(formats.interlaced)
    ),
    Conforming("large", "gives PNGs of three megabytes", formats.formatted(formats.large)),
)
PICTURES = (
    Conforming("noisy", "adds a little noise to every picture", pictured.noisy(1)),
    Conforming("noisier", "adds noise that one can see", pictured.noisy(11)),
    Conforming("backends", "draws on two machines a shade apart", pictured.backends(1)),
    Conforming("jumpy", "adds now more noise and now less", pictured.Jumpy),
    Conforming("smooth", "draws a little otherwise for a few more steps", pictured.Smooth),
    Conforming("seeds-alike", "draws similar pictures for all seeds", pictured.SeedsAlike),
    Conforming("cfg_scale-rounded", "draws with a whole cfg_scale", pictured.CfgRounded),
    Conforming("steps-unseen", "draws the same for any steps", pictured.unseen("steps")),
    Conforming("text_mode-unseen", "draws the same in text_mode", pictured.unseen("text_mode")),
    Conforming(
        "negative_prompt-unseen",
        "draws the same for any negative_prompt",
        pictured.unseen("negative_prompt"),
    ),
    Conforming(
        "looks-unseen",
        "draws by prompt and seed alone",
        pictured.unseen("steps", "cfg_scale", "text_mode", "negative_prompt"),
    ),
    Conforming("filtering", "filters one picture in 20, and gives it", pictured.Filtering),
    Conforming(
        "filtering-away", "filters one picture in 20, and gives none", pictured.FilteringAway
    ),
)
ODD = tuple(Conforming(*odd) for odd in (*oddities.ODDITIES, *habits.HABITS))
CONFORMING: tuple[Conforming, ...] = (
    Conforming("reference", "is odd in nothing", ReferenceServer),
    *SKIES,
    *FORMATS,
    *PICTURES,
    *ODD,
)
