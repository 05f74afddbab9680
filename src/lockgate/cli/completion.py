"""``lockgate completion SHELL``: print the script that makes the shell complete our commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from lockgate.cli.frame import Workplace, common, root


@click.command(name="completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@common
def command(place: Workplace, shell: str) -> None:
    """Print the completion script of a shell."""
    completion = get_completion_class(shell)
    assert completion is not None
    script = completion(root, {}, "lockgate", "_LOCKGATE_COMPLETE").source()
    place.console.output(script)
    place.console.document({"command": "completion", "shell": shell, "script": script})
