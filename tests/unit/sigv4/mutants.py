"""Verifiers broken on purpose, each as somebody's was: one rule of `gatepass.sigv4` taken out or bent in its source.

A mutant is the package read anew with one or more passages replaced. A passage that is no longer in the source is an
error, so that the list cannot rot.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import gatepass.sigv4

SOURCE = Path(gatepass.sigv4.__file__).parent
# In the order in which they import each other.
FILES = ("answers", "canonical", "dates", "limits", "claim", "sign", "presign", "checks", "memory", "verify")


class Edit(NamedTuple):
    file: str
    old: str
    new: str


class Mutant(NamedTuple):
    """A broken verifier: what it does wrong, and where."""

    name: str
    edits: tuple[Edit, ...]


def broken(name: str, *edits: tuple[str, str, str]) -> Mutant:
    return Mutant(name, tuple(Edit(*edit) for edit in edits))


def load(mutant: Mutant) -> ModuleType:
    """A module with the mutant's `Verifier` and `Key`."""
    package = f"broken_sigv4_{abs(hash(mutant.name))}"
    sources = {name: (SOURCE / f"{name}.py").read_text() for name in FILES}
    for file, old, new in mutant.edits:
        assert sources[file].count(old) == 1, f"{mutant.name}: {file}.py holds {sources[file].count(old)} of: {old}"
        sources[file] = sources[file].replace(old, new)
    modules = {f"{package}.{name}": ModuleType(f"{package}.{name}") for name in FILES}
    sys.modules[package] = ModuleType(package)
    sys.modules.update(modules)
    try:
        for name, source in sources.items():
            code = compile(source.replace("gatepass.sigv4", package), f"{package}/{name}.py", "exec")
            exec(code, modules[f"{package}.{name}"].__dict__)
    finally:
        for name in (package, *modules):
            del sys.modules[name]
    whole = ModuleType(package)
    whole.__dict__.update(modules[f"{package}.verify"].__dict__)
    return whole


_COMPARE_IN_FULL = "compare_digest(signature(derived, text).encode(), claim.signature)"
_COMPARE_KNOWN = "not compare_digest(b2a_hex(outer.digest()), authorization[-_SIGNATURE:])"
_NAMES = "    check_names(list(arrived), signed)\n"
_REFUSE = """\
        if not isinstance(key, Key):
            raise key
        if mismatch is not None:
            raise mismatch
"""
_LAYOUT = """\
        usual = b"authorization" in names and b"x-amz-date" in names and b"host" in names
        layout = _layout(names) if usual else None
        if layout is None:
            return None
"""

