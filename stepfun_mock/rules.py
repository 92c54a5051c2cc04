"""Every rule of the contract, one statement each: those that the tables make, then the others.

Derived from `stepfun_mock.contract`, so that a figure changed there is changed here too.
"""

from collections.abc import Iterator

from stepfun_mock import contract, refusals
from stepfun_mock.terms import Parameter, Price, Refusal, ReplyField, Rule, either


def _parameter_rules(parameter: Parameter) -> Iterator[Rule]:
    name, source = parameter.name, parameter.source

    def rule(aspect: str, statement: str, **figures: object) -> Rule:
        return Rule(f"{name}.{aspect}", "request", statement, source, figures)

    yield rule("type", f"{name} is {parameter.type_words}", type=str(parameter.kind))
    if parameter.required:
        yield rule("required", f"{name} must be there", required=True)
    elif parameter.default is not None:
        statement = f"{name} left out means {either((parameter.default,))}"
        figures = {"default": parameter.default}
        yield Rule(
            f"{name}.default", "request", statement, parameter.default_source or source, figures
        )
    if parameter.values:
        yield rule("values", f"{name} is {parameter.allowed}", values=parameter.values)
    if parameter.minimum is not None:
        ends = {"minimum": parameter.minimum, "maximum": parameter.maximum}
        yield rule("range", f"{name} is {parameter.allowed}", **ends)
    if parameter.max_length is not None:
        yield rule("length", f"{name} is {parameter.allowed}", max_length=parameter.max_length)


def _reply_rule(field: ReplyField) -> Rule:
    figures: dict[str, object] = {"type": str(field.kind), "where": field.where}
    if field.values:
        figures["values"] = field.values
    statement = f"{field.name} is {field.about}"
    return Rule(f"reply.{field.name}", "reply", statement, field.source, figures)


def _price_rule(price: Price) -> Rule:
    figures = {"amount": price.amount, "currency": price.currency, "host": price.host}
    statement = f"a picture costs {price.amount} {price.currency} at {price.host}"
    return Rule(f"price.{price.currency.lower()}", "price", statement, price.source, figures)


def _refusal_rule(refusal: Refusal) -> Rule:
    figures: dict[str, object] = {"status": refusal.status}
    if refusal.type:
        figures |= {"type": refusal.type, "type_grade": str(refusal.type_source.grade)}
    statement = f"{refusal.status}: {refusal.when}"
    return Rule(refusal.id, "refusal", statement, refusal.source, figures)


def _rules() -> Iterator[Rule]:
    for route in contract.ROUTES:
        figures = {"method": route.method, "path": route.path}
        statement = f"{route.method} {route.path}: {route.about}"
        yield Rule(f"route.{route.id}", "route", statement, route.source, figures)
    yield from _parameter_rules(contract.MODEL_PARAMETER)
    for model in contract.MODELS:
        for parameter in model.parameters:
            yield from _parameter_rules(parameter)
        yield from map(_price_rule, model.prices)
    yield from map(_reply_rule, contract.REPLY_FIELDS)
    yield from contract.STATEMENTS
    yield from map(_refusal_rule, refusals.REFUSALS)


RULES: tuple[Rule, ...] = tuple(_rules())
