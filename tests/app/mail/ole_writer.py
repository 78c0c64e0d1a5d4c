"""Writes small Outlook .msg files for the tests: an OLE container ([MS-CFB] version 3) with MAPI properties in it."""

from __future__ import annotations

import struct

FREE, END, FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
Tree = dict[str, "bytes | Tree"]


def message(properties: dict[int, object], recipients=(), attachments=(), narrow: str = "") -> Tree:
    """A message storage. Values are str, int, bytes (binary) or ("time", ticks); `narrow` makes strings 8-bit in that codec."""
    tree = _object(properties, 32, narrow)
    for number, recipient in enumerate(recipients):
        tree[f"__recip_version1.0_#{number:08X}"] = _object(recipient, 8, narrow)
    for number, attachment in enumerate(attachments):
        inner = attachment.pop("message", None)
        tree[f"__attach_version1.0_#{number:08X}"] = storage = _object(attachment, 8, narrow)
        if inner is not None:
            head = inner["__properties_version1.0"]
            inner["__properties_version1.0"] = head[:24] + head[32:]  # an embedded message has a shorter head
            storage["__substg1.0_3701000D"] = inner
    return tree


def _object(properties: dict[int, object], head: int, narrow: str) -> Tree:
    tree: Tree = {}
    table = bytes(head)
    for tag, value in properties.items():
        if isinstance(value, int):
            table += struct.pack("<HHIII", 3, tag, 6, value, 0)
            continue
        if isinstance(value, tuple):
            table += struct.pack("<HHIQ", 0x40, tag, 6, value[1])
            continue
        kind, raw = 0x0102, value
        if isinstance(value, str):
            kind, raw = (0x1E, value.encode(narrow)) if narrow else (0x1F, value.encode("utf-16-le"))
        tree[f"__substg1.0_{tag:04X}{kind:04X}"] = raw
        table += struct.pack("<HHIII", kind, tag, 6, len(raw), 0)
    tree["__properties_version1.0"] = table
    return tree


def write(tree: Tree) -> bytes:
    """The OLE file that holds this tree of storages (dict) and streams (bytes)."""
    fat: list[int] = []
    sectors: list[bytes] = []
    minifat: list[int] = []
    mini = bytearray()

    def store(data: bytes) -> int:
        if not data:
            return END
        start = len(sectors)
        chunks = [data[at : at + 512].ljust(512, b"\0") for at in range(0, len(data), 512)]
        sectors.extend(chunks)
        fat.extend([*range(start + 1, start + len(chunks)), END])
        return start

    def store_stream(data: bytes) -> int:
        if len(data) >= 4096 or not data:
            return store(data)
        start, count = len(minifat), -(-len(data) // 64)
        minifat.extend([*range(start + 1, start + count), END])
        mini.extend(data.ljust(64 * count, b"\0"))
        return start

    entries: list[list] = [["Root Entry", 5, FREE, FREE, END, 0]]  # name, type, next sibling, child, start, size
    waiting = [(0, tree)]
    while waiting:
        parent, branch = waiting.pop()
        before = None
        for name, value in branch.items():
            number = len(entries)
            if isinstance(value, dict):
                entries.append([name, 1, FREE, FREE, 0, 0])
                waiting.append((number, value))
            else:
                entries.append([name, 2, FREE, FREE, store_stream(value), len(value)])
            entries[parent if before is None else before][3 if before is None else 2] = number
            before = number
    entries[0][4:] = [store(bytes(mini)), len(mini)]
    directory = b"".join(
        (encoded := name.encode("utf-16-le") + b"\0\0").ljust(64, b"\0")
        + struct.pack("<HBBIII16xI16xIQ", len(encoded), kind, 1, FREE, sibling, child, 0, start, size)
        for name, kind, sibling, child, start, size in entries
    )
    directory_at = store(directory)
    table = b"".join(struct.pack("<I", number) for number in minifat)
    minifat_at = store(table.ljust(-(-len(table) // 512) * 512, b"\xff"))
    needed = 1
    while (len(fat) + needed) > 128 * needed:
        needed += 1
    fat_at = len(fat)
    fat += [FAT_SECTOR] * needed
    raw = b"".join(struct.pack("<I", number) for number in fat).ljust(512 * needed, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIIII"[:-1], 0, needed, directory_at, 0, 4096, minifat_at, len(table) // 512 + 1, END, 0)
    head += b"".join(struct.pack("<I", number) for number in [*range(fat_at, fat_at + needed), *[FREE] * (109 - needed)])
    return head + b"".join(sectors) + raw
