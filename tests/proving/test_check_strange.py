"""Whatever answers at a URL, `check` ends soon and small, and says in words what it met."""

import os
import re
import subprocess
import tempfile
import threading

import pytest
from proof.strange import STRANGE, Strange
from suite.checking import KEY, LONGEST, MODULE, surroundings

SMALL = 400  # megabytes

# What is said of those at which there is nothing to look.
SENTENCES = {
    "noise": r"127\.0\.0\.1:\d+ closed the connection in the middle of its reply, after \d+ bytes",
    "silence": r"127\.0\.0\.1:\d+ did not answer within 2 s",
    "broken-off": r"127\.0\.0\.1:\d+ closed the connection in the middle of its reply, after \d+ "
    "bytes",
    "closed": r"127\.0\.0\.1:\d+ (broke off|closed) the connection before it answered",
    "dripping": r"127\.0\.0\.1:\d+ had not sent its whole reply after 2 s",
    "headed": r"127\.0\.0\.1:\d+ sent what is no HTTP/1\.1: Receive buffer too long",
    "long-line": r"127\.0\.0\.1:\d+ sent what is no HTTP/1\.1: Receive buffer too long",
    "elsewhere": r"http://\S+/v1 answered 301 and points to http://127\.0\.0\.1:1/elsewhere: check "
    "that address instead",
    "circle": r"(http://\S+/v1) answered 307 and points to \1/images/generations: check that "
    "address instead",
    "nothing": r"there is no image API at http://\S+/v1: 404; the target is a base URL, which "
    "clients complete with /images/generations",
    "overloaded": r'the service is overloaded: 503 \("try again later"\)',
    "unpaid": r'the balance is used up: 402 \("quota exceeded"\)',
    "locked": r'the server refused the key: 401 \("Incorrect API key"\)',
    "retired": r'the image API at http://\S+/v1 has been retired: 410 \("This API is retired\."\)',
    "offline": r"the image API at http://\S+/v1 has been retired: 404 "
    r'\("This model is offline since 10 October 2026\."\)',
}


def measured(url: str) -> tuple[int, str, str, float]:
    """Check a URL: the exit code, what was said, and how many megabytes that took."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(
            [*MODULE, "--timeout", "2", "--link-wait", "0", url],
            stdout=out,
            stderr=err,
            env=surroundings(step_api_key=KEY, columns="10000"),
        )
        late = threading.Timer(LONGEST, process.kill)
        late.start()
        # Of one process alone; what `resource` tells is of all that there were.
        _, status, usage = os.wait4(process.pid, 0)
        late.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return process.returncode, out.read(), err.read(), usage.ru_maxrss / 1024


@pytest.mark.parametrize("target", STRANGE, ids=lambda target: target.name)
def test_a_strange_target_gets_a_sentence(target: Strange) -> None:
    with target.open() as url:
        code, out, err, megabytes = measured(url)
    words = " ".join(out.split())
    assert "Traceback" not in out + err
    assert "the suite itself failed" not in words
    if target.name in SENTENCES:
        assert re.fullmatch(rf"Nothing could be looked at: {SENTENCES[target.name]}\.", words)
        assert code == 3
    else:
        assert re.search(
            r"The contract is broken: .* \(exit code 1\)\.$"
            r"|It cannot be told whether the contract is kept: .* \(exit code 3\)\.$"
            r"|^Nothing could be looked at: .*\.$",
            words,
        )
        assert code == (1 if "is broken" in words else 3)
    assert megabytes < SMALL
