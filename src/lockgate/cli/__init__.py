"""The command line: one file per command, imported only when it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple


class Entry(NamedTuple):
    """One command: its name, the module that exports ``command``, its help line, and the guide's step."""

    name: str
    module: str
    help: str
    step: str

    @property
    def is_there(self) -> bool:
        """Whether this installation has the command."""
        return (Path(__file__).parent / f"{self.module}.py").is_file()


COMMANDS: Final = (
    Entry("plan", "plan", "Turn an unsafe change into safe phases.", "1 design"),
    Entry(
        "explain", "explain", "Show what a migration locks, for how long, and how it is undone.", "1 design"
    ),
    Entry(
        "stats", "stats", "Write down how large, busy and fast a target is, to forecast seconds.", "1 design"
    ),
    Entry("init", "init", "Begin here: write lockgate.toml for this project.", "2 write"),
    Entry("new", "new", "Make a migration and its rollback from the template.", "2 write"),
    Entry("check", "check", "Find every hazard in the migrations.", "2 write"),
    Entry("rules", "rules", "List the rules, or explain one.", "2 write"),
    Entry("rollback", "rollback", "Derive rollback files, or go back to a version.", "3 rollback"),
    Entry("local", "local", "A real PostgreSQL with the Supabase roles, without Docker.", "4 test locally"),
    Entry("test", "test", "Prove each migration and its rollback on a throwaway database.", "4 test locally"),
    Entry("diff", "diff", "Compare any two schemas.", "4 test locally"),
    Entry("apply", "apply", "Apply the pending migrations.", "7 apply"),
    Entry("status", "status", "Show what is applied and what is pending.", "7 apply"),
    Entry("history", "history", "Show every run and its steps.", "7 apply"),
    Entry("advise", "advise", "Say what is unsafe or slow about a database as it stands.", "8 verify"),
    Entry(
        "verify",
        "verify",
        "Prove that a target does what was meant: rows, catalog, row-level security.",
        "8 verify",
    ),
    Entry("backfill", "backfill", "Watch and steer chunked data migrations.", "strategies"),
    Entry("gate", "gate", "List the gates between phases, or open one.", "strategies"),
    Entry("recover", "recover", "Finish or undo a half-applied migration.", "emergency"),
    Entry("doctor", "doctor", "Find what is wrong with files, history and schema.", "emergency"),
    Entry("locks", "locks", "Show who waits for whom.", "emergency"),
    Entry("baseline", "baseline", "Take over a database that already has a schema.", "around it"),
    Entry("repair", "repair", "Correct the history after a person has checked it.", "around it"),
    Entry("names", "names", "Convert file names between the two spellings.", "around it"),
    Entry("completion", "completion", "Print the completion script of a shell.", "around it"),
)


def overview() -> str:
    """The text of ``lockgate --help``: every command, under the step of the guide that it serves."""
    lines = [
        "Usage: lockgate [--version] [--help] COMMAND [OPTIONS]",
        "",
        "  Change a live PostgreSQL or Supabase database without downtime, without lost",
        "  data, and with a way back that was proved before it was needed.",
    ]
    there = [entry for entry in COMMANDS if entry.is_there]
    width = max(len(entry.name) for entry in there)
    step = ""
    for entry in there:
        if entry.step != step:
            step = entry.step
            lines += ["", f"{step.capitalize()}:"]
        lines.append(f"  {entry.name:<{width}}  {entry.help}")
    return "\n".join([*lines, "", "  lockgate COMMAND --help   explains one command", ""])
