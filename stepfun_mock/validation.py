"""A request body to an `ImageRequest`, or a refusal that says what to send instead.

Every check is made once, from a row of the contract, when the validator is built.
"""

from collections.abc import Callable
from typing import Any, NoReturn

from stepfun_mock.body import read_object
from stepfun_mock.choices import Choices
from stepfun_mock.contract import MODEL_PARAMETER, MODELS
from stepfun_mock.errors import RefusedError
from stepfun_mock.message import ImageRequest
from stepfun_mock.refusals import MODEL_REFUSED, PARAMETER_REFUSED, SIZE_REFUSED
from stepfun_mock.terms import Model, Parameter
from stepfun_mock.values import CONVERTERS, PYTHON_TYPES, cut, described, remedy

_REFUSALS = {"model": MODEL_REFUSED, "size": SIZE_REFUSED}
_ABSENT = object()
_UNKNOWN_KEPT = 16
_UNKNOWN_LETTERS = 64
_UNITS: dict[str, tuple[str, Callable[[str], int]]] = {
    "code_points": ("characters", len),
    "utf16": ("UTF-16 units", lambda text: len(text.encode("utf-16-le")) // 2),
}


class Validator:
    """Reads request bodies as the contract and the choices have it.

    Args:
        choices: What the contract leaves open.
    """

    def __init__(self, choices: Choices) -> None:
        self._refuse_unknown = choices.unknown_fields == "refuse"
        self._model = _Field(MODEL_PARAMETER, choices)
        self._fields = {model.id: self._fields_of(model, choices) for model in MODELS}
        self._plain = {name: _Plain(fields) for name, fields in self._fields.items()}

    def _fields_of(self, model: Model, choices: Choices) -> dict[str, "_Field"]:
        fields = {row.name: _Field(row, choices) for row in model.parameters}
        return {MODEL_PARAMETER.name: self._model, **fields}

    def read(self, body: bytes) -> ImageRequest:
        """Read a body.

        Raises:
            RefusedError: the first thing that is wrong with it, in the order of the contract.
        """
        given = read_object(body)
        model = given.get(MODEL_PARAMETER.name, _ABSENT)
        plain = self._plain.get(model) if isinstance(model, str) else None
        image = plain.read(given) if plain is not None else None
        return self._closely(given) if image is None else image

    def _closely(self, given: dict[str, object]) -> ImageRequest:
        model = self._model.read(given.get(MODEL_PARAMETER.name, _ABSENT))
        fields = self._fields[str(model)]
        values: dict[str, Any] = {
            name: field.read(given.get(name, _ABSENT)) for name, field in fields.items()
        }
        unknown = [name for name in given if name not in fields]
        if unknown and self._refuse_unknown:
            raise _unknown_field(unknown[0], tuple(fields))
        # The journal keeps them, so their number and their length are bounded.
        kept = tuple(name[:_UNKNOWN_LETTERS] for name in unknown[:_UNKNOWN_KEPT])
        return ImageRequest(**values, unknown=kept)


class _Field:
    """One row of the contract, ready to read its field out of a body."""

    def __init__(self, parameter: Parameter, choices: Choices) -> None:
        self._parameter = parameter = _relaxed(parameter, choices)
        self._name = parameter.name
        self._convert = CONVERTERS[parameter.kind]
        self._loose = choices.loose_numbers == "accept"
        self._null_absent = choices.null_fields == "absent" and not parameter.required
        self._refuse_empty = choices.empty_prompt == "refuse" and parameter.required
        self._unit, self._length = _UNITS[choices.length_unit]
        self.required, self.default = parameter.required, parameter.default
        self.type = PYTHON_TYPES[parameter.kind]
        self.holds = self._test()

    def read(self, value: object) -> object:
        """Give the value as it is meant, or the default where it is absent.

        Raises:
            RefusedError: it is missing, of the wrong type, too long or out of range.
        """
        if value is _ABSENT or (value is None and self._null_absent):
            if self._parameter.required:
                self._refuse("it is missing", remedy(self._parameter, None))
            return self._parameter.default
        converted = self._convert(value, self._loose)
        if converted is not None and self.holds(converted):
            return converted
        if isinstance(converted, str) and self._parameter.max_length is not None:
            self._refuse_length(converted)
        return self._refuse(f"{described(value)} came", remedy(self._parameter, value))

    def _test(self) -> Callable[[Any], bool]:
        """Make the test that a value of the right type has to pass."""
        parameter = self._parameter
        if parameter.values:
            return frozenset(parameter.values).__contains__
        if parameter.minimum is not None and parameter.maximum is not None:
            low, high = parameter.minimum, parameter.maximum
            return lambda number: low <= number <= high
        if parameter.max_length is not None:
            shortest, longest, length = int(self._refuse_empty), parameter.max_length, self._length
            return lambda text: shortest <= length(text) <= longest
        return lambda value: True

    def _refuse_length(self, text: str) -> NoReturn:
        if not text:
            way_out = remedy(self._parameter, None)
            message = f"{self._name} must not be empty; {way_out}"
            raise RefusedError(PARAMETER_REFUSED, message, parameter=self._name)
        self._refuse(f"{self._length(text)} {self._unit} came", "shorten it before you send it")

    def _refuse(self, came: str, way_out: str) -> NoReturn:
        allowed = self._parameter.allowed
        message = f"{self._name} must be {allowed}, but {came}; {way_out}"
        refusal = _REFUSALS.get(self._name, PARAMETER_REFUSED)
        raise RefusedError(refusal, message, parameter=self._name)


class _Plain:
    """Reads what nearly everybody sends: known fields, each of its own type, within its range."""

    def __init__(self, fields: dict[str, _Field]) -> None:
        self._defaults: dict[str, Any] = {name: one.default for name, one in fields.items()}
        self._required = frozenset(name for name, one in fields.items() if one.required)
        self._tests = {name: (one.type, one.holds) for name, one in fields.items()}

    def read(self, given: dict[str, object]) -> ImageRequest | None:
        """Take the values as they are; None where one of them needs a closer look."""
        values = self._defaults.copy()
        for name, value in given.items():
            test = self._tests.get(name)
            if test is None or type(value) is not test[0] or not test[1](value):
                return None
            values[name] = value
        return ImageRequest(**values) if given.keys() >= self._required else None


def _relaxed(parameter: Parameter, choices: Choices) -> Parameter:
    """The row as the choices have it: `n` counts freely where one picture answers any n."""
    if parameter.name == "n" and choices.n_above_one == "one_picture":
        return parameter._replace(values=(), minimum=1, maximum=2**31 - 1)
    return parameter


def _unknown_field(name: str, known: tuple[str, ...]) -> RefusedError:
    import difflib  # takes as long to load as all of this module

    fields = ", ".join(known)
    near = difflib.get_close_matches(name[:64], known, n=1)
    way_out = f'did you mean "{near[0]}"?' if near else "leave it out."
    message = f"{cut(name)} is not a field of this request; {way_out} The fields are {fields}"
    return RefusedError(PARAMETER_REFUSED, message, parameter=name[:_UNKNOWN_LETTERS])
