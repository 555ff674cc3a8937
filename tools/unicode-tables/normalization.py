#!/usr/bin/env python3
"""Writes src/Tokenizers/Unicode/normalization.bin from Python's own Unicode database.

The product runs without ICU (InvariantGlobalization), where .NET does not normalize. All numbers are little-endian:

    u32 n, n x (u32 code point << 8 | combining class)      sorted
    u32 n, n x (u32 first, u32 second, u32 composite)       sorted; Hangul is computed
    twice, canonical and compatibility (only what differs from canonical):
        u32 n, n x (u32 code point << 8 | length)           sorted; full decompositions
        u32 n, n x u32 code points, one decomposition after the other
"""
import struct
import sys
import unicodedata
from pathlib import Path

HANGUL = range(0xAC00, 0xAC00 + 11172)
points = [c for c in range(sys.maxunicode + 1) if not 0xD800 <= c < 0xE000 and c not in HANGUL]

out = bytearray()


def write(rows):
    out.extend(struct.pack("<I", len(rows)))
    for row in rows:
        out.extend(struct.pack(f"<{len(row)}I", *row))


write([(c << 8 | unicodedata.combining(chr(c)),) for c in points if unicodedata.combining(chr(c))])

composites = []
for c in points:
    parts = unicodedata.decomposition(chr(c)).split()
    if len(parts) == 2 and not parts[0].startswith("<"):
        pair = [int(part, 16) for part in parts]
        if unicodedata.normalize("NFC", "".join(map(chr, pair))) == chr(c):
            composites.append((*pair, c))
write(sorted(composites))

canonical = {c: unicodedata.normalize("NFD", chr(c)) for c in points}
compatibility = {c: unicodedata.normalize("NFKD", chr(c)) for c in points}
for table in (
    {c: text for c, text in canonical.items() if text != chr(c)},
    {c: text for c, text in compatibility.items() if text != canonical[c]},
):
    write([(c << 8 | len(text),) for c, text in sorted(table.items())])
    write([(ord(part),) for _, text in sorted(table.items()) for part in text])

target = Path(__file__).parents[2] / "src/Tokenizers/Unicode/normalization.bin"
target.write_bytes(out)
print(f"Unicode {unicodedata.unidata_version}: {len(out)} bytes")
