"""Named ways in which a reply goes wrong, as values that a test scripts.

    mock.script(faults.rate_limited(retry_after=2), faults.overloaded(times=2))

Every function takes `times` (how many tries meet the fault, from 1), `after` (how many tries
pass untouched before) and `when` (the fields that a request must have, compared with `==`).
A try is one request, so a client's own retries count.
"""

from typing import TYPE_CHECKING, NoReturn

from stepfun_mock.faults.fault import Fault as Fault
from stepfun_mock.faults.picture import (
    data_uri,
    dead_link,
    expired_link,
    flipped_bit,
    html_link,
    jpeg_picture,
    not_a_picture,
    redirected_link,
    resized_picture,
    slow_link,
    truncated_base64,
    truncated_picture,
    turned_picture,
    url_safe_base64,
)
from stepfun_mock.faults.reply import (
    both_payloads,
    created_in_milliseconds,
    empty_body,
    empty_data,
    error_with_200,
    extra_fields,
    json_with_bom,
    missing_data,
    no_payload,
    old_field,
    seed_as_text,
    seed_missing,
    truncated_json,
    two_items,
    wrong_content_type,
)
from stepfun_mock.faults.service import (
    bad_key,
    censored,
    content_filtered,
    gateway_timeout,
    maintenance,
    model_unknown,
    out_of_balance,
    overloaded,
    rate_limited,
    retired,
    server_error,
)
from stepfun_mock.faults.wire import (
    connection_refused,
    connection_reset,
    cut_off,
    drip,
    slow,
    stall,
    wrong_length,
)
from stepfun_mock.terms import unknown

# In the order in which people read of them.
__all__ = [  # noqa: RUF022
    "bad_key",
    "out_of_balance",
    "model_unknown",
    "rate_limited",
    "censored",
    "content_filtered",
    "server_error",
    "overloaded",
    "gateway_timeout",
    "retired",
    "maintenance",
    "empty_data",
    "missing_data",
    "two_items",
    "both_payloads",
    "no_payload",
    "old_field",
    "seed_missing",
    "seed_as_text",
    "created_in_milliseconds",
    "extra_fields",
    "truncated_json",
    "json_with_bom",
    "wrong_content_type",
    "empty_body",
    "error_with_200",
    "truncated_base64",
    "data_uri",
    "url_safe_base64",
    "turned_picture",
    "resized_picture",
    "jpeg_picture",
    "truncated_picture",
    "flipped_bit",
    "not_a_picture",
    "dead_link",
    "expired_link",
    "slow_link",
    "redirected_link",
    "html_link",
    "slow",
    "drip",
    "stall",
    "connection_refused",
    "connection_reset",
    "cut_off",
    "wrong_length",
]


if not TYPE_CHECKING:  # to a type checker every name would be there

    def __getattr__(name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)  # asked by Python's own machinery, not by a test
        raise AttributeError(unknown("there is no fault", name, "The faults are", __all__))
