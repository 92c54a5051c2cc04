"""The client that a request came from, by what it calls itself."""

import re

_SHOWN = 60
# The openai SDK calls itself OpenAI/Python 3.54.0, asynchronous AsyncOpenAI/Python 3.54.0.
_OPENAI = re.compile(r"(?:Async)?(?:Azure)?OpenAI/(Python|JS) ([\w.+-]+)")
_PRODUCT = re.compile(r"([\w.+-]+)/([\w.+-]+)")
_BROWSERS = (
    ("Firefox", "Firefox"),
    ("Edg", "Edge"),
    ("Chrome", "Chrome"),
    ("HeadlessChrome", "Chrome"),
    ("Version", "Safari"),
)


def client(user_agent: str) -> str:
    """A short name with its version, `openai-python 3.54.0`; empty where none is given."""
    openai = _OPENAI.match(user_agent)
    if openai:
        return f"openai-{'node' if openai[1] == 'JS' else 'python'} {openai[2]}"
    products = _PRODUCT.findall(user_agent)
    if user_agent.startswith("Mozilla/"):
        versions = dict(products)
        for product, name in _BROWSERS:
            if product in versions:
                return f"{name} {versions[product]}"
    if len(products) > 1 and products[0][0] == "Python":
        products = products[1:]  # aiohttp names itself second
    if products:
        return " ".join(products[0])[:_SHOWN]
    return user_agent[:_SHOWN]
