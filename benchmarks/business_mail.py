"""How often ordinary business mail is warned of: python benchmarks/business_mail.py FOLDER [--show 100]

Every message below FOLDER is read as if somebody of a council had sent it: once as an officer to a member, once as a member to an officer.
Counted are the warnings of the five checks that such mail may seldom get. With --show they are listed, to be read and counted right or
wrong by a person; nothing is written down.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app import mail
from nlp.draft import Draft, Party, Role
from nlp.lint import Linter

TONE = ("over-familiar", "criticism", "obligation", "instruction", "pressure", "disrespect", "party-political")
COUNTED = TONE[:5]
DOMAIN = "council.example"


def as_if(draft: Draft, sender: Role) -> Draft:
    """The draft between two people of a council: the sender in one role, every recipient in the other."""
    other = Role.OFFICER if sender is Role.MEMBER else Role.MEMBER
    at = lambda party, role: Party(f"{party.address.partition('@')[0] or 'somebody'}@{DOMAIN}", party.name, role)
    recipients = tuple(at(party, other) for party in draft.to) or (Party(f"reader@{DOMAIN}", role=other),)
    return replace(draft, sender=at(draft.sender, sender), to=recipients, cc=(), bcc=(), protocol="joint-standards")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", type=int, default=0, metavar="N", help="list the first N warnings")
    asked = parser.parse_args()
    linter, read, warned = Linter(), 0, 0
    counts: Counter[tuple[Role, str]] = Counter()
    for path in sorted(path for path in asked.folder.rglob("*") if path.is_file()):
        try:
            draft = mail.read(path.read_bytes()).draft
        except (mail.UnreadableMessage, OSError):
            continue
        if not draft.body.strip():
            continue
        for role in (Role.OFFICER, Role.MEMBER):
            read += 1
            found = [f for f in linter.lint(as_if(draft, role)).findings if f.check in TONE]
            for finding in found:
                counts[role, finding.check] += 1
                if finding.check in COUNTED:
                    warned += 1
                    if warned <= asked.show:
                        print(f"{role.value:<8} {finding.check:<15} {finding.certainty:.2f}  {' '.join(finding.excerpt.split())[:200]}")
    for (role, check), count in sorted(counts.items()):
        print(f"as {role.value:<8} {check:<16} {count}")
    print(f"{read} messages read (each twice), {warned} warnings of {', '.join(COUNTED)}: {100 * warned / max(read, 1):.2f} in a hundred")


if __name__ == "__main__":
    main()
