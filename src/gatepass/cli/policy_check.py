"""`gatepass policy check`: what is wrong with policies, before AWS or an attacker finds out."""

from __future__ import annotations

from pathlib import Path

import click

from gatepass.advice.app_routes import routes_in
from gatepass.advice.findings import RULES, Api, Finding, findings_in
from gatepass.advice.found import stack_in
from gatepass.advice.known import nearest
from gatepass.advice.reading import Reading, read
from gatepass.cli.policy_files import about_file, as_json, text_of
from gatepass.cli.policy_sarif import place, sarif
from gatepass.cli.pool_plan import Api as ApiStage
from gatepass.cli.saying import counted, say
from gatepass.errors import ConfigurationError


def _rules(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> frozenset[str]:
    for name in given:
        if name not in RULES:
            near = nearest(name, RULES)
            raise click.BadParameter(f"there is no rule `{name}`" + (f"; did you mean `{near}`?" if near else ""))
    return frozenset(given)


@click.command(epilog="Example: gatepass policy check template.yaml --app . --ignore no-trailing-slash")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--guests", is_flag=True, help="The policies are of a role for guests, though the files do not say so.")
@click.option(
    "--app",
    metavar="APP",
    help="The app that the policies are about: a Chalice project's folder, `module:attribute`, a template or an "
    "OpenAPI document. Default: the API of the template itself, if it has one.",
)
@click.option("--api", metavar="API_ID/STAGE", help="The app's API on AWS; the policies must name it.")
@click.option(
    "--ignore", metavar="RULE", multiple=True, callback=_rules, help="Leave out what a rule finds. Repeatable."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True, help="Output."
)
@click.option("--json", "json_wanted", is_flag=True, help="As --format json.")
def check(
    files: tuple[Path, ...],
    guests: bool,
    app: str | None,
    api: str | None,
    ignore: frozenset[str],
    form: str,
    json_wanted: bool,
) -> int:
    """Say what is wrong with the policies in FILEs.

    That is what AWS refuses to save, what does not do what it says, and what goes wrong with identity pools. A file is
    a policy document or a list of them, what `gatepass role show --json` or `gatepass pool show --json` prints, a
    CloudFormation or SAM template, or Terraform in JSON. The rules are listed in docs/reference/findings.md. Exit
    status: 1 if there are errors or warnings, 0 otherwise.
    """
    served = _api(app, api)
    placed = [
        (str(path), finding)
        for path in files
        for finding in _findings(path, guests, served)
        if finding.rule not in ignore
    ]
    if json_wanted or form == "json":
        click.echo(as_json([{"file": file, **finding._asdict()} for file, finding in placed]))
    elif form == "sarif":
        click.echo(as_json(sarif(placed)))
    else:
        for file, finding in placed:
            for line in _told(file, finding):
                say(line)
        click.echo(_counted([finding for _, finding in placed]))
    return 1 if any(finding.level != "note" for _, finding in placed) else 0


def _api(app: str | None, api: str | None) -> Api | None:
    """The app that was named, and where it is, if that was named too."""
    if app is None and api is None:
        return None
    from gatepass.cli.app_api import api_of_app

    stage = None if api is None else ApiStage.parse(api)
    routes = api_of_app(app, stage, region=None, account=None).routes
    return Api(routes) if stage is None else Api(routes, stage.api_id, stage.stage)


def _findings(path: Path, guests: bool, api: Api | None) -> list[Finding]:
    text = text_of(path)
    with about_file(path):
        reading = read(text)
        stack = stack_in(reading)
    return findings_in(stack, for_guests=guests, api=api or _own(reading))


def _own(reading: Reading) -> Api | None:
    """The API of the template itself, whose id nobody knows before it is deployed."""
    try:
        return Api(routes_in(reading), unnamed=True)
    except ConfigurationError:
        return None


def _told(file: str, finding: Finding) -> tuple[str, str]:
    where = place(finding)
    head = f"{file}:{finding.line}: {finding.level}:{f' {where}:' if where else ''} {finding.message} [{finding.rule}]"
    return head, f"  fix: {finding.fix}"


def _counted(findings: list[Finding]) -> str:
    counts = {level: sum(finding.level == level for finding in findings) for level in ("error", "warning", "note")}
    return ", ".join(counted(number, level) for level, number in counts.items() if number or level != "note")
