"""What schemathesis cannot know: a fresh idempotency key for every request that has one (under one
that was used, another body is refused, as documented, and says nothing of the body), and what there is
in the bank, so that requests are about something."""

import json
import os
import random
import uuid

import schemathesis
from schemathesis.core.parameters import ParameterLocation

THINGS = json.loads(os.environ.get("CREDITBANK_THINGS", "{}"))
# Now and then what was made up stays: it is nobody's, and answered with 404 or 422.
OF_THE_BANK = 0.8


def is_right(case, location):
    """Whether that part of the request is one that fits the document."""
    part = case.meta.components.get(location) if case.meta else None
    return part is not None and part.mode.is_positive


def chosen(chance, name, value):
    of_this_name = THINGS.get(name)
    if isinstance(value, str) and of_this_name and chance.random() < OF_THE_BANK:
        return chance.choice(of_this_name)
    return None


def named(chance, value, above=""):
    """The same, about things of the bank."""
    if isinstance(value, list):
        return [named(chance, element, above) for element in value]
    if not isinstance(value, dict):
        return value
    return {
        name: chosen(chance, name, member)
        or chosen(chance, f"{above}.{name}", member)
        or named(chance, member, name)
        for name, member in value.items()
    }


@schemathesis.hook
def before_call(context, case, kwargs):
    # By what was made up, so that the same seed asks the same.
    chance = random.Random(repr((case.operation.label, case.path_parameters, case.body)))
    if is_right(case, ParameterLocation.PATH):
        for name, value in case.path_parameters.items():
            case.path_parameters[name] = chosen(chance, name, value) or value
    if is_right(case, ParameterLocation.BODY) and isinstance(case.body, dict):
        case.body = named(chance, case.body)
    # It fits as what was made up did. Looked at again, the bytes of a form's file would be no text,
    # and the whole request a wrong one.
    case._record_starting_state()
    name = next((it for it in case.headers or {} if it.lower() == "idempotency-key"), None)
    if name and case.meta is not None and case.meta.generation.mode.is_positive:
        case.headers[name] = str(uuid.uuid4())


@schemathesis.serializer("application/offset+octet-stream")
def part_of_a_file(context, value):
    return value if isinstance(value, bytes) else str(value).encode()
