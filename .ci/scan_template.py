"""Compares what checkov advises for template.yaml with .ci/template-exceptions.toml.

Ends with an error if checkov advises something for which there is no exception, or if an exception is not needed.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

from samcli.yamlhelper import yaml_dump, yaml_parse

TEMPLATE = Path("template.yaml")
EXCEPTIONS = Path(".ci/template-exceptions.toml")


def main():
    report = scan()
    found = report["results"]["failed_checks"]
    failed = {(check["check_id"], check["resource"]): check["check_name"] for check in found}
    passed = report["summary"]["passed"]
    # A template that was not understood has nothing to object to.
    if report["summary"]["parsing_errors"] or passed < 50:
        sys.exit(f"checkov did not read the template: {report['summary']}")

    exceptions = tomllib.loads(EXCEPTIONS.read_text())
    complaints, needed = [], set()
    for (check, resource), name in sorted(failed.items()):
        exception = exceptions.get(check)
        if exception and fnmatchcase(resource, exception["resources"]):
            needed.add(check)
        else:
            complaints.append(f"{check} {resource}: {name}")
    complaints += [f"{EXCEPTIONS}: {check} is not needed any more" for check in exceptions if check not in needed]
    if complaints:
        sys.exit("\n".join(complaints))
    print(f"    checkov: {passed} checks passed, {len(failed)} excepted for {len(needed)} reasons")


def scan():
    """What checkov says of the template as `sam build` writes it, without anchors, which checkov does not read."""
    with tempfile.TemporaryDirectory() as folder:
        written_out = Path(folder, TEMPLATE.name)
        written_out.write_text(yaml_dump(yaml_parse(TEMPLATE.read_text())))
        ran = subprocess.run(
            ["checkov", "--file", written_out, "--framework", "cloudformation", "--skip-download", "--output", "json"],
            stdout=subprocess.PIPE, text=True, check=False,
        )
    return json.loads(ran.stdout)


main()
