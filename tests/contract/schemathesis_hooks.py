"""A fresh idempotency key for every request that has one: under one that was used, another body is
refused, as documented, and says nothing of the body."""

import uuid

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    name = next((it for it in case.headers or {} if it.lower() == "idempotency-key"), None)
    if name and case.meta is not None and case.meta.generation.mode.is_positive:
        case.headers[name] = str(uuid.uuid4())


@schemathesis.serializer("application/offset+octet-stream")
def part_of_a_file(context, value):
    return value if isinstance(value, bytes) else str(value).encode()
