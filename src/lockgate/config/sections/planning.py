"""``[planning]``: what ``plan --versions`` makes versions of, and how their schemas are called."""

from __future__ import annotations

from typing import Annotated

from lockgate.values import value


@value(frozen=True, slots=True)
class Planning:
    """What gets versions of its own with `plan --versions`, and under which names."""

    schemas: Annotated[
        tuple[str, ...],
        "the schemas that get a version with `--versions`; the ones that the API serves, else `public`",
    ] = ()
    version_schema: Annotated[str, "the name of a version's schema, from `{schema}` and `{version}`"] = (
        "{schema}_{version}"
    )
