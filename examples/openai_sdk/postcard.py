"""A postcard maker on the openai SDK: a subject in, a PNG out.

STEP_API_KEY=... python postcard.py "a red fox in the snow" fox.png
"""

import base64
import os
import sys
from pathlib import Path

import openai


class FilteredError(Exception):
    """The service's filter held the picture back; other words may pass."""


class OutOfBalanceError(Exception):
    """The account has nothing left to pay with; asking again does not help."""


def make(subject: str, file: Path, seed: int = 0) -> None:
    """Draw a postcard of `subject`, and save it; what is worth a retry the SDK tries again."""
    base_url = os.environ.get("STEP_BASE_URL", "https://api.stepfun.ai/v1")
    with openai.OpenAI(api_key=os.environ["STEP_API_KEY"], base_url=base_url) as client:
        try:
            reply = client.images.generate(
                model="step-image-edit-2",
                prompt=f"A postcard of {subject}",
                size="768x1360",  # height x width: 1360 wide
                response_format="b64_json",
                extra_body={"seed": seed},  # a field that OpenAI's own API does not have
            )
        except openai.APIStatusError as error:
            if error.status_code == 402:
                raise OutOfBalanceError from error
            raise
    picture = reply.data[0] if reply.data else None
    # The SDK keeps fields that it does not know, but its types do not name them.
    if getattr(picture, "finish_reason", None) == "content_filtered":
        raise FilteredError(subject)
    if picture is None or picture.b64_json is None:
        raise ValueError(f"a reply without a picture came: {reply}")
    file.write_bytes(base64.b64decode(picture.b64_json))


if __name__ == "__main__":
    make(sys.argv[1], Path(sys.argv[2]))
