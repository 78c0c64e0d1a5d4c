"""Clausewise as a contender: the engine of the service in this process, with the roles from the directory and all thirteen checks."""

from app import wire
from app.engine import Engine
from app.settings import Settings
from benchmarks.contender import compete

# However slow the computer: a letter that is read in part would look like a fast one.
engine = Engine.start(Settings(lint_seconds=600))
compete(lambda letter: wire.Draft(**letter).draft(), lambda draft: len(engine.lint(draft).report.findings))
