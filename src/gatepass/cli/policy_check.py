"""`gatepass policy check`: what is wrong with policies, before AWS or an attacker finds out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gatepass import __version__
from gatepass.advice.findings import RULES, Finding, findings_about
from gatepass.advice.found import policies_in
from gatepass.cli.policy_files import as_json, text_of
from gatepass.cli.saying import say
from gatepass.errors import ConfigurationError

_Placed = tuple[str, Finding]


@click.command(epilog="Example: gatepass policy check template.yaml")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--guests", is_flag=True, help="The policies are of a role for guests, though the files do not say so.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True, help="Output."
)
def check(files: tuple[Path, ...], guests: bool, form: str) -> int:
    """Say what is wrong with the policies in FILEs: what AWS refuses to save, and what goes wrong with identity pools.

    A file is a policy document or a list of them, what `gatepass role show --json` prints, a CloudFormation or SAM
    template, or Terraform in JSON. Exit status: 0 if nothing was found, 1 otherwise.
    """
    placed = [(str(path), finding) for path in files for finding in _findings(path, guests)]
    if form == "json":
        click.echo(as_json([{"file": file, **finding._asdict()} for file, finding in placed]))
    elif form == "sarif":
        click.echo(as_json(_sarif(placed)))
    else:
        for file, finding in placed:
            for line in _told(file, finding):
                say(line)
        errors = sum(finding.level == "error" for _, finding in placed)
        click.echo(f"{errors} errors, {len(placed) - errors} warnings")
    return 1 if placed else 0


def _findings(path: Path, guests: bool) -> list[Finding]:
    try:
        found = policies_in(text_of(path))
    except ConfigurationError as error:
        message = str(error)
        if message.startswith("`"):
            raise
        raise ConfigurationError(f"`{path}`: {message}", hint=error.hint) from None
    about = [finding for each in found for finding in findings_about(each, for_guests=guests)]
    return sorted(about, key=lambda finding: finding.line)


def _told(file: str, finding: Finding) -> tuple[str, str]:
    where = [f"`{finding.policy}`"] if finding.policy else []
    where += [f"statement {finding.statement + 1}"] if finding.statement is not None else []
    place = f" {', '.join(where)}:" if where else ""
    head = f"{file}:{finding.line}: {finding.level}:{place} {finding.message} [{finding.rule}]"
    return head, f"  fix: {finding.fix}"


def _sarif(placed: list[_Placed]) -> dict[str, Any]:
    """SARIF 2.1.0, which code hosts show beside the lines.

    Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    """
    rules = [{"id": name, "shortDescription": {"text": text}} for name, text in RULES.items()]
    driver = {"name": "gatepass", "version": __version__, "rules": rules}
    results = [
        {
            "ruleId": finding.rule,
            "level": finding.level,
            "message": {"text": f"{finding.message}; fix: {finding.fix}"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": Path(file).as_posix()},
                        "region": {"startLine": finding.line},
                    }
                }
            ],
        }
        for file, finding in placed
    ]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
