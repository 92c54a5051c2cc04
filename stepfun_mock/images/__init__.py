"""Pictures for the mock: a valid PNG for any request, and nothing that generates with a model."""

from stepfun_mock.images.jpeg import jpeg
from stepfun_mock.images.picture import draw

__all__ = ["draw", "jpeg"]