MUTANTS = (
    # The signature itself.
    broken("takes any signature", ("verify", _COMPARE_IN_FULL, "True")),
    broken("takes any signature of a known signer", ("memory", f"if {_COMPARE_KNOWN}", "if False")),
    broken(
        "compares a prefix",
        ("verify", _COMPARE_IN_FULL, "claim.signature[:8] == signature(derived, text).encode()[:8]"),
        ("memory", _COMPARE_KNOWN, "b2a_hex(outer.digest())[:8] != authorization[-_SIGNATURE:][:8]"),
    ),
    broken(
        "compares up to the shorter length",
        ("verify", _COMPARE_IN_FULL, "signature(derived, text).encode().startswith(claim.signature)"),
    ),
    broken(
        "compares without case",
        ("verify", _COMPARE_IN_FULL, "signature(derived, text).encode() == claim.signature.lower()"),
    ),
    broken("takes any canonical form for all", ("verify", "if any(holds) and same_body:", "if holds and same_body:")),
    broken("takes any algorithm", ("checks", "if claim.algorithm != ALGORITHM:", "if False:")),
    broken(
        "takes any algorithm of version 4",
        ("checks", "if claim.algorithm != ALGORITHM:", 'if not claim.algorithm.startswith(b"AWS4"):'),
    ),
    broken(
        "takes the algorithm in any case",
        ("checks", "if claim.algorithm != ALGORITHM:", "if claim.algorithm.upper() != ALGORITHM:"),
    ),
    # What is signed.
    broken("does not sign the method", ("canonical", "(method.encode(), path, query,", '(b"GET", path, query,')),
    broken(
        "decodes the path",
        (
            "canonical",
            "if path.translate(None, _PLAIN_PATH):",
            "path = unquote_to_bytes(path)\n    if path.translate(None, _PLAIN_PATH):",
        ),
    ),
    broken(
        "does not sign the query", ("canonical", "    separators = query", '    query = b""\n    separators = query')
    ),
    broken(
        "reads a plus as a blank",
        (
            "canonical",
            "quote_from_bytes(decoded(text), safe=",
            'quote_from_bytes(decoded(text.replace(b"+", b" ")), safe=',
        ),
    ),
    broken(
        "sorts names and values apart",
        (
            "canonical",
            "    parameters.sort()\n",
            (
                "    names, values = zip(*[p.split(b'\\t') for p in parameters])\n"
                "    parameters = [n + b'\\t' + v for n, v in zip(sorted(names), sorted(values))]\n"
            ),
        ),
    ),
    broken(
        "keeps one of each query name",
        (
            "canonical",
            "    parameters.sort()\n",
            "    parameters = sorted({p.split(b'\\t')[0]: p for p in parameters}.values())\n",
        ),
    ),
    broken(
        "leaves white space out", ("canonical", 'return b" ".join(value.split())', 'return b"".join(value.split())')
    ),
    broken("leaves white space as it is", ("canonical", 'return b" ".join(value.split())', "return value")),
    broken(
        "looks at the first of repeated headers",
        ("canonical", "        if name in values:\n", "        if name in values and not values[name]:\n"),
    ),
    broken(
        "does not look for white space in what a known signer sends",
        ("memory", "not all_folded(free_of(values))", "False"),
    ),
    # The body.
    broken(
        "does not hash the body",
        ("canonical", "query, headers, payload_hash.encode())", "query, headers, EMPTY_PAYLOAD_HASH.encode())"),
        ("memory", "hashed = payload_hash.encode()", 'hashed = sha256(b"").hexdigest().encode()'),
    ),
    broken(
        "believes the payload hash of the header",
        (
            "verify",
            "    headers = canonical_headers(",
            (
                '    payload_hash = (request.header(b"x-amz-content-sha256") or payload_hash.encode()).decode()\n'
                "    headers = canonical_headers("
            ),
        ),
    ),
    broken(
        "does not compare the header's payload hash",
        ("verify", "    same_body = claimed is None or", "    same_body = True or"),
    ),
    broken(
        "does not compare a known signer's payload hash",
        ("memory", "or (at_hash >= 0 and values[at_hash] != hashed)", ""),
    ),
    broken(
        "compares the payload hash only if it looks like one",
        ("verify", "    same_body = claimed is None or", "    same_body = claimed is None or len(claimed) != 64 or"),
    ),
    # The date.
    broken("ignores that a request is old", ("checks", "if date.seconds + lifetime < now:", "if False:")),
    broken("ignores that a request is ahead", ("checks", "if date.seconds - WINDOW > now:", "if False:")),
    broken("gives fifteen minutes", ("checks", "WINDOW = 300", "WINDOW = 900")),
    broken("ignores the date of a known signer", ("memory", "or not _EARLIEST <= now - seconds < _TOO_LATE", "")),
    broken(
        "takes a date it cannot read for now",
        (
            "checks",
            '    raise IncompleteSignature(\n        f"Date must',
            "    return Date(1784115296, '20260715T113456Z')\n    raise IncompleteSignature(\n        f\"Date must",
        ),
    ),
    broken("reads the date of HTTP everywhere", ("checks", "    if claim.http_date:", "    if True:")),
    broken("does not compare the day of the scope", ("checks", "if day != date.text[:8]:", "if False:")),
    broken("does not compare the day of a known signer", ("memory", "or not date.startswith(day)", "")),
    # The lifetime of presigned requests.
    broken(
        "ignores X-Amz-Expires",
        ("checks", "WINDOW if claim.expires is None else _expires(claim.expires)", "MAXIMUM_EXPIRES"),
    ),
    broken(
        "gives every presigned request the window",
        ("checks", "WINDOW if claim.expires is None else _expires(claim.expires)", "WINDOW"),
    ),
    broken(
        "takes any X-Amz-Expires",
        ("checks", "if len(value) > len(str(MAXIMUM_EXPIRES)) or int(value) > MAXIMUM_EXPIRES:", "if False:"),
    ),
    broken("takes no lifetime", ("checks", "    if int(value) == 0:", "    if False:")),
    broken(
        "needs no X-Amz-Expires",
        ("claim", '    b"X-Amz-Expires",\n)', ")"),
        ("claim", 'expires=by_name[b"X-Amz-Expires"]', 'expires=by_name.get(b"X-Amz-Expires", b"604800")'),
    ),
    # Where credentials are.
    broken("lets a header win over the query", ("claim", "if authorization and in_query:", "if False:")),
    broken(
        "looks for the algorithm alone in the query",
        (
            "claim",
            "if authorization and in_query:",
            'if authorization and any(p.name == b"X-Amz-Algorithm" for p in in_query):',
        ),
    ),
    broken("does not decode names of the query", ("claim", "sent_as = decoded(name)", "sent_as = name")),
    broken(
        "looks at names of the query in their proper case",
        ("claim", "_BY_LOWER_CASE.get(sent_as.lower())", "{n: n for n in _CREDENTIAL_PARAMETERS}.get(sent_as)"),
    ),
    broken(
        "takes names of the query in any case",
        ("claim", "        if parameter.sent_as != parameter.name:", "        if False:"),
    ),
    broken(
        "takes the last of repeated query parameters",
        ("claim", "    if len(parameters) != len(by_name):", "    if False:"),
    ),
    broken(
        "does not look at a known signer's query",
        ("memory", 'if b"-" in query and b"x-amz-" in query.lower():', "if False:"),
    ),
    broken("takes repeated headers", ("claim", "        if counted[name] > 1:", "        if False:")),
    broken(
        "takes repeated or foreign Authorization parameters",
        ("claim", "    if len(parameters) != len(_HEADER_PARAMETERS):", "    if False:"),
    ),
    broken(
        "takes a date and token beside a presigned query",
        ("claim", "        if request.header(name) is not None:", "        if False:"),
    ),
    # The signed headers.
    broken(
        "does not want the host signed",
        ("checks", 'if b"host" not in signed_headers.lower().split(b";"):', "if False:"),
    ),
    broken(
        "takes an absent header for an empty one", ("checks", "        if name not in arrived:", "        if False:")
    ),
    broken("takes signed headers in any order", ("checks", "    if signed != sorted(set(signed)):", "    if False:")),
    broken("takes any host", ("checks", "    if not _HOST.fullmatch(", "    if False and not _HOST.fullmatch(")),
    broken("takes any host of a known signer", ("memory", "or values[at_host] != host", "")),
    broken("does not look at what arrived unsigned", ("checks", _NAMES, "")),
    broken(
        "lets x-amz-* arrive unsigned",
        (
            "checks",
            "        if must_be_signed and name not in signed and name not in _MAY_BE_UNSIGNED:",
            "        if False:",
        ),
    ),
    broken("lets x_amz_* arrive unsigned", ("checks", 'meant = name.replace(b"_", b"-")', "meant = name")),
    broken("lets x-gatepass-* arrive", ("checks", 'if meant.startswith(b"x-gatepass-") or meant', "if meant")),
    broken(
        "lets x-gatepass-* arrive signed",
        ("checks", 'meant.startswith(b"x-gatepass-") or', 'meant.startswith(b"x-gatepass-") and name not in signed or'),
    ),
    broken("lets the method be overridden", ("checks", 'or meant == b"x-http-method-override"', "")),
    broken(
        "lets the method be overridden by what is signed",
        (
            "checks",
            'or meant == b"x-http-method-override"',
            'or meant == b"x-http-method-override" and name not in signed',
        ),
    ),
    broken("takes names in any case", ("checks", "        if name != name.lower():", "        if False:")),
    broken(
        "remembers a signer whatever names arrive with it",
        (
            "memory",
            "        layout = self._layouts.get(names)\n        if layout is None:\n            return None\n",
            _LAYOUT,
        ),
        ("memory", "form = forms.get(signed)", "form = _form(names, signed)"),
    ),
    # Scope and key.
    broken("takes any region", ("checks", "if region not in regions:", "if False:")),
    broken(
        "takes the region in any case", ("checks", "if region not in regions:", "if region.lower() not in regions:")
    ),
    broken("takes any service", ("checks", "if scoped_service != service:", "if False:")),
    broken("takes any terminator", ("checks", "if terminator != TERMINATOR:", "if False:")),
    broken(
        "takes any number of parts",
        ("checks", "if len(parts) != 5:", "if len(parts) < 5:"),
        ("checks", "map(shown, parts[1:])", "map(shown, parts[-4:])"),
    ),
    broken(
        "remembers a signer without its token",
        ("memory", "or (None if at_token < 0 else values[at_token]) != session_token", ""),
    ),
    broken(
        "accepts who signs with the stand-in secret",
        (
            "verify",
            _REFUSE,
            (
                "        if mismatch is not None:\n            raise key if not isinstance(key, Key) else mismatch\n"
                "        if not isinstance(key, Key):\n            return Verified(None, frozenset(), False, 0)\n"
            ),
        ),
    ),
    broken("does not look when a session ends", ("verify", "return ExpiredToken() if expired else key", "return key")),
    broken("does not look when a known signer's session ends", ("memory", "or now >= expiration", "")),
    broken(
        "never forgets",
        (
            "verify",
            "        self._memory = Memory()\n\n    def _verify_in_full",
            "        pass\n\n    def _verify_in_full",
        ),
    ),
    broken(
        "takes tokens that are no text",
        ("verify", "if session_token is not None and not _SESSION_TOKEN.fullmatch(session_token):", "if False:"),
    ),
    # The order of checks.
    broken(
        "verifies the signature before it looks at the key",
        (
            "verify",
            _REFUSE,
            (
                "        if mismatch is not None:\n            raise mismatch\n"
                "        if not isinstance(key, Key):\n            raise key\n"
            ),
        ),
    ),
    broken(
        "looks at the scope before the date",
        (
            "verify",
            "        date = check_date(claim, int(now))\n",
            "        date = Date(0, claim.date.decode('latin-1'))\n",
        ),
        ("verify", "        key = self._key(", "        date = check_date(claim, int(now))\n        key = self._key("),
    ),
    # Limits.
    broken("has no limit on a header", ("limits", "        if header > MAXIMUM_HEADER:", "        if False:")),
    broken("has no limit on a head", ("limits", "    if size > MAXIMUM_HEAD:", "    if False:")),
    broken("has no limit on a query", ("limits", "    if len(request.query) > MAXIMUM_QUERY:", "    if False:")),
    broken(
        "has no limit on signed headers",
        ("checks", '    if signed_headers.count(b";") >= MAXIMUM_SIGNED_HEADERS:', "    if False:"),
    ),
    broken("has no limit on what a known signer sends", ("memory", "or len(others) > _SHORT_HEAD", "")),
    broken(
        "takes line breaks in headers",
        ("limits", r"""    if b"\n" in text or b"\r" in text or b"\0" in text:""", "    if False:"),
    ),
    broken(
        "takes line breaks in a known signer's headers",
        (
            "memory",
            r"""            or b"\0" in others
            or b"\n" in others
            or b"\r" in others
""",
            "",
        ),
    ),
    broken("takes a path without a slash from a known signer", ("memory", 'path[:1] != b"/" or', "")),
    broken("has no limit on a known signer's query", ("memory", "or len(query) > _SHORT_TARGET", "")),
    broken("takes any method", ("limits", "    if not _METHOD.fullmatch(request.method):", "    if False:")),
    broken("takes a path without a slash", ("limits", '    if not request.path.startswith(b"/"):', "    if False:")),
)
