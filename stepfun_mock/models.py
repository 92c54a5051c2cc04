"""The list of models and the record of each, as the models routes show them."""

from stepfun_mock.contract import MODELS
from stepfun_mock.errors import RefusedError
from stepfun_mock.refusals import MODEL_UNKNOWN

_RECORDS: dict[str, dict[str, object]] = {
    model.id: {
        "id": model.id,
        "object": "model",
        "created": model.created,
        "owned_by": model.owned_by,
    }
    for model in MODELS
}


def listed() -> dict[str, object]:
    """All models."""
    return {"object": "list", "data": list(_RECORDS.values())}


def record(name: str) -> dict[str, object]:
    """One model.

    Raises:
        RefusedError: `model.unknown`; the sentence is the one that was reported.
    """
    if name not in _RECORDS:
        message = f'The model "{name[:64]}" does not exist or you do not have access to it.'
        raise RefusedError(MODEL_UNKNOWN, f"{message} There is {', '.join(_RECORDS)}.")
    return _RECORDS[name]
